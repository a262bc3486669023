import Glibc
import HTTPServer
import SageMakerEmulator
import TestSupport
import Testing

@Suite struct FaultTests {
    private static func script(_ kind: FaultKind, times: Int = 1) -> FaultScript {
        FaultScript([ScriptedFault(kind, times: times)])
    }

    @Test func `a throttle is the reply that SageMaker has been seen to send`() throws {
        let fixture = try EmulatorFixture { $0.faults = Self.script(.throttle) }
        let reply = try fixture.start()
        #expect(reply.status == 400)
        #expect(reply.content == #"{"__type":"ThrottlingException","message":"Rate exceeded"}"#)
        // aws-sdk#486.
        #expect(reply.field("Content-Length") == "58")
        #expect(reply.field("x-amzn-RequestId") != nil)
        #expect(fixture.emulator.executionsCreated == 0)
    }

    @Test(arguments: [
        (FaultKind.throttle, 400, "ThrottlingException"),
        (.tooManyRequests, 429, "TooManyRequestsException"),
        (.internalFailure, 500, "InternalFailure"),
        (.serviceUnavailable, 503, "ServiceUnavailable"),
        (.resourceLimit, 400, "ResourceLimitExceeded"),
        (.accessDenied, 403, "AccessDeniedException"),
        (.expiredToken, 403, "ExpiredTokenException"),
    ])
    func `an error reply creates nothing, and the retry with the same token one execution`(
        kind: FaultKind, status: Int, code: String
    ) throws {
        let fixture = try EmulatorFixture { $0.faults = Self.script(kind) }
        let reply = try fixture.start()
        #expect(reply.status == status)
        #expect(reply.code == code)
        #expect(reply.message?.isEmpty == false)
        #expect(fixture.emulator.executionsCreated == 0)
        #expect(try fixture.start().status == 200)
        #expect(fixture.emulator.executionsCreated == 1)
        let journal = fixture.emulator.journal
        #expect(journal.map(\.fault) == [kind, nil])
        #expect(journal.map(\.status) == [status, 200])
        #expect(journal.map(\.error) == [code, nil])
        #expect(journal.map { $0.executionARN == nil } == [true, false])
    }

    @Test(arguments: [(FaultKind.resetBefore, true), (.closeBefore, false)])
    func `a connection that ends before the work creates nothing`(kind: FaultKind, isReset: Bool)
        throws
    {
        let fixture = try EmulatorFixture { $0.faults = Self.script(kind) }
        let reply = try fixture.start()
        #expect(reply.text.isEmpty)
        #expect(reply.wasReset == isReset)
        #expect(fixture.emulator.executionsCreated == 0)
        #expect(try fixture.start().status == 200)
        #expect(fixture.emulator.executionsCreated == 1)
        #expect(fixture.emulator.requestsSeen == 2)
        #expect(fixture.emulator.journal.map(\.status) == [nil, 200])
    }

    @Test(arguments: [(FaultKind.resetAfter, true), (.closeAfter, false)])
    func `a connection that ends after the work has created the execution that a retry is told`(
        kind: FaultKind, isReset: Bool
    ) throws {
        let fixture = try EmulatorFixture { $0.faults = Self.script(kind) }
        let reply = try fixture.start()
        #expect(reply.text.isEmpty)
        #expect(reply.wasReset == isReset)
        #expect(fixture.emulator.executionsCreated == 1)
        let retry = try fixture.start()
        #expect(fixture.emulator.executionsCreated == 1)
        let journal = fixture.emulator.journal
        #expect(journal.map(\.executionARN) == [retry.executionARN, retry.executionARN])
        #expect(journal.map(\.status) == [nil, 200])
    }

