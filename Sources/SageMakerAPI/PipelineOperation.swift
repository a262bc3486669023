internal import JSON

/// An operation of the SageMaker API that Hookline or its emulator knows, as AWS's model describes
/// it.
///
/// The model is the data file `pipeline-operations.json`, cut from botocore's: a member that AWS
/// adds is a change of that file alone.
package enum PipelineOperation: String, Sendable, CaseIterable {
    case startPipelineExecution = "StartPipelineExecution"
    case describePipeline = "DescribePipeline"
    case describePipelineExecution = "DescribePipelineExecution"
    case listPipelineExecutions = "ListPipelineExecutions"
    case listPipelineExecutionSteps = "ListPipelineExecutionSteps"
    case stopPipelineExecution = "StopPipelineExecution"
    case retryPipelineExecution = "RetryPipelineExecution"
    case sendPipelineExecutionStepSuccess = "SendPipelineExecutionStepSuccess"
    case sendPipelineExecutionStepFailure = "SendPipelineExecutionStepFailure"
    case createPipeline = "CreatePipeline"

    /// The value of `X-Amz-Target`.
    package var target: String { Self.targetPrefix + rawValue }

    /// - Parameter target: The value of `X-Amz-Target`, such as `SageMaker.DescribePipeline`.
    package init?(target: String) {
        guard target.hasPrefix(Self.targetPrefix) else { return nil }
        self.init(rawValue: String(target.dropFirst(Self.targetPrefix.count)))
    }

    /// The shape of a request.
    package var input: Shape { model.input }

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

    private static let targetPrefix = "SageMaker."

    private var model: LoadedModel.Operation {
        guard let model = LoadedModel.shared.operations[self] else {
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
    guard let region else { return [] }
    var violations: [ShapeViolation] = []
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

extension ShapeViolation {
    static func elsewhere(_ path: String, _ found: String, _ region: String) -> ShapeViolation {
        ShapeViolation(path: path, message: "is in \(found), but the request goes to \(region)")
    }
}

/// The operations of the data file.
struct LoadedModel: Sendable {
    struct Operation: Sendable {
        let input: Shape
        /// Only where the reply is checked against the model.
        let output: Shape?
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

    let operations: [PipelineOperation: Operation]

    init(_ text: [UInt8]) throws(SageMakerAPIError) {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: text)
        } catch {
            throw .brokenModel(reason: error.description)
        }
        let model = try ShapeModel(document.root)
        var operations: [PipelineOperation: Operation] = [:]
        for operation in PipelineOperation.allCases {
            guard let json = document.root["operations"]?[operation.rawValue],
                let input = json.at("input", "shape")?.string
            else { throw .brokenModel(reason: "no operation \(operation.rawValue)") }
            let output = json.at("output", "shape")?.string
            operations[operation] = Operation(
                input: try model.shape(named: input),
                output: try output.map { (name) throws(SageMakerAPIError) in
                    try model.shape(named: name)
                },
                errorCodes: json["errors"]?.elements.compactMap { $0["shape"]?.string } ?? [])
        }
        self.operations = operations
    }
}
