import JSON
import SageMakerEmulator
import Testing

@Suite struct LifeCycleTests {
    private static func describe(_ arn: String) -> TestRequest {
        TestRequest("DescribePipelineExecution", #"{"PipelineExecutionArn":"\#(arn)"}"#)
    }

    private static func stop(_ arn: String, token: String = TestRequest.token) -> TestRequest {
        TestRequest(
            "StopPipelineExecution",
            #"{"PipelineExecutionArn":"\#(arn)","ClientRequestToken":"\#(token)"}"#)
    }

    private func status(_ fixture: EmulatorFixture, _ arn: String) throws -> String? {
        try fixture.send(Self.describe(arn)).string("PipelineExecutionStatus")
    }

    @Test func `an execution runs for its time and succeeds`() throws {
        let fixture = try EmulatorFixture { $0.executionDuration = .seconds(60) }
        let arn = try #require(try fixture.start().executionARN)
        #expect(try status(fixture, arn) == "Executing")
        fixture.pass(.seconds(59))
        #expect(try status(fixture, arn) == "Executing")
        fixture.pass(.seconds(1))
        let reply = try fixture.send(Self.describe(arn))
        #expect(
            reply.content == #"{"PipelineArn":"arn:aws:sagemaker:eu-west-1:123456789012:pipeline/"#
                + #"churn-training","PipelineExecutionArn":"\#(arn)","#
                + #""PipelineExecutionStatus":"Succeeded","CreationTime":1795233600.25,"#
                + #""LastModifiedTime":1795233660.25}"#)
        #expect(fixture.emulator.executionsCreated == 1)
        #expect(fixture.emulator.requestsSeen == 4)
    }

    @Test func `a failing pipeline's execution fails with a reason`() throws {
        let fixture = try EmulatorFixture { $0.executionDuration = .zero }
        let arn = try #require(try fixture.start("failing-training").executionARN)
        let reply = try fixture.send(Self.describe(arn))
        #expect(reply.string("PipelineExecutionStatus") == "Failed")
        #expect(reply.string("FailureReason")?.isEmpty == false)
    }

    @Test func `what was given at the start is described`() throws {
        let fixture = try EmulatorFixture()
        let arn = try #require(
            try fixture.send(
                .start(
                    more: #","PipelineExecutionDisplayName":"main-0a1b","#
                        + #""PipelineExecutionDescription":"ü","#
                        + #""ParallelismConfiguration":{"MaxParallelExecutionSteps":4}"#)
            ).executionARN)
        let reply = try fixture.send(Self.describe(arn))
        #expect(reply.string("PipelineExecutionDisplayName") == "main-0a1b")
        #expect(reply.string("PipelineExecutionDescription") == "ü")
        #expect(
            reply.content.contains(
                #""ParallelismConfiguration":{"MaxParallelExecutionSteps":4}"#))
        #expect(!reply.content.contains("ClientRequestToken"))
    }

    @Test func `an execution is described with its version and its experiment`() throws {
        let fixture = try EmulatorFixture()
        for (number, (given, described)) in [
            (#""PipelineVersionId":3"#, #""PipelineVersionId":3"#),
            (#""PipelineVersionAlias":"prod""#, #""PipelineVersionAliases":["prod"]"#),
            (
                #""MlflowExperimentName":"churn""#,
                #""MLflowConfig":{"MlflowExperimentName":"churn"}"#
            ),
        ].enumerated() {
            let arn = try #require(
                try fixture.send(
                    .start(token: String(repeating: "\(number)", count: 32), more: ",\(given)")
                ).executionARN)
            #expect(try fixture.send(Self.describe(arn)).content.contains(described), "\(given)")
        }
        let list = try fixture.send(
            TestRequest("ListPipelineExecutions", #"{"PipelineName":"churn-training"}"#))
        #expect(list.content.contains(#""PipelineVersionAliases":["prod"]"#))
    }

    @Test func `a stopped execution is stopping and then stopped`() throws {
        let fixture = try EmulatorFixture { $0.stoppingDuration = .seconds(3) }
        let arn = try #require(try fixture.start().executionARN)
        let reply = try fixture.send(Self.stop(arn))
        #expect(reply.content == #"{"PipelineExecutionArn":"\#(arn)"}"#)
        fixture.pass(.seconds(2))
        #expect(try status(fixture, arn) == "Stopping")
        fixture.pass(.seconds(1))
        #expect(try status(fixture, arn) == "Stopped")
        fixture.pass(.seconds(3600))
        #expect(try status(fixture, arn) == "Stopped")
    }

    @Test func `stopping again is the same stop, and an ended execution cannot be stopped`() throws
    {
        let fixture = try EmulatorFixture { $0.executionDuration = .seconds(5) }
        let arn = try #require(try fixture.start().executionARN)
        let other = try #require(
            try fixture.start(token: String(repeating: "o", count: 32)).executionARN)
        #expect(try fixture.send(Self.stop(arn)).status == 200)
        #expect(try fixture.send(Self.stop(arn)).status == 200)
        let reused = try fixture.send(Self.stop(other))
        #expect(reused.code == "ConflictException")
        #expect(reused.message?.contains(arn) == true)
        fixture.pass(.seconds(5))
        let late = try fixture.send(Self.stop(other, token: String(repeating: "s", count: 32)))
        #expect(late.code == "ConflictException")
        #expect(late.message?.contains("Succeeded") == true)
        #expect(try status(fixture, other) == "Succeeded")
    }

    @Test func `an execution that does not exist here is not found`() throws {
        let fixture = try EmulatorFixture()
        let arn = try #require(try fixture.start().executionARN)
        let unknown = String(arn.dropLast(12)) + "000000000000"
        #expect(try fixture.send(Self.describe(unknown)).code == "ResourceNotFound")
        #expect(try fixture.send(Self.stop(unknown)).code == "ResourceNotFound")
        let elsewhere = Self.describe(arn).with { $0.region = "us-east-1" }
        #expect(try fixture.send(elsewhere).code == "ResourceNotFound")
    }

    @Test(arguments: [
        (TestRequest("DescribePipelineExecution", "{}"), "PipelineExecutionArn: is required"),
        (TestRequest("DescribePipelineExecution", #"{"PipelineExecutionArn":"x"}"#), "must match"),
        (TestRequest("DescribePipeline", "{}"), "PipelineName: is required"),
        (
            TestRequest("DescribePipeline", #"{"PipelineName":"a","PipelineVersion":1}"#),
            "did you mean PipelineVersionId?"
        ),
        (
            TestRequest("StopPipelineExecution", #"{"ClientRequestToken":"x"}"#),
            "2 validation errors detected"
        ),
    ])
    func `the neighbours are checked against the model too`(
        request: TestRequest, message: String
    ) throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.send(request)
        #expect(reply.code == "ValidationException")
        #expect(reply.message?.contains(message) == true)
    }

    @Test func `a pipeline is described with the parameters seen so far`() throws {
        let fixture = try EmulatorFixture()
        let describe = TestRequest("DescribePipeline", #"{"PipelineName":"churn-training"}"#)
        let before = try fixture.send(describe)
        #expect(before.string("PipelineStatus") == "Active")
        #expect(try definition(before).root["Parameters"]?.elements.map { $0 }.isEmpty == true)
        try fixture.start(parameters: [("GitCommit", "abc"), ("Epochs", "2")])
        try fixture.start(
            token: String(repeating: "x", count: 32), parameters: [("Epochs", "3"), ("Seed", "1")])
        let after = try definition(try fixture.send(describe))
        let names = after.root["Parameters"]?.elements.map { $0["Name"]?.string }
        #expect(names == ["GitCommit", "Epochs", "Seed"])
        let types = after.root["Parameters"]?.elements.map { $0["Type"]?.string }
        #expect(types == ["String", "String", "String"])
        let missing = TestRequest("DescribePipeline", #"{"PipelineName":"missing-one"}"#)
        #expect(try fixture.send(missing).code == "ResourceNotFound")
    }

    private func definition(_ reply: WireReply) throws -> JSONDocument {
        let text = try #require(reply.string("PipelineDefinition"))
        return try JSONDocument(parsing: Array(text.utf8))
    }
}
