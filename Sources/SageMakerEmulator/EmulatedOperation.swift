internal import SageMakerAPI

/// An operation of the SageMaker API that the emulator carries out.
package enum EmulatedOperation: String, Sendable, CaseIterable {
    case start = "StartPipelineExecution"
    case describeExecution = "DescribePipelineExecution"
    case describePipeline = "DescribePipeline"
    case stop = "StopPipelineExecution"
    case retry = "RetryPipelineExecution"
    case listExecutions = "ListPipelineExecutions"
    case listSteps = "ListPipelineExecutionSteps"
    case sendStepSuccess = "SendPipelineExecutionStepSuccess"
    case sendStepFailure = "SendPipelineExecutionStepFailure"
    case createPipeline = "CreatePipeline"

    /// - Parameter target: The value of `X-Amz-Target`, such as `SageMaker.DescribePipeline`.
    init?(target: String) {
        guard let operation = PipelineOperation(target: target) else { return nil }
        self.init(rawValue: operation.rawValue)
    }

    /// All that AWS's model has against a request.
    func violations(in request: RequestValue, region: String) -> [ShapeViolation] {
        guard let operation = PipelineOperation(rawValue: rawValue) else {
            preconditionFailure("the model has no \(rawValue)")
        }
        // An execution of another region is not found; only a start is compared with its region.
        return operation.violations(in: request, region: self == .start ? region : nil)
    }
}
