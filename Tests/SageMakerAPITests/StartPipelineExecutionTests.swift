import SageMakerAPI
import Testing

@Suite struct StartPipelineExecutionTests {
    private func request(_ members: [(String, RequestValue)]) -> RequestValue {
        .structure(
            [
                RequestMember(
                    name: "ClientRequestToken", value: .string(String(repeating: "0", count: 32)))
            ]
                + members.map { RequestMember(name: $0.0, value: $0.1) })
    }

    private let arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn"

    @Test func `a version number and a version alias exclude each other`() {
        let alias = ("PipelineVersionAlias", RequestValue.string("blue"))
        let number = ("PipelineVersionId", RequestValue.integer(3))
        let name = ("PipelineName", RequestValue.string("churn"))
        #expect(StartPipelineExecution.violations(in: request([name, alias])) == [])
        #expect(StartPipelineExecution.violations(in: request([name, number])) == [])
        #expect(
            StartPipelineExecution.violations(in: request([name, alias, number])) == [
                ShapeViolation(
                    path: "PipelineVersionAlias", message: "excludes PipelineVersionId")
            ])
    }

    @Test func `the pipeline's region is the request's`() {
        let named = request([("PipelineName", .string(arn))])
        #expect(StartPipelineExecution.region(of: named) == "eu-west-1")
        #expect(StartPipelineExecution.region(of: request([("PipelineName", .string("a"))])) == nil)
        #expect(StartPipelineExecution.violations(in: named) == [])
        #expect(StartPipelineExecution.violations(in: named, region: "eu-west-1") == [])
        #expect(
            StartPipelineExecution.violations(in: named, region: "us-east-1") == [
                ShapeViolation(
                    path: "PipelineName",
                    message: "is in eu-west-1, but the request goes to us-east-1")
            ])
    }

    @Test func `a role is for pipelines that AWS manages, and they need one`() {
        let role = ("RoleArn", RequestValue.string("arn:aws:iam::123456789012:role/runner"))
        let own = ("PipelineName", RequestValue.string(arn))
        let managed = (
            "PipelineName", RequestValue.string("arn:aws:sagemaker:eu-west-1:aws:pipeline/churn")
        )
        #expect(StartPipelineExecution.violations(in: request([own])) == [])
        #expect(StartPipelineExecution.violations(in: request([managed, role])) == [])
        #expect(
            StartPipelineExecution.violations(in: request([own, role])).map(\.description) == [
                "RoleArn: must be left out, as the pipeline is no managed one of AWS and has a role "
                    + "of its own"
            ])
        #expect(
            StartPipelineExecution.violations(in: request([managed])).map(\.description)
                == ["RoleArn: is required, as AWS manages the pipeline"])
        // A name alone does not tell whose pipeline it is.
        let name = ("PipelineName", RequestValue.string("churn"))
        #expect(StartPipelineExecution.violations(in: request([name])) == [])
        #expect(StartPipelineExecution.violations(in: request([name, role])) == [])
    }

    @Test func `a source execution is of the same region`() {
        func selective(_ region: String, pipeline: String) -> RequestValue {
            let source = "arn:aws:sagemaker:\(region):123456789012:pipeline/churn/execution/abc"
            let step = RequestMember(name: "StepName", value: .string("train"))
            return request([
                ("PipelineName", .string(pipeline)),
                (
                    "SelectiveExecutionConfig",
                    .structure([
                        RequestMember(name: "SourcePipelineExecutionArn", value: .string(source)),
                        RequestMember(name: "SelectedSteps", value: .list([.structure([step])])),
                    ])
                ),
            ])
        }
        #expect(
            StartPipelineExecution.violations(in: selective("eu-west-1", pipeline: arn)) == [])
        #expect(
            StartPipelineExecution.violations(in: selective("us-east-1", pipeline: "churn")) == [])
        let mismatch = [
            ShapeViolation(
                path: "SelectiveExecutionConfig.SourcePipelineExecutionArn",
                message: "is in us-east-1, but the request goes to eu-west-1")
        ]
        #expect(
            StartPipelineExecution.violations(in: selective("us-east-1", pipeline: arn))
                == mismatch)
        #expect(
            StartPipelineExecution.violations(
                in: selective("us-east-1", pipeline: "churn"), region: "eu-west-1") == mismatch)
    }

    @Test func `reads the names of pipelines`() throws {
        let parsed = try #require(PipelineARN(arn))
        #expect(parsed.partition == "aws")
        #expect(parsed.region == "eu-west-1")
        #expect(parsed.account == "123456789012")
        #expect(parsed.name == "churn")
        #expect(PipelineARN("arn:aws:sagemaker:eu-west-1:aws:pipeline/managed")?.account == "aws")
    }

    @Test(arguments: [
        "", "churn", "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/",
        "arn:aws:sagemaker::123456789012:pipeline/churn",
        "arn:aws:sagemaker:EU-west-1:123456789012:pipeline/churn",
        "arn:aws:iam:eu-west-1:123456789012:pipeline/churn",
        "arn:gcp:sagemaker:eu-west-1:123456789012:pipeline/churn",
        "arn:aws:sagemaker:eu-west-1:12345678901:pipeline/churn",
        "arn:aws:sagemaker:eu-west-1:1234567890123:pipeline/churn",
        "arn:aws:sagemaker:eu-west-1:123456789012:model/churn",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn/execution/abc",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/ch urn",
        "arn:aws:sagemaker:eu-west-1:123456789012",
    ])
    func `refuses what names no pipeline`(text: String) {
        #expect(PipelineARN(text) == nil)
    }

    @Test func `reads the names of executions`() throws {
        let text = "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:pipeline/c/execution/abc"
        let parsed = try #require(PipelineExecutionARN(text))
        #expect(parsed.partition == "aws-us-gov")
        #expect(parsed.region == "us-gov-west-1")
        #expect(parsed.account == "123456789012")
        #expect(parsed.pipelineName == "c")
        #expect(parsed.executionID == "abc")
        let front = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/c/execution/"
        let longest = String(repeating: "x", count: 2048 - front.utf8.count)
        #expect(PipelineExecutionARN(front + longest) != nil)
        #expect(PipelineExecutionARN(front + longest + "x") == nil)
    }

    @Test(arguments: [
        "", "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn/execution/",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline//execution/abc",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn/execution/abc/d",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn/executions/abc",
        "arn:aws:sagemaker:eu-west-1:aws:pipeline/churn/execution/abc",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn/execution/a\nb",
    ])
    func `refuses what names no execution`(text: String) {
        #expect(PipelineExecutionARN(text) == nil)
    }
}
