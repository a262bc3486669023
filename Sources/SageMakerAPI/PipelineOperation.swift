internal import JSON

/// An operation of the SageMaker API that Hookline or its emulator knows, as AWS's model describes
/// it.
///
/// The model is the data file `pipeline-operations.json`, cut from botocore's by
/// `Tests/Interoperability/cut_model.py`: a member that AWS adds is a change of that file alone, and
/// so is an operation.
package struct PipelineOperation: RawRepresentable, Hashable, Sendable, CaseIterable {
    /// AWS's name, such as `StartPipelineExecution`.
    package let rawValue: String

    /// - Returns: Nil for an operation that the model does not have.
    package init?(rawValue: String) {
        guard LoadedModel.shared.operations[rawValue] != nil else { return nil }
        self.rawValue = rawValue
    }

    private init(known name: String) {
        precondition(
            LoadedModel.shared.operations[name] != nil, "the model has no operation \(name)")
        rawValue = name
    }

    package static let startPipelineExecution = Self(known: "StartPipelineExecution")
    package static let describePipeline = Self(known: "DescribePipeline")
    package static let describePipelineExecution = Self(known: "DescribePipelineExecution")
    package static let listPipelineExecutions = Self(known: "ListPipelineExecutions")
    package static let listPipelineExecutionSteps = Self(known: "ListPipelineExecutionSteps")
    package static let stopPipelineExecution = Self(known: "StopPipelineExecution")
    package static let retryPipelineExecution = Self(known: "RetryPipelineExecution")
    package static let sendPipelineExecutionStepSuccess = Self(
        known: "SendPipelineExecutionStepSuccess")
    package static let sendPipelineExecutionStepFailure = Self(
        known: "SendPipelineExecutionStepFailure")

    /// All that the model has, by name.
    package static let allCases = LoadedModel.shared.operations.keys.sorted().map(Self.init(known:))

    /// The value of `X-Amz-Target`.
    package var target: String { Self.targetPrefix + rawValue }

    /// - Parameter target: The value of `X-Amz-Target`, such as `SageMaker.DescribePipeline`.
    package init?(target: String) {
        guard target.hasPrefix(Self.targetPrefix) else { return nil }
        self.init(rawValue: String(target.dropFirst(Self.targetPrefix.count)))
    }

    /// The shape of a request.
    package var input: Shape { model.input }

    /// What a reply to a request that was carried out may be.
    var output: ReplyShape { model.output }

    /// The codes of the operation's own errors, all of which are HTTP 400.
    package var errorCodes: [String] { model.errorCodes }

    /// All that AWS's model has against a request, and what its members have against each other.
    /// - Parameter region: The region the request will be sent to, where it is known.
    package func violations(
        in request: RequestValue, region: String? = nil
    ) -> [ShapeViolation] {
        if self == .startPipelineExecution {
            return StartPipelineExecution.violations(in: request, region: region)
        }
        return input.violations(in: request) + versionViolations(in: request)
            + regionViolations(in: request, region: region)
    }

    /// A request with an idempotency token, where its operation has one and nobody gave any: the
    /// service then takes what is sent again for the same request, as the SDKs have it.
    /// - Parameter token: 32...128 characters, never used before.
    package func identified(_ request: RequestValue, token: String) -> RequestValue {
        guard case .structure(var members) = request, case .structure(let known) = input.kind,
            let member = known.first(where: \.isIdempotencyToken), request[member.name] == nil
        else { return request }
        members.append(RequestMember(name: member.name, value: .string(token)))
        return .structure(members)
    }

    private static let targetPrefix = LoadedModel.shared.targetPrefix + "."

    private var model: LoadedModel.Operation {
        guard let model = LoadedModel.shared.operations[rawValue] else {
            preconditionFailure("the model has no \(rawValue)")
        }
        return model
    }
}

/// A pipeline's version is named by its number or by an alias, not by both.
func versionViolations(in request: RequestValue) -> [ShapeViolation] {
    guard request["PipelineVersionId"] != nil, request["PipelineVersionAlias"] != nil else {
        return []
    }
    return [ShapeViolation(path: "PipelineVersionAlias", message: "excludes PipelineVersionId")]
}

/// Resource names that are in another region than the one a request goes to.
func regionViolations(in request: RequestValue, region: String?) -> [ShapeViolation] {
    var violations: [ShapeViolation] = []
    for name in ["PipelineName", "PipelineExecutionArn"] {
        guard let text = request[name]?.text, let found = regionPart(of: text), !isRegion(found)
        else { continue }
        violations.append(
            ShapeViolation(
                path: name,
                message: "must have a region such as eu-west-1 (a-z, 0-9 and -, at most "
                    + "\(SageMakerAPILimits.regionMax)), has \"\(printable(found))\""))
    }
    guard let region, violations.isEmpty else { return violations }
    let pipeline = request["PipelineName"]?.text.flatMap(PipelineARN.init)
    if let pipeline, pipeline.region != region {
        violations.append(.elsewhere("PipelineName", pipeline.region, region))
    }
    let execution = request["PipelineExecutionArn"]?.text.flatMap(PipelineExecutionARN.init)
    if let execution, execution.region != region {
        violations.append(.elsewhere("PipelineExecutionArn", execution.region, region))
    }
    return violations
}

/// What stands where a resource name has its region, which the model's patterns let be anything; nil
/// for what is no such name.
private func regionPart(of text: String) -> String? {
    guard text.utf8.starts(with: "arn:".utf8) else { return nil }
    let parts = text.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
    return parts.count > 4 ? String(parts[3]) : nil
}

extension ShapeViolation {
    static func elsewhere(_ path: String, _ found: String, _ region: String) -> ShapeViolation {
        ShapeViolation(path: path, message: "is in \(found), but the request goes to \(region)")
    }
}

/// The operations of the data file.
struct LoadedModel: Sendable {
    struct Operation: Sendable {
        let input: Shape
        let output: ReplyShape
        let errorCodes: [String]
    }

    static let shared: LoadedModel = {
        do throws(SageMakerAPIError) {
            return try LoadedModel(PackageResources.pipeline_operations_json)
        } catch {
            // The file is part of the build, and the tests read it.
            preconditionFailure(error.description)
        }
    }()

    let operations: [String: Operation]
    /// What stands before an operation's name in `X-Amz-Target`.
    let targetPrefix: String

    init(_ text: [UInt8]) throws(SageMakerAPIError) {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: text)
        } catch {
            throw .brokenModel(reason: error.description)
        }
        let model = try ShapeModel(document.root)
        guard let prefix = document.root.at("metadata", "targetPrefix")?.string else {
            throw .brokenModel(reason: "no targetPrefix")
        }
        targetPrefix = prefix
        var operations: [String: Operation] = [:]
        guard let described = document.root["operations"] else {
            throw .brokenModel(reason: "no operations")
        }
        for (key, json) in described.members {
            let name = key.string ?? ""
            guard let input = json.at("input", "shape")?.string else {
                throw .brokenModel(reason: "\(name) has no input")
            }
            let output = json.at("output", "shape")?.string
            operations[name] = Operation(
                input: try model.shape(named: input),
                output: try output.map { (output) throws(SageMakerAPIError) in
                    try model.replyShape(named: output)
                } ?? .structure([:]),
                errorCodes: json["errors"]?.elements.compactMap { $0["shape"]?.string } ?? [])
        }
        self.operations = operations
    }
}
