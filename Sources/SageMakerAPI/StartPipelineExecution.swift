internal import JSON

/// The operation that starts one execution of a pipeline, as AWS's model describes it.
package enum StartPipelineExecution {
    /// The value of `X-Amz-Target`.
    package static let target = "SageMaker.StartPipelineExecution"
    /// The value of `Content-Type`: AWS's JSON protocol 1.1.
    package static let contentType = "application/x-amz-json-1.1"
    /// The service's name in a credential scope.
    package static let signingName = "sagemaker"

    /// The shape of a request.
    package static let input: Shape = loaded.input
    /// The shape of the reply to a request that was accepted.
    package static let output: Shape = loaded.output

    /// All that AWS's model has against a request, and what its members have against each other.
    /// - Parameter region: The region the request will be sent to, where it is known.
    package static func violations(
        in request: RequestValue, region: String? = nil
    ) -> [ShapeViolation] {
        var violations = input.violations(in: request)
        if request["PipelineVersionId"] != nil, request["PipelineVersionAlias"] != nil {
            violations.append(
                ShapeViolation(
                    path: "PipelineVersionAlias", message: "excludes PipelineVersionId"))
        }
        let pipeline = request["PipelineName"]?.text.flatMap(PipelineARN.init)
        if let pipeline, let region, pipeline.region != region {
            violations.append(
                ShapeViolation(
                    path: "PipelineName",
                    message: "is in \(pipeline.region), but the request goes to \(region)"))
        }
        let source = request["SelectiveExecutionConfig"]?["SourcePipelineExecutionArn"]?.text
        if let source = source.flatMap(PipelineExecutionARN.init),
            let region = pipeline?.region ?? region, source.region != region
        {
            violations.append(
                ShapeViolation(
                    path: "SelectiveExecutionConfig.SourcePipelineExecutionArn",
                    message: "is in \(source.region), but the request goes to \(region)"))
        }
        return violations
    }

    /// The region that a request names by the ARN of its pipeline, or nil.
    package static func region(of request: RequestValue) -> String? {
        request["PipelineName"]?.text.flatMap(PipelineARN.init)?.region
    }

    private static let loaded: (input: Shape, output: Shape) = {
        do throws(SageMakerAPIError) {
            return try load(PackageResources.start_pipeline_execution_json)
        } catch {
            // The file is part of the build, and the tests read it.
            preconditionFailure(error.description)
        }
    }()

    private static func load(
        _ text: [UInt8]
    ) throws(SageMakerAPIError) -> (input: Shape, output: Shape) {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: text)
        } catch {
            throw .brokenModel(reason: error.description)
        }
        let root = document.root
        guard let operation = root.at("operations", "StartPipelineExecution"),
            let input = operation.at("input", "shape")?.string,
            let output = operation.at("output", "shape")?.string
        else { throw .brokenModel(reason: "no operation StartPipelineExecution") }
        let model = try ShapeModel(root)
        return (try model.shape(named: input), try model.shape(named: output))
    }
}
