internal import SageMakerAPI

/// An operation of the SageMaker API that the emulator carries out.
package enum EmulatedOperation: String, Sendable, CaseIterable {
    case start = "StartPipelineExecution"
    case describeExecution = "DescribePipelineExecution"
    case describePipeline = "DescribePipeline"
    case stop = "StopPipelineExecution"

    /// - Parameter target: The value of `X-Amz-Target`, such as `SageMaker.DescribePipeline`.
    init?(target: String) {
        let prefix = "SageMaker."
        guard target.hasPrefix(prefix) else { return nil }
        self.init(rawValue: String(target.dropFirst(prefix.count)))
    }

    /// All that AWS's model has against a request.
    func violations(in request: RequestValue, region: String) -> [ShapeViolation] {
        switch self {
        case .start: StartPipelineExecution.violations(in: request, region: region)
        case .describeExecution: Self.describeExecutionInput.violations(in: request)
        case .describePipeline: Self.describePipelineInput.violations(in: request)
        case .stop: Self.stopInput.violations(in: request)
        }
    }

    private static let describeExecutionInput = structure(
        "DescribePipelineExecutionRequest", [("PipelineExecutionArn", executionARN, true)])

    private static let describePipelineInput = structure(
        "DescribePipelineRequest",
        [
            ("PipelineName", known(startInput, "PipelineName"), true),
            ("PipelineVersionId", known(startInput, "PipelineVersionId"), false),
            ("PipelineVersionAlias", known(startInput, "PipelineVersionAlias"), false),
        ])

    private static let stopInput = structure(
        "StopPipelineExecutionRequest",
        [
            ("PipelineExecutionArn", executionARN, true),
            ("ClientRequestToken", known(startInput, "ClientRequestToken"), true),
        ])

    // The neighbours' members have the same shapes as members of StartPipelineExecution, so its
    // model file serves them too.
    private static let startInput = StartPipelineExecution.input
    private static let executionARN = known(
        known(startInput, "SelectiveExecutionConfig"), "SourcePipelineExecutionArn")

    private static func known(_ shape: Shape, _ name: String) -> Shape {
        guard let member = shape.member(name) else {
            preconditionFailure("the model of StartPipelineExecution has no \(name)")
        }
        return member.shape
    }

    private static func structure(
        _ name: String, _ members: [(name: String, shape: Shape, isRequired: Bool)]
    ) -> Shape {
        let members = members.map {
            ShapeMember(
                name: $0.name, shape: $0.shape, isRequired: $0.isRequired,
                isIdempotencyToken: $0.name == "ClientRequestToken")
        }
        do throws(SageMakerAPIError) {
            return try Shape(name: name, kind: .structure(members))
        } catch {
            preconditionFailure("a structure has no pattern that could be refused: \(error)")
        }
    }
}