    @Test func `half a reply ends within its content or its header fields`() throws {
        var inHeaders = ScriptedFault(.halfReply)
        inHeaders.cut = .headers
        let fixture = try EmulatorFixture {
            $0.faults = FaultScript([ScriptedFault(.halfReply), inHeaders])
        }
        let inBody = try fixture.start()
        #expect(inBody.wasCut && !inBody.wasReset)
        #expect(inBody.status == 200)
        let length = try #require(inBody.field("Content-Length").flatMap(Int.init))
        #expect(inBody.content.utf8.count == length - length / 2)
        let headersOnly = try fixture.start()
        #expect(headersOnly.wasCut && !headersOnly.wasReset)
        #expect(headersOnly.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(!headersOnly.text.contains("\r\n\r\n"))
        let whole = try fixture.start()
        #expect(whole.content.hasPrefix(inBody.content))
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test func `a reply without an ARN comes from an execution all the same`() throws {
        let fixture = try EmulatorFixture { $0.faults = Self.script(.noARN) }
        let reply = try fixture.start()
        #expect(reply.status == 200)
        #expect(reply.content == "{}")
        #expect(fixture.emulator.executionsCreated == 1)
        #expect(try fixture.start().executionARN == fixture.emulator.journal[0].executionARN)
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test func `a slow reply comes late and holds up nobody else`() throws {
        var slow = ScriptedFault(.slow)
        slow.delay = .milliseconds(200)
        let fixture = try EmulatorFixture { $0.faults = FaultScript([slow]) }
        let client = try fixture.client()
        let began = ContinuousClock.now
        client.send(try TestRequest.start().text(at: fixture.epochSeconds))
        let reply = client.receive()
        #expect(reply.status == 200)
        #expect(ContinuousClock.now - began >= .milliseconds(200))
        #expect(fixture.emulator.executionsCreated == 1)
        #expect(try fixture.start().executionARN == reply.executionARN)
    }

    @Test func `a dripping reply comes a byte at a time, and whole`() throws {
        var drip = ScriptedFault(.drip)
        drip.delay = .milliseconds(1)
        let fixture = try EmulatorFixture { $0.faults = FaultScript([drip]) }
        let client = try fixture.client()
        let began = ContinuousClock.now
        client.send(try TestRequest.start().text(at: fixture.epochSeconds))
        // While it drips, another one is answered.
        let other = try fixture.start()
        let reply = client.receive()
        #expect(reply.status == 200)
        #expect(!reply.wasCut && !reply.wasReset)
        #expect(reply.executionARN == other.executionARN)
        // A millisecond before each byte.
        #expect(ContinuousClock.now - began >= .milliseconds(reply.text.utf8.count))
        #expect(fixture.emulator.executionsCreated == 1)
        #expect(fixture.emulator.journal.map(\.fault) == [.drip, nil])
    }

    @Test func `a stop gives the rest of a dripping reply at once`() throws {
        var drip = ScriptedFault(.drip)
        drip.delay = .seconds(3600)
        var options = EmulatorOptions()
        options.faults = FaultScript([drip])
        let emulator = try RunningEmulator(options) { 1_795_233_600_000 }
        guard case .tcp(_, let port) = emulator.addresses[0] else {
            throw EmulatorFixture.NoPort()
        }
        let client = try LoopbackClient(port: port)
        client.send(try TestRequest.start().text(at: 1_795_233_600))
        while emulator.requestsSeen == 0 { usleep(1000) }
        emulator.stop()
        #expect(client.receive().executionARN == emulator.journal[0].executionARN)
    }

    @Test(arguments: [(FaultKind.resetReused, true), (.closeReused, false)])
    func `a connection that is let go takes the second request on it and no first one`(
        kind: FaultKind, isReset: Bool
    ) throws {
        let fixture = try EmulatorFixture { $0.faults = Self.script(kind) }
        let request = try TestRequest.start().text(at: fixture.epochSeconds)
        let client = try fixture.client()
        client.send(request)
        #expect(client.receive().status == 200)
        // The first request of another connection is none that the fault is for.
        #expect(try fixture.start().status == 200)
        let second = try TestRequest.start(token: String(repeating: "s", count: 32))
            .text(at: fixture.epochSeconds)
        client.send(second)
        let lost = client.receive()
        #expect(lost.text.isEmpty)
        #expect(lost.wasReset == isReset)
        #expect(fixture.emulator.executionsCreated == 1)
        let fresh = try fixture.client()
        fresh.send(second)
        #expect(fresh.receive().status == 200)
        #expect(fixture.emulator.executionsCreated == 2)
        #expect(fixture.emulator.journal.map(\.fault) == [nil, nil, kind, nil])
        #expect(fixture.emulator.faults == FaultScript())
    }

    @Test func `what never comes does not come, and its execution is there`() throws {
        let fixture = try EmulatorFixture { $0.faults = Self.script(.never) }
        let client = try fixture.client()
        client.send(try TestRequest.start().text(at: fixture.epochSeconds))
        while fixture.emulator.requestsSeen == 0 { usleep(1000) }
        // Whoever asks again is answered while the first still waits.
        let again = try fixture.start()
        #expect(again.executionARN == fixture.emulator.journal[0].executionARN)
        #expect(fixture.emulator.executionsCreated == 1)
        usleep(100_000)
        #expect(client.receiveWithoutWaiting().isEmpty)
    }

    @Test func `a stop gives the slow replies at once`() throws {
        var slow = ScriptedFault(.slow)
        slow.delay = .seconds(3600)
        var options = EmulatorOptions()
        options.faults = FaultScript([slow])
        let emulator = try RunningEmulator(options) { 1_795_233_600_000 }
        guard case .tcp(_, let port) = emulator.addresses[0] else {
            throw EmulatorFixture.NoPort()
        }
        let held = try LoopbackClient(port: port)
        held.send(try TestRequest.start().text(at: 1_795_233_600))
        while emulator.requestsSeen == 0 { usleep(1000) }
        let other = try LoopbackClient(port: port)
        other.send(try TestRequest.start().text(at: 1_795_233_600))
        // The other one is answered although the first is held for an hour.
        let answered = other.receive()
        #expect(answered.status == 200)
        emulator.stop()
        #expect(held.receive().executionARN == answered.executionARN)
        #expect(throws: LoopbackClient.ClientFailure.self) { try LoopbackClient(port: port) }
    }

    @Test func `an error reply can be empty and ask for a pause`() throws {
        var pause = ScriptedFault(.serviceUnavailable)
        pause.retryAfter = .milliseconds(1500)
        var empty = ScriptedFault(.tooManyRequests)
        empty.isEmpty = true
        let fixture = try EmulatorFixture { $0.faults = FaultScript([pause, empty]) }
        let first = try fixture.start()
        #expect(first.field("x-amz-retry-after") == "1500")
        #expect(first.code == "ServiceUnavailable")
        let second = try fixture.start()
        #expect(second.status == 429)
        #expect(second.field("Content-Length") == "0")
        #expect(second.field("x-amz-retry-after") == nil)
    }

    @Test func `faults are taken in order and as often as they say`() throws {
        let fixture = try EmulatorFixture {
            $0.faults = FaultScript([
                ScriptedFault(.throttle, times: 2), ScriptedFault(.serviceUnavailable),
            ])
        }
        let statuses = try (0..<5).map { _ in try fixture.start().status }
        #expect(statuses == [400, 400, 503, 200, 200])
        #expect(fixture.emulator.faults == FaultScript())
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test func `a fault can be meant for one token, pipeline or operation`() throws {
        let token = String(repeating: "t", count: 32)
        var byToken = ScriptedFault(.throttle)
        byToken.token = token
        var byPipeline = ScriptedFault(.internalFailure)
        byPipeline.pipeline = "billing"
        var byOperation = ScriptedFault(.serviceUnavailable)
        byOperation.operation = .describePipeline
        let fixture = try EmulatorFixture {
            $0.faults = FaultScript([byToken, byPipeline, byOperation])
        }
        let describe = TestRequest("DescribePipeline", #"{"PipelineName":"churn-training"}"#)
        #expect(try fixture.start().status == 200)
        #expect(
            try fixture.start("arn:aws:sagemaker:eu-west-1:123456789012:pipeline/billing").status
                == 500)
        #expect(try fixture.send(describe).status == 503)
        #expect(try fixture.start(token: token).status == 400)
        #expect(try fixture.start(token: token).status == 200)
        #expect(try fixture.send(describe).status == 200)
        #expect(fixture.emulator.faults == FaultScript())
    }

    @Test func `a request that is refused anyway takes no fault`() throws {
        let fixture = try EmulatorFixture { $0.faults = Self.script(.throttle) }
        #expect(try fixture.send(.start().with { $0.isSigned = false }).status == 403)
        #expect(try fixture.start(token: "short").code == "ValidationException")
        #expect(fixture.emulator.faults == Self.script(.throttle))
        #expect(try fixture.start().code == "ThrottlingException")
    }

    @Test func `a lost reply to a refused start loses the refusal only`() throws {
        let fixture = try EmulatorFixture { $0.faults = Self.script(.resetAfter) }
        #expect(try fixture.start("missing-one").wasReset)
        #expect(fixture.emulator.executionsCreated == 0)
        #expect(fixture.emulator.journal.map(\.error) == ["ResourceNotFound"])
    }
}
