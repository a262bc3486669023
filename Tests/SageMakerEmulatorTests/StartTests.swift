import SageMakerAPI
import SageMakerEmulator
import TestSupport
import Testing

@Suite struct StartTests {
    @Test func `a signed request starts one execution with a well-formed ARN`() throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.start()
        #expect(reply.status == 200)
        #expect(reply.field("Content-Type") == "application/x-amz-json-1.1")
        #expect(
            try #require(reply.field("x-amzn-RequestId"))
                .wholeMatch(
                    of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/)
                != nil)
        let pattern =
            /arn:aws:sagemaker:eu-west-1:123456789012:pipeline\/churn-training\/execution\/[a-z0-9]{12}/
        let text = try #require(reply.executionARN)
        #expect(text.wholeMatch(of: pattern) != nil)
        #expect(PipelineExecutionARN(text) != nil)
        #expect(reply.content == #"{"PipelineExecutionArn":"\#(text)"}"#)
        #expect(fixture.emulator.requestsSeen == 1)
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test(arguments: [
        ("us-gov-west-1", "arn:aws-us-gov:sagemaker:us-gov-west-1:"),
        ("cn-north-1", "arn:aws-cn:sagemaker:cn-north-1:"),
        ("us-east-2", "arn:aws:sagemaker:us-east-2:"),
    ])
    func `the ARN has the region of the credential scope`(region: String, prefix: String) throws {
        let fixture = try EmulatorFixture { $0.accountID = "210987654321" }
        let reply = try fixture.send(.start().with { $0.region = region })
        #expect(try #require(reply.executionARN).hasPrefix("\(prefix)210987654321:pipeline/"))
    }

    @Test func `a pipeline is in the account that its ARN says`() throws {
        let fixture = try EmulatorFixture()
        let arn = "arn:aws:sagemaker:eu-west-1:999999999999:pipeline/churn-training"
        let execution = try #require(try fixture.start(arn).executionARN)
        #expect(execution.hasPrefix("\(arn)/execution/"))
        let described = try fixture.send(
            TestRequest("DescribePipelineExecution", #"{"PipelineExecutionArn":"\#(execution)"}"#))
        #expect(described.string("PipelineArn") == arn)
        let pipeline = TestRequest("DescribePipeline", #"{"PipelineName":"\#(arn)"}"#)
        #expect(try fixture.send(pipeline).string("PipelineArn") == arn)
        // It is another one than that of the caller's account.
        let own = try fixture.send(
            TestRequest("ListPipelineExecutions", #"{"PipelineName":"churn-training"}"#))
        #expect(own.content == #"{"PipelineExecutionSummaries":[]}"#)
    }

    @Test func `a pipeline that AWS manages is started with a role, and an own one without`() throws
    {
        let fixture = try EmulatorFixture()
        let managed = "arn:aws:sagemaker:eu-west-1:aws:pipeline/churn-training"
        let role = "arn:aws:iam::123456789012:role/runner"
        let member = #","RoleArn":"\#(role)""#
        let without = try fixture.start(managed)
        #expect(without.code == "ValidationException")
        #expect(without.message?.contains("RoleArn: is required") == true)
        let execution = try #require(
            try fixture.send(.start(managed, more: member)).executionARN)
        #expect(
            execution.hasPrefix(
                "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-training/execution/"))
        let described = try fixture.send(
            TestRequest("DescribePipelineExecution", #"{"PipelineExecutionArn":"\#(execution)"}"#))
        #expect(described.string("PipelineArn") == managed)
        #expect(described.string("RoleArn") == role)
        let pipeline = TestRequest("DescribePipeline", #"{"PipelineName":"\#(managed)"}"#)
        #expect(try fixture.send(pipeline).string("PipelineArn") == managed)
        let own = managed.replacing(":aws:pipeline", with: ":123456789012:pipeline")
        let refused = try fixture.send(.start(own, more: member))
        #expect(refused.code == "ValidationException")
        #expect(refused.message?.contains("RoleArn: must be left out") == true)
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test func `a pipeline is the same by its name and by its ARN`() throws {
        let fixture = try EmulatorFixture()
        let arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn-training"
        let byARN = try fixture.start(arn)
        let byName = try fixture.start()
        #expect(byARN.status == 200)
        #expect(byName.executionARN == byARN.executionARN)
        #expect(fixture.emulator.executionsCreated == 1)
        #expect(fixture.emulator.journal.map(\.pipeline) == ["churn-training", "churn-training"])
    }

    @Test(arguments: [
        "missing-pipeline", "gone", "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/gone",
        "arn:aws:sagemaker:eu-west-1:999999999999:pipeline/missing-training",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/a/b",
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/a_b",
    ])
    func `a pipeline that does not exist is not found`(pipeline: String) throws {
        let fixture = try EmulatorFixture { $0.missingPipelines = ["gone"] }
        let reply = try fixture.start(pipeline)
        #expect(reply.status == 400)
        #expect(reply.code == "ResourceNotFound")
        #expect(reply.string("Message")?.contains(pipeline.suffix(4)) == true)
        #expect(fixture.emulator.executionsCreated == 0)
        #expect(fixture.emulator.requestsSeen == 1)
    }

    @Test func `the same request again gives the same ARN and creates nothing`() throws {
        let fixture = try EmulatorFixture()
        let parameters = [("GitCommit", "abc"), ("Epochs", "20")]
        let first = try fixture.start(parameters: parameters)
        // The order of JSON members is none of the request's.
        let turned = TestRequest(
            "StartPipelineExecution",
            #"{"PipelineParameters":[{"Value":"abc","Name":"GitCommit"},"#
                + #"{"Name":"Epochs","Value":"20"}],"ClientRequestToken":"\#(TestRequest.token)","#
                + #""PipelineName":"churn-training"}"#)
        #expect(first.status == 200)
        #expect(try fixture.start(parameters: parameters).content == first.content)
        #expect(try fixture.send(turned).content == first.content)
        #expect(fixture.emulator.requestsSeen == 3)
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test func `another token, or the same in another region, starts another execution`() throws {
        let fixture = try EmulatorFixture()
        let first = try fixture.start()
        let other = try fixture.start(token: String(repeating: "x", count: 32))
        let elsewhere = try fixture.send(.start().with { $0.region = "us-east-1" })
        let arns = Set([first, other, elsewhere].compactMap(\.executionARN))
        #expect(arns.count == 3)
        #expect(fixture.emulator.executionsCreated == 3)
    }

    @Test(arguments: [
        (TestRequest.start("other"), "another pipeline"),
        (.start(parameters: [("A", "2")]), "other PipelineParameters"),
        (.start(), "other PipelineParameters"),
        (
            .start(parameters: [("A", "1")], more: #","PipelineExecutionDisplayName":"x""#),
            "other members"
        ),
    ])
    func `the same token with another request is a conflict`(
        request: TestRequest, difference: String
    ) throws {
        let fixture = try EmulatorFixture()
        let first = try fixture.start(parameters: [("A", "1")])
        let reply = try fixture.send(request)
        #expect(reply.status == 400)
        #expect(reply.code == "ConflictException")
        let message = try #require(reply.string("Message"))
        #expect(message.contains(difference))
        #expect(message.contains(try #require(first.executionARN)))
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test func `the executions at the same time can be limited`() throws {
        let fixture = try EmulatorFixture {
            $0.concurrentExecutionsMax = 1
            $0.executionDuration = .seconds(5)
        }
        let next = String(repeating: "n", count: 32)
        #expect(try fixture.start().status == 200)
        #expect(try fixture.start().status == 200)
        fixture.pass(.seconds(4))
        #expect(try fixture.start(token: next).code == "ResourceLimitExceeded")
        fixture.pass(.seconds(1))
        #expect(try fixture.start(token: next).status == 200)
        #expect(fixture.emulator.executionsCreated == 2)
    }
}

@Suite struct RequestCheckTests {
    @Test func `the message lists what the model has against a request`() throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.send(
            .start("bad name!", token: "short", parameters: [("Ä", "1")]))
        #expect(reply.status == 400)
        #expect(reply.code == "ValidationException")
        let message = try #require(reply.string("message"))
        #expect(message.hasPrefix("3 validation errors detected: "))
        #expect(message.contains("PipelineName: must match"))
        #expect(message.contains("ClientRequestToken: must have 32 to 128 characters, has 5"))
        #expect(message.contains("PipelineParameters[0].Name: must match"))
        #expect(fixture.emulator.executionsCreated == 0)
        let entry = try #require(fixture.emulator.journal.first)
        #expect(entry.error == "ValidationException")
        #expect(entry.token == "short")
    }

    @Test func `a message tells ten violations and counts the rest`() throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.send(
            .start(parameters: (0..<12).map { _ in ("bad name", "x") }))
        let message = try #require(reply.message)
        #expect(message.hasPrefix("12 validation errors detected: "))
        #expect(message.contains("PipelineParameters[9].Name"))
        #expect(!message.contains("PipelineParameters[10].Name"))
        #expect(message.hasSuffix("; and 2 more"))
    }

    @Test func `a token has 32 to 128 characters`() throws {
        let fixture = try EmulatorFixture()
        for (length, status) in [(31, 400), (32, 200), (128, 200), (129, 400)] {
            let reply = try fixture.start(token: String(repeating: "t", count: length))
            #expect(reply.status == status)
        }
        #expect(fixture.emulator.executionsCreated == 2)
    }

    @Test func `an empty parameter value is refused as by the live service, or taken as modelled`()
        throws
    {
        let live = try EmulatorFixture()
        let refused = try live.start(parameters: [("A", "1"), ("B", "")])
        #expect(refused.code == "ValidationException")
        #expect(
            refused.message == "1 validation error detected: "
                + "PipelineParameters[1].Value: must have at least 1 character, has 0")
        let modelled = try EmulatorFixture { $0.takesEmptyValues = true }
        #expect(try modelled.start(parameters: [("A", "1"), ("B", "")]).status == 200)
    }

    @Test func `a parameter that is given twice is refused`() throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.start(parameters: [("A", "1"), ("B", "1"), ("A", "2")])
        #expect(reply.message?.contains("PipelineParameters[2].Name: A is given twice") == true)
    }

    @Test func `a pipeline's ARN in another region than the signature's is refused`() throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.start("arn:aws:sagemaker:us-east-1:123456789012:pipeline/a")
        #expect(reply.code == "ValidationException")
        #expect(reply.message?.contains("us-east-1") == true)
    }

    @Test(arguments: [
        "", "{", "nonsense", "[]", "3", #"{"PipelineName":[null]}"#, #"{"a":1,"a":2}"#,
    ])
    func `content that is no JSON object of the protocol cannot be deserialised`(content: String)
        throws
    {
        let fixture = try EmulatorFixture()
        let reply = try fixture.send(TestRequest("StartPipelineExecution", content))
        #expect(reply.status == 400)
        #expect(reply.code == "SerializationException")
        #expect(reply.message?.isEmpty == false)
    }

    @Test(arguments: [
        "SageMaker.DeletePipeline", "SageMaker.", "StartPipelineExecution",
        "sagemaker.StartPipelineExecution",
    ])
    func `an unknown operation is refused by name`(target: String) throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.send(TestRequest.start().with { $0.target = target })
        #expect(reply.status == 400)
        #expect(reply.code == "UnknownOperationException")
        #expect(reply.message?.contains(target) == true)
        #expect(fixture.emulator.journal.map(\.operation) == [target])
    }

    @Test func `another content type is refused`() throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.send(
            TestRequest.start().with { $0.contentType = "application/json" })
        #expect(reply.code == "UnknownOperationException")
        #expect(reply.message?.contains("application/x-amz-json-1.1") == true)
    }

    @Test func `a request is at most two mebibytes`() throws {
        let fixture = try EmulatorFixture()
        let padding = (2 << 20) - TestRequest.start().content.utf8.count
        let request = TestRequest.start().with {
            $0.content += String(repeating: " ", count: padding)
        }
        #expect(try fixture.send(request).status == 200)
        let client = try fixture.client()
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \((2 << 20) + 1)\r\n\r\n")
        #expect(client.receive().status == 413)
        #expect(fixture.emulator.requestsSeen == 1)
    }
}
