internal import OpenSSLCrypto
internal import SageMakerAPI

/// A request to the service, as far as it could be read.
struct ServiceCall {
    /// What of it is told in the journal, whether or not it can be carried out.
    var trace = CallTrace()
    /// What is to be done, or why it cannot be.
    var request: Result<ServiceRequest, ServiceRefusal>
}

/// What a request says of itself.
struct CallTrace: Sendable {
    var operation: String?
    var region: String?
    var accessKeyID: String?
    var token: String?
    /// The pipeline's name, also where its ARN was given.
    var pipeline: String?
    var parameters: [PipelineParameter] = []
    /// Whether its connection had carried a request before.
    var isOnReusedConnection = false
}

/// A request that passed the signature check and the model.
enum ServiceRequest {
    case start(StartRequest)
    case describeExecution(arn: String)
    case describePipeline(PipelineID, alias: String?)
    case stop(arn: String, token: String)
    case retry(arn: String, token: String)
    case listExecutions(ListRequest)
    case listSteps(StepListRequest)
    case completeStep(StepCompletionRequest)
    case createPipeline(CreateRequest)

    var operation: EmulatedOperation {
        switch self {
        case .start: .start
        case .describeExecution: .describeExecution
        case .describePipeline: .describePipeline
        case .stop: .stop
        case .retry: .retry
        case .listExecutions: .listExecutions
        case .listSteps: .listSteps
        case .completeStep(let request): request.operation
        case .createPipeline: .createPipeline
        }
    }
}

/// A ListPipelineExecutions request.
struct ListRequest {
    let pipeline: PipelineID
    /// PipelineVersionAlias.
    let alias: String?
    /// 1...100.
    let countMax: Int
    let isAscending: Bool
    /// Whether executions are in the order of their ARNs, and not of their creation.
    let isByARN: Bool
    /// The ARN behind which the page begins, as an earlier page's NextToken has it.
    let after: String?
    /// Seconds since 1970, as replies have them.
    let createdAfter: Double?
    let createdBefore: Double?

    init(_ request: RequestValue, pipeline: PipelineID) {
        self.pipeline = pipeline
        alias = request["PipelineVersionAlias"]?.text
        countMax = request["MaxResults"]?.integer.map(Int.init) ?? 100
        isAscending = request["SortOrder"]?.text == "Ascending"
        isByARN = request["SortBy"]?.text == "PipelineExecutionArn"
        after = request["NextToken"]?.text
        createdAfter = request["CreatedAfter"]?.seconds
        createdBefore = request["CreatedBefore"]?.seconds
    }

    /// Whether an execution of the pipeline is asked for.
    func includes(_ execution: Execution) -> Bool {
        let createdAt = execution.createdAtSeconds
        return createdAfter.map { createdAt > $0 } ?? true
            && createdBefore.map { createdAt < $0 } ?? true
            && alias.map { $0 == execution.alias } ?? true
    }
}

/// One parameter of a start.
package struct PipelineParameter: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A StartPipelineExecution request.
struct StartRequest {
    let pipeline: PipelineID
    /// Who starts it, and so has the execution.
    let account: String
    let token: String
    let parameters: [PipelineParameter]
    /// What DescribePipelineExecution gives back.
    let described: [RequestMember]
    /// PipelineVersionAlias.
    let alias: String?
    /// The names of the only steps that are to run; nil for all.
    let selectedSteps: Set<String>?
    let fingerprint: StartFingerprint

    init(_ request: RequestValue, pipeline: PipelineID, account: String, token: String) {
        self.pipeline = pipeline
        self.account = account
        self.token = token
        parameters = PipelineParameter.all(in: request)
        described = Self.described(request, isManaged: pipeline.isManaged)
        alias = request["PipelineVersionAlias"]?.text
        selectedSteps = request["SelectiveExecutionConfig"].flatMap { config in
            guard case .list(let steps) = config["SelectedSteps"] else { return nil }
            return Set(steps.compactMap { $0["StepName"]?.text })
        }
        fingerprint = StartFingerprint(request, pipeline: pipeline)
    }

    /// The members of DescribePipelineExecution's reply that a start decides, but for the alias.
    private static func described(_ request: RequestValue, isManaged: Bool) -> [RequestMember] {
        var same: Set<String> = [
            "PipelineExecutionDisplayName", "PipelineExecutionDescription",
            "ParallelismConfiguration", "SelectiveExecutionConfig", "PipelineVersionId",
        ]
        // The model: only of executions of a pipeline that AWS manages.
        if isManaged { same.insert("RoleArn") }
        var described = request.members.filter { same.contains($0.name) }
        if let name = request["MlflowExperimentName"] {
            described.append(
                RequestMember(
                    name: "MLflowConfig",
                    value: .structure([RequestMember(name: "MlflowExperimentName", value: name)])))
        }
        return described
    }
}

/// What must be the same for two requests with one token to be one.
struct StartFingerprint: Sendable {
    let pipeline: PipelineID
    private let parameters: [UInt8]
    private let rest: [UInt8]

    init(_ request: RequestValue, pipeline: PipelineID) {
        self.pipeline = pipeline
        let asides: Set<String> = ["PipelineName", "ClientRequestToken", "PipelineParameters"]
        parameters = (request["PipelineParameters"] ?? .list([])).digest
        rest = RequestValue.structure(request.members.filter { !asides.contains($0.name) }).digest
    }

    /// What of an earlier request differs, or nil where nothing does.
    func difference(from earlier: StartFingerprint) -> String? {
        if pipeline != earlier.pipeline { return "another pipeline" }
        if parameters != earlier.parameters { return "other PipelineParameters" }
        return rest == earlier.rest ? nil : "other members"
    }
}

extension PipelineParameter {
    /// The parameters of a request, those that are none left out.
    static func all(in request: RequestValue) -> [PipelineParameter] {
        all(in: request["PipelineParameters"])
    }

    /// The pairs of a list of `Name` and `Value`; none for a missing one.
    static func all(in list: RequestValue?) -> [PipelineParameter] {
        guard case .list(let elements) = list else { return [] }
        return elements.compactMap { element in
            guard let name = element["Name"]?.text, let value = element["Value"]?.text else {
                return nil
            }
            return PipelineParameter(name: name, value: value)
        }
    }
}

extension RequestValue {
    var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    /// The number of a timestamp.
    fileprivate var seconds: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .string, .boolean, .list, .structure: nil
        }
    }

    /// A hash that does not depend on the order of members, since JSON's have none.
    var digest: [UInt8] { sha256(inOrder.encoded()) }

    private var inOrder: RequestValue {
        switch self {
        case .string, .integer, .number, .boolean: self
        case .list(let elements): .list(elements.map(\.inOrder))
        case .structure(let members):
            .structure(
                members.map { RequestMember(name: $0.name, value: $0.value.inOrder) }
                    .sorted { $0.name < $1.name })
        }
    }

    /// The members of a structure; none for any other kind.
    var members: [RequestMember] {
        guard case .structure(let members) = self else { return [] }
        return members
    }
}
