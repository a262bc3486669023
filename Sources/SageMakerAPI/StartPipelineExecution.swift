/// The operation that starts one execution of a pipeline, as AWS's model describes it.
package enum StartPipelineExecution {
    /// The value of `X-Amz-Target`.
    package static let target = PipelineOperation.startPipelineExecution.target
    /// The value of `Content-Type`: AWS's JSON protocol 1.1.
    package static let contentType = "application/x-amz-json-1.1"
    /// The service's name in a credential scope.
    package static let signingName = "sagemaker"

    /// The shape of a request.
    package static let input = PipelineOperation.startPipelineExecution.input

    /// All that AWS's model has against a request, and what its members have against each other.
    /// - Parameter region: The region the request will be sent to, where it is known.
    package static func violations(
        in request: RequestValue, region: String? = nil
    ) -> [ShapeViolation] {
        var violations = input.violations(in: request) + versionViolations(in: request)
        violations += regionViolations(in: request, region: region)
        let pipeline = request["PipelineName"]?.text.flatMap(PipelineARN.init)
        violations += roleViolations(of: pipeline, in: request)
        let source = request["SelectiveExecutionConfig"]?["SourcePipelineExecutionArn"]?.text
        if let source = source.flatMap(PipelineExecutionARN.init),
            let region = pipeline?.region ?? region, source.region != region
        {
            violations.append(
                .elsewhere(
                    "SelectiveExecutionConfig.SourcePipelineExecutionArn", source.region, region))
        }
        return violations
    }

    /// A pipeline that AWS manages runs with a role of ours, and one of our own with its own. A name
    /// that is no ARN does not tell which it is, and the service then says.
    /// Source: the model's documentation of RoleArn.
    private static func roleViolations(
        of pipeline: PipelineARN?, in request: RequestValue
    ) -> [ShapeViolation] {
        guard let pipeline, pipeline.isManaged != (request["RoleArn"] != nil) else { return [] }
        let message =
            pipeline.isManaged
            ? "is required, as AWS manages the pipeline"
            : "must be left out, as the pipeline is no managed one of AWS and has a role of its own"
        return [ShapeViolation(path: "RoleArn", message: message)]
    }

    /// The region that a request names by the ARN of its pipeline, or nil.
    package static func region(of request: RequestValue) -> String? {
        request["PipelineName"]?.text.flatMap(PipelineARN.init)?.region
    }
}
