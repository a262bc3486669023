import JSON
import SageMakerEmulator
import Testing

@Suite struct StepTests {
    private static let definition = #"""
        {"pipelines": [
          {"name": "churn-training", "definition": {"Steps": [
            {"Name": "Train", "Type": "Training"},
            {"Name": "Approve", "Type": "Callback", "SqsQueueUrl": "https://sqs/approvals",
             "DisplayName": "Ask a person", "Description": "before deploying"},
            {"Name": "Approve", "Type": "Callback"}, {"Type": "Training"}, {"Name": "Test", "Type": "Processing"}]}},
          {"name": "failing-training", "definition": {"Steps": [
            {"Name": "Train", "Type": "Training"}, {"Name": "Test", "Type": "Processing"}]}}]}
        """#

    private func fixture() throws -> EmulatorFixture {
        let seeds = try PipelineSeeds(parsing: Array(Self.definition.utf8))
        return try EmulatorFixture {
            $0.pipelines = seeds
            $0.executionDuration = .seconds(60)
        }
    }

    private func listed(
        _ fixture: EmulatorFixture, _ arn: String, _ more: String = ""
    ) throws -> JSONDocument {
        let reply = try fixture.send(
            TestRequest(
                "ListPipelineExecutionSteps", #"{"PipelineExecutionArn":"\#(arn)"\#(more)}"#))
        #expect(reply.status == 200, "\(reply.content)")
        return try JSONDocument(parsing: Array(reply.content.utf8))
    }

    private func words(_ list: JSONDocument, _ name: String) -> [String] {
        list.root["PipelineExecutionSteps"]?.elements.map { $0[name]?.string ?? "-" } ?? []
    }

    private func status(_ fixture: EmulatorFixture, _ arn: String) throws -> String? {
        try fixture.send(
            TestRequest("DescribePipelineExecution", #"{"PipelineExecutionArn":"\#(arn)"}"#)
        ).string("PipelineExecutionStatus")
    }

    private func callbackToken(_ fixture: EmulatorFixture, _ arn: String) throws -> String {
        let steps = try listed(fixture, arn).root["PipelineExecutionSteps"]?.elements
        let tokens =
            steps?.compactMap { $0["Metadata"]?["Callback"]?["CallbackToken"]?.string } ?? []
        return try #require(tokens.first)
    }

    private func complete(
        _ fixture: EmulatorFixture, _ word: String, _ token: String, _ more: String = ""
    ) throws -> WireReply {
        try fixture.send(
            TestRequest(
                "SendPipelineExecutionStep\(word)", #"{"CallbackToken":"\#(token)"\#(more)}"#))
    }

    @Test func `steps are those of the definition, and live with their execution`() throws {
        let fixture = try fixture()
        let arn = try #require(try fixture.start().executionARN)
        let first = try listed(fixture, arn)
        #expect(words(first, "StepName") == ["Train", "Approve", "Test"])
        #expect(words(first, "StepDisplayName") == ["-", "Ask a person", "-"])
        #expect(words(first, "StepStatus") == ["Executing", "Executing", "Executing"])
        fixture.pass(.seconds(60))
        let later = try listed(fixture, arn)
        #expect(words(later, "StepStatus") == ["Succeeded", "Executing", "Succeeded"])
        // The callback is still missing.
        #expect(try status(fixture, arn) == "Executing")
    }

    @Test func `a definition's parameters and aliases are all that there are`() throws {
        let seeds = try PipelineSeeds(
            parsing: Array(
                #"""
                {"pipelines": [{"name": "p", "aliases": ["production"], "definition": {"Parameters": [
                  {"Name": "I", "Type": "Integer"},
                  {"Name": "E", "Type": "String", "EnumValues": ["a", "b"], "DefaultValue": "a"}]}}]}
                """#.utf8))
        let fixture = try EmulatorFixture { $0.pipelines = seeds }
        func message(_ parameters: [(String, String)], _ more: String = "") throws -> String? {
            try fixture.send(.start("p", parameters: parameters, more: more)).message
        }
        #expect(try message([("I", "x")])?.contains("I must be of type Integer") == true)
        #expect(
            try message([("I", "5"), ("E", "c")])?.contains("E must be one of a, b") == true)
        #expect(try message([("E", "a")])?.contains("I is required") == true)
        #expect(try message([("I", "5"), ("J", "1")])?.contains("no parameter J") == true)
        let unknown = #","PipelineVersionAlias":"staging""#
        #expect(try fixture.send(.start("p", more: unknown)).code == "ResourceNotFound")
        let describe = TestRequest("DescribePipeline", #"{"PipelineName":"p"\#(unknown)}"#)
        #expect(try fixture.send(describe).code == "ResourceNotFound")
        #expect(fixture.emulator.executionsCreated == 0)
        #expect(
            try message([("I", "5"), ("E", "b")], #","PipelineVersionAlias":"production""#) == nil)
        #expect(fixture.emulator.executionsCreated == 1)
        // What nobody has created has every alias but those that are said to be missing.
        let token = String(repeating: "o", count: 32)
        #expect(try fixture.send(.start(token: token, more: unknown)).status == 200)
        #expect(
            try fixture.send(
                .start(
                    token: String(repeating: "m", count: 32),
                    more: #","PipelineVersionAlias":"missing-one""#)
            ).code == "ResourceNotFound")
    }

    @Test func `a failing execution has one step that failed, with a reason`() throws {
        let fixture = try fixture()
        let arn = try #require(try fixture.start("failing-training").executionARN)
        fixture.pass(.seconds(60))
        let list = try listed(fixture, arn)
        #expect(words(list, "StepStatus") == ["Succeeded", "Failed"])
        #expect(words(list, "FailureReason").map { $0 == "-" } == [true, false])
    }

    @Test func `a success completes its step with its outputs, and then the execution`() throws {
        let fixture = try fixture()
        let arn = try #require(try fixture.start().executionARN)
        let token = try callbackToken(fixture, arn)
        #expect(token.utf8.count == 10)
        fixture.pass(.seconds(90))
        let reply = try complete(
            fixture, "Success", token, #","OutputParameters":[{"Name":"by","Value":"ü"}]"#)
        #expect(reply.status == 200)
        #expect(reply.executionARN == arn)
        #expect(try status(fixture, arn) == "Succeeded")
        let list = try listed(fixture, arn)
        let step = list.root["PipelineExecutionSteps"]?.elements.map { $0 }[1]
        #expect(step?["StepStatus"]?.string == "Succeeded")
        #expect(step?["EndTime"]?.double == 1_795_233_690.25)
        let callback = step?["Metadata"]?["Callback"]
        #expect(callback?["SqsQueueUrl"]?.string == "https://sqs/approvals")
        #expect(callback?["OutputParameters"]?.elements.map { $0["Value"]?.string } == ["ü"])
        #expect(
            fixture.emulator.journal.contains { $0.operation?.hasSuffix("StepSuccess") ?? false })
    }

    @Test func `a failure fails the execution with its reason, and a retry asks anew`() throws {
        let fixture = try fixture()
        let arn = try #require(try fixture.start().executionARN)
        let token = try callbackToken(fixture, arn)
        fixture.pass(.seconds(1))
        #expect(try complete(fixture, "Failure", token, #","FailureReason":"no""#).status == 200)
        let described = try fixture.send(
            TestRequest("DescribePipelineExecution", #"{"PipelineExecutionArn":"\#(arn)"}"#))
        #expect(described.string("PipelineExecutionStatus") == "Failed")
        #expect(described.string("FailureReason") == "Step failure: Approve: no")
        #expect(
            words(try listed(fixture, arn), "StepStatus") == ["Stopped", "Failed", "Stopped"])
        let retry = TestRequest(
            "RetryPipelineExecution",
            #"{"PipelineExecutionArn":"\#(arn)","ClientRequestToken":"\#(TestRequest.token)"}"#)
        #expect(try fixture.send(retry).status == 200)
        let fresh = try callbackToken(fixture, arn)
        #expect(fresh != token)
        #expect(try complete(fixture, "Success", token).code == "ConflictException")
        #expect(try complete(fixture, "Success", fresh).status == 200)
        #expect(try status(fixture, arn) == "Executing")
        fixture.pass(.seconds(60))
        #expect(try status(fixture, arn) == "Succeeded")
    }

    @Test func `a callback counts once, unless it is the same request again`() throws {
        let fixture = try fixture()
        let arn = try #require(try fixture.start().executionARN)
        let token = try callbackToken(fixture, arn)
        let same = #","ClientRequestToken":"\#(TestRequest.token)""#
        #expect(try complete(fixture, "Success", token, same).status == 200)
        #expect(try complete(fixture, "Success", token, same).executionARN == arn)
        #expect(try complete(fixture, "Success", token).code == "ConflictException")
        #expect(try complete(fixture, "Failure", token, same).code == "ConflictException")
        #expect(try complete(fixture, "Success", "abcdefghij").code == "ResourceNotFound")
        #expect(try complete(fixture, "Success", "short").code == "ValidationException")
    }

    @Test func `a stopped execution takes no callback`() throws {
        let fixture = try fixture()
        let arn = try #require(try fixture.start().executionARN)
        let token = try callbackToken(fixture, arn)
        let stop = TestRequest(
            "StopPipelineExecution",
            #"{"PipelineExecutionArn":"\#(arn)","ClientRequestToken":"\#(TestRequest.token)"}"#)
        #expect(try fixture.send(stop).status == 200)
        #expect(Set(words(try listed(fixture, arn), "StepStatus")) == ["Stopping"])
        fixture.pass(.seconds(2))
        #expect(Set(words(try listed(fixture, arn), "StepStatus")) == ["Stopped"])
        #expect(try complete(fixture, "Success", token).code == "ConflictException")
    }

    @Test func `steps come in pages, and only those that were selected`() throws {
        let fixture = try fixture()
        let arn = try #require(try fixture.start().executionARN)
        let first = try listed(fixture, arn, #","MaxResults":2,"SortOrder":"Descending""#)
        #expect(words(first, "StepName") == ["Test", "Approve"])
        let next = try #require(first.root["NextToken"]?.string)
        let second = try listed(
            fixture, arn, #","MaxResults":2,"SortOrder":"Descending","NextToken":"\#(next)""#)
        #expect(words(second, "StepName") == ["Train"])
        #expect(second.root["NextToken"] == nil)
        let selective = try fixture.send(
            .start(
                token: String(repeating: "s", count: 32),
                more: #","SelectiveExecutionConfig":{"SelectedSteps":[{"StepName":"Test"}]}"#))
        let list = try listed(fixture, try #require(selective.executionARN))
        #expect(words(list, "StepName") == ["Test"])
        for (request, code) in [
            ("{}", "ValidationException"),
            (#"{"PipelineExecutionArn":"\#(arn)","NextToken":"none"}"#, "ValidationException"),
            (#"{"PipelineExecutionArn":"\#(arn)x"}"#, "ResourceNotFound"),
        ] {
            #expect(
                try fixture.send(TestRequest("ListPipelineExecutionSteps", request)).code == code)
        }
    }
}
