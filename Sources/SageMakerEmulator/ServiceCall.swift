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
    case describePipeline(name: String, alias: String?)
    case stop(arn: String, token: String)
    case retry(arn: String, token: String)
    case listExecutions(ListRequest)
    case listSteps(StepListRequest)
    case completeStep(StepCompletionRequest)
    /// The definition is a JSON text, or empty where it is said to be in S3.
    case createPipeline(name: String, definition: String, aliases: Set<String>)

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
    let pipeline: String
    /// 1...100.
    let countMax: Int
    let isAscending: Bool
    /// The ARN behind which the page begins, as an earlier page's NextToken has it.
    let after: String?
    /// Milliseconds since 1970.
    let createdAfter: Int64?
    let createdBefore: Int64?

    init(_ request: RequestValue, pipeline: String) {
        self.pipeline = pipeline
        countMax = request["MaxResults"]?.number.map(Int.init) ?? 100
        isAscending = request["SortOrder"]?.text == "Ascending"
        after = request["NextToken"]?.text
        createdAfter = request["CreatedAfter"]?.number.map { $0 * 1000 }
        createdBefore = request["CreatedBefore"]?.number.map { $0 * 1000 }
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
    /// The pipeline's name, also where its ARN was given.
    let pipeline: String
    let token: String
    let parameters: [PipelineParameter]
    /// What DescribePipelineExecution gives back.
    let described: [RequestMember]
    /// PipelineVersionAlias.
    let alias: String?
    /// The names of the only steps that are to run; nil for all.
    let selectedSteps: Set<String>?
    let fingerprint: StartFingerprint

    init(_ request: RequestValue, pipeline: String, token: String) {
        self.pipeline = pipeline
        self.token = token
        parameters = PipelineParameter.all(in: request)
        described = request.members.filter { Self.describedMembers.contains($0.name) }
        alias = request["PipelineVersionAlias"]?.text
        selectedSteps = request["SelectiveExecutionConfig"].flatMap { config in
            guard case .list(let steps) = config["SelectedSteps"] else { return nil }
            return Set(steps.compactMap { $0["StepName"]?.text })
        }
        fingerprint = StartFingerprint(request, pipeline: pipeline)
    }

    private static let describedMembers: Set<String> = [
        "PipelineExecutionDisplayName", "PipelineExecutionDescription",
        "ParallelismConfiguration", "SelectiveExecutionConfig", "PipelineVersionId",
    ]
}

/// What must be the same for two requests with one token to be one.
struct StartFingerprint: Sendable {
    let pipeline: String
    private let parameters: [UInt8]
    private let rest: [UInt8]

    init(_ request: RequestValue, pipeline: String) {
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
    var number: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    /// A hash that does not depend on the order of members, since JSON's have none.
    fileprivate var digest: [UInt8] { sha256(inOrder.encoded()) }

    private var inOrder: RequestValue {
        switch self {
        case .string, .integer, .boolean: self
        case .list(let elements): .list(elements.map(\.inOrder))
        case .structure(let members):
            .structure(
                members.map { RequestMember(name: $0.name, value: $0.value.inOrder) }
                    .sorted { $0.name < $1.name })
        }
    }

    /// The members of a structure; none for any other kind.
    fileprivate var members: [RequestMember] {
        guard case .structure(let members) = self else { return [] }
        return members
    }
}
