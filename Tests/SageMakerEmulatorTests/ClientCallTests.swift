import JSON
import OpenSSLCrypto
import SageMakerAPI
import SageMakerClient
import SageMakerEmulator
import TestSupport
import Testing

/// The client's calls of every operation of the model, carried out by the emulator.
@Suite struct ClientCallTests {
    /// A client of one fixture.
    private struct Caller {
        let fixture: EmulatorFixture
        var client: SageMakerClient

        init(_ fixture: EmulatorFixture) throws {
            self.fixture = fixture
            client = SageMakerClient(
                credentials: try Credentials(
                    accessKeyID: EmulatorOptions.demoAccessKeyID,
                    secretAccessKey: Secret(EmulatorOptions.demoSecretAccessKey), from: "the test"),
                endpoints: try EndpointResolver(
                    configured: "http://127.0.0.1:\(fixture.port)", environment: [:], shared: nil))
        }

        mutating func call(
            _ operation: PipelineOperation, _ json: String
        ) throws -> OperationReply {
            let value = try RequestValue(
                json: JSONDocument(parsing: Array(json.utf8)).root)
            let signed = try client.request(
                operation,
                operation.identified(value, token: hexEncoded(randomBytes(32))),
                region: "eu-west-1", at: fixture.epochSeconds)
            let lines = signed.fields.map { "\($0.name): \($0.value)\r\n" }.joined()
            let connection = try fixture.client()
            connection.send(
                "POST / HTTP/1.1\r\n\(lines)Content-Length: \(signed.body.count)\r\n\r\n"
                    + String(decoding: signed.body, as: UTF8.self))
            let reply = connection.receive()
            let service = ServiceReply(
                status: reply.status ?? 0,
                fields: ["Date", "x-amzn-RequestId"].compactMap { name in
                    reply.field(name).map { (name, $0) }
                }, body: Array(reply.content.utf8))
            #expect(service.requestID != nil)
            return client.outcome(of: service, to: operation, at: fixture.epochSeconds)
        }

        mutating func done(_ operation: PipelineOperation, _ json: String) throws -> JSONDocument {
            let reply = try call(operation, json)
            guard case .done(let document) = reply else {
                Issue.record("\(operation.rawValue): \(reply)")
                return try JSONDocument(parsing: Array("{}".utf8))
            }
            return document
        }
    }

    @Test func `every operation of the model is called and carried out`() throws {
        let fixture = try EmulatorFixture { $0.executionDuration = .seconds(60) }
        var caller = try Caller(fixture)
        var called: Set<PipelineOperation> = []
        func done(_ operation: PipelineOperation, _ json: String) throws -> JSONDocument {
            called.insert(operation)
            return try caller.done(operation, json)
        }
        let create = try #require(PipelineOperation(rawValue: "CreatePipeline"))
        _ = try done(
            create,
            #"{"PipelineName":"p","RoleArn":"arn:aws:iam::123456789012:role/r","#
                + #""PipelineDefinition":"{\"Steps\":[{\"Name\":\"Ask\",\"Type\":\"Callback\"}]}"}"#
        )
        let started = try done(.startPipelineExecution, #"{"PipelineName":"p"}"#)
        let arn = try #require(started.root["PipelineExecutionArn"]?.string)
        let named = #"{"PipelineExecutionArn":"\#(arn)"}"#
        #expect(
            try done(.describePipeline, #"{"PipelineName":"p"}"#).root["PipelineDefinition"]?.string
                != nil)
        let listed = try done(.listPipelineExecutions, #"{"PipelineName":"p"}"#)
        #expect(listed.root["PipelineExecutionSummaries"]?.count == 1)
        func token() throws -> String {
            let steps = try done(.listPipelineExecutionSteps, named).root["PipelineExecutionSteps"]
            let first = try #require(steps?.elements.map { $0 }.first)
            return try #require(first["Metadata"]?["Callback"]?["CallbackToken"]?.string)
        }
        _ = try done(
            .sendPipelineExecutionStepFailure,
            #"{"CallbackToken":"\#(try token())","FailureReason":"no"}"#)
        func status() throws -> String? {
            try done(.describePipelineExecution, named).root["PipelineExecutionStatus"]?.string
        }
        #expect(try status() == "Failed")
        _ = try done(.retryPipelineExecution, named)
        _ = try done(.sendPipelineExecutionStepSuccess, #"{"CallbackToken":"\#(try token())"}"#)
        #expect(try status() == "Executing")
        _ = try done(.stopPipelineExecution, named)
        #expect(try status() == "Stopping")
        #expect(called == Set(PipelineOperation.allCases))
    }

    @Test func `a call that the model does not take is not signed`() throws {
        var caller = try Caller(try EmulatorFixture())
        #expect(
            throws: SageMakerClientError.invalidRequest(
                operation: "SendPipelineExecutionStepFailure",
                violations: [
                    "CallbackToken: must have exactly 10 characters, has 5",
                    "FailureReasn: is no member of SendPipelineExecutionStepFailureRequest; "
                        + "did you mean FailureReason?",
                ])
        ) {
            _ = try caller.call(
                .sendPipelineExecutionStepFailure,
                #"{"CallbackToken":"short","FailureReasn":"x"}"#)
        }
        #expect(caller.fixture.emulator.requestsSeen == 0)
    }

    @Test func `an error of a call is read, and a wrong clock is learnt from it`() throws {
        let fixture = try EmulatorFixture { $0.clockOffset = 3600 }
        var caller = try Caller(fixture)
        guard
            case .retry("InvalidSignatureException", _, .clock) = try caller.call(
                .describePipeline, #"{"PipelineName":"p"}"#)
        else {
            Issue.record("the clock is not refused")
            return
        }
        #expect(caller.client.clockOffset == 3600)
        _ = try caller.done(.describePipeline, #"{"PipelineName":"p"}"#)
        guard
            case .refused("ResourceNotFound", _) = try caller.call(
                .describePipeline, #"{"PipelineName":"missing-p"}"#)
        else {
            Issue.record("a missing pipeline is found")
            return
        }
    }
}
