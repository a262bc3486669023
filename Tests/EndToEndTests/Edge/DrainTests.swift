import Foundation
import TestSupport
import Testing

/// How the gateway ends.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DrainTests {
    private static let uploadHead =
        "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + "Content-Length: 2\r\n\r\n"

    private func served(_ gateway: OpenGateway) throws -> LoopbackClient {
        let client = try gateway.client()
        client.send(OpenGateway.health)
        #expect(Answer(client.receiveResponse()).status == 200)
        return client
    }

    /// Waits until nothing is accepted any more.
    private func waitForDrain(_ gateway: OpenGateway) throws {
        try waitUntil("a refused connection") { (try? gateway.client()) == nil }
        // A loop that has closed its listener looks at its connections next.
        usleep(100_000)
    }

    @Test func `an upload is finished and answered, everybody else is sent away, exit 0`() throws {
        let gateway = try OpenGateway(limits: "drainTimeout: 60s")
        let idle = try served(gateway)
        let upload = try served(gateway)
        upload.send(Self.uploadHead + "{")
        let head = try served(gateway)
        head.send("GET /healthz HTTP/1.1\r\n")
        usleep(100_000)
        gateway.fixture.gateway?.send(SIGTERM)
        try waitForDrain(gateway)

        let ready = try gateway.fixture.get("/readyz", port: gateway.fixture.adminPort)
        #expect(ready.status == 503)
        idle.send(OpenGateway.post() + OpenGateway.health)
        let refused = Responses(idle.receiveAll(), omitsContent: false).all
        #expect(refused.map(\.status) == [503])
        #expect(refused.first?.has("Connection: close") == true)
        #expect(refused.first?.head.contains("\r\nRetry-After: ") == true)
        head.send("Host: x\r\n\r\n")
        let begun = Responses(head.receiveAll(), omitsContent: false).all
        #expect(begun.map(\.status) == [200])
        #expect(begun.first?.has("Connection: close") == true)

        #expect(gateway.fixture.gateway?.isRunning == true)
        upload.send("}")
        let finished = Responses(upload.receiveAll(), omitsContent: false).all
        #expect(finished.map(\.status) == [200])
        #expect(finished.first?.has("Connection: close") == true)
        #expect(try gateway.fixture.gateway?.waitForExit() == 0)
    }

    @Test func `an upload that does not end is given up after its time, exit 0`() throws {
        let gateway = try OpenGateway(limits: "drainTimeout: 300ms, bodyTimeout: 300s")
        let upload = try served(gateway)
        upload.send(Self.uploadHead + "{")
        usleep(100_000)
        gateway.fixture.gateway?.send(SIGTERM)
        #expect(try gateway.fixture.gateway?.waitForExit() == 0)
        #expect(upload.receiveAll().isEmpty)
    }

    @Test func `a stalled client of the admin listener holds the end up no longer`() throws {
        // Neither the time to drain nor the client's own time would end within this test's.
        let gateway = try OpenGateway(limits: "drainTimeout: 1h, headerTimeout: 1h")
        let stalled = try LoopbackClient(port: gateway.fixture.adminPort)
        stalled.send("GET /metr")
        usleep(100_000)
        gateway.fixture.gateway?.send(SIGTERM)
        #expect(try gateway.fixture.gateway?.waitForExit() == 0)
        #expect(stalled.receiveAll().isEmpty)
    }

    /// A gateway whose start waits for the answer of a server.
    private func waitingGateway(_ silent: SilentServer, limits: String) throws -> GatewayFixture {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.writeConfiguration(
            endpoint: "http://127.0.0.1:\(silent.port)", extra: "limits: {\(limits)}")
        try fixture.startGateway()
        #expect(
            try fixture.push(
                GatewayFixture.pushPayload(after: GatewayFixture.commit(1)), delivery: "hangs"
            ).status == 202)
        silent.waitForConnection()
        return fixture
    }

    @Test func `a service that does not answer is not waited for until it has to`() throws {
        let silent = try SilentServer()
        let fixture = try waitingGateway(silent, limits: "drainTimeout: 300ms")
        fixture.gateway?.send(SIGTERM)
        // A request's own time is a minute; what is under way is sent again after a restart.
        #expect(try fixture.gateway?.waitForExit() == 0)
    }

    @Test func `a service that answers late in a long drain is listened to`() throws {
        let silent = try SilentServer()
        let fixture = try waitingGateway(silent, limits: "drainTimeout: 1h")
        fixture.gateway?.send(SIGTERM)
        try waitUntil("a refused connection") { (try? LoopbackClient(port: fixture.port)) == nil }
        // Longer than the outbound loop waits if nobody tells it how long.
        sleep(11)
        silent.answer(
            #"{"PipelineExecutionArn":"arn:aws:sagemaker:eu-west-1:123456789012:"#
                + #"pipeline/churn-training/execution/abcdefghijkl"}"#)
        #expect(try fixture.gateway?.waitForExit() == 0)
        try fixture.startGateway()
        let list = try fixture.get("/v1/deliveries", port: fixture.adminPort)
        #expect(list.content.contains(#""state":"started""#))
    }

    @Test func `a second signal ends it at once`() throws {
        let gateway = try OpenGateway(limits: "drainTimeout: 300s, bodyTimeout: 300s")
        let upload = try served(gateway)
        upload.send(Self.uploadHead + "{")
        usleep(100_000)
        gateway.fixture.gateway?.send(SIGTERM)
        try waitForDrain(gateway)
        #expect(gateway.fixture.gateway?.isRunning == true)
        gateway.fixture.gateway?.send(SIGINT)
        #expect(try gateway.fixture.gateway?.waitForExit() == 1)
    }

    @Test func `idle connections hold nothing up`() throws {
        let gateway = try OpenGateway(limits: "drainTimeout: 300s")
        let clients = try (0..<20).map { _ in try served(gateway) }
        gateway.fixture.gateway?.send(SIGTERM)
        #expect(try gateway.fixture.gateway?.waitForExit() == 0)
        for client in clients {
            #expect(client.receiveAll().isEmpty)
            #expect(client.wasEnded)
        }
    }
}
