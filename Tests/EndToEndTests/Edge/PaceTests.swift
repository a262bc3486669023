import Foundation
import TestSupport
import Testing

/// Clients that are slow, on purpose or not. Limits are shortened; no test is decided by a time.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PaceTests {
    private static let limits =
        "headerTimeout: 300ms, bodyTimeout: 300ms, minBodyRate: 100B/s, writeTimeout: 300ms, "
        + "idleTimeout: 300s"

    private func check408(_ client: LoopbackClient, _ what: String) {
        let answers = Responses(client.receiveAll(), omitsContent: false).all
        #expect(answers.map(\.status) == [408], "\(what): \(answers.map(\.head))")
        #expect(answers.last?.has("Connection: close") == true, "\(what)")
        #expect(client.wasEnded, "\(what)")
    }

    @Test func `a head or a content that does not end is answered with 408`() throws {
        let gateway = try OpenGateway(limits: Self.limits)
        for part in [
            "G", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 20\r\n\r\n{",
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
        ] {
            let client = try gateway.client()
            client.send(part)
            check408(client, part)
        }
    }

    @Test func `a slow head behind another request has no more time than the first`() throws {
        let gateway = try OpenGateway(limits: Self.limits)
        let client = try gateway.client()
        client.send(OpenGateway.health)
        #expect(Answer(client.receiveResponse()).status == 200)
        client.send("GET /healthz HTTP/1.1\r\n")
        check408(client, "behind an answered request")
        let pipelined = try gateway.client()
        pipelined.send(OpenGateway.health + "GET /healthz HTTP/1.1\r\n")
        #expect(Answer(pipelined.receiveResponse()).status == 200)
        check408(pipelined, "pipelined")
    }

    @Test func `a head in time is served, however late its connection is in its idle time`() throws
    {
        let gateway = try OpenGateway(limits: "headerTimeout: 60s, idleTimeout: 1200ms")
        let client = try gateway.client()
        client.send(OpenGateway.health)
        #expect(Answer(client.receiveResponse()).status == 200)
        // The head begins within the idle time and ends behind it.
        usleep(600_000)
        client.send("GET /healthz HTTP/1.1\r\n")
        usleep(1_600_000)
        client.send("Host: x\r\n\r\n")
        #expect(Answer(client.receiveResponse()).status == 200)
    }

    @Test func `a head that comes byte by byte earns no time`() throws {
        let gateway = try OpenGateway(limits: Self.limits)
        let client = try gateway.client()
        let head = "GET /healthz HTTP/1.1\r\nX: \(String(repeating: "x", count: 2000))"
        // Half a minute's worth, unless the connection ends before.
        for byte in head.unicodeScalars {
            guard client.sendWithoutWaiting(String(byte)) > 0 else { break }
            usleep(15_000)
        }
        let answers = Responses(client.receiveAll(), omitsContent: false).all
        #expect(answers.isEmpty || answers.map(\.status) == [408])
        #expect(client.wasEnded)
    }

    @Test func `a content at the minimum rate may take longer than its time`() throws {
        let gateway = try OpenGateway(limits: "bodyTimeout: 2s, minBodyRate: 1B/s")
        let client = try gateway.client()
        client.send(
            "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 62\r\n\r\n{")
        // The time-out alone passes three times meanwhile.
        for _ in 0..<60 {
            client.send(" ")
            usleep(100_000)
        }
        client.send("}")
        #expect(Answer(client.receiveResponse()).status == 200)
    }

    @Test func `who asks and never reads is dropped, and holds nobody up`() throws {
        let gateway = try OpenGateway(limits: Self.limits)
        let greedy = try LoopbackClient(port: gateway.port, receiveBufferBytes: 4096)
        let requests = String(repeating: OpenGateway.health, count: 1000)
        // Until the server reads no more; it may also have given up already.
        for _ in 0..<5000 where greedy.sendWithoutWaiting(requests) == 0 { usleep(1000) }
        try waitUntil("a time-out") {
            #expect(try gateway.statuses(OpenGateway.lastHealth) == [200])
            return try gateway.metric("hookline_connection_timeouts_total") ?? 0 > 0
        }
        try waitUntil("no connection") { try gateway.metric("hookline_connections") == 0 }
    }

    @Test func `an idle connection is closed without a word`() throws {
        let gateway = try OpenGateway(limits: "headerTimeout: 300ms, idleTimeout: 300ms")
        let silent = try gateway.client()
        #expect(silent.receiveAll().isEmpty)
        #expect(silent.wasEnded)
        let used = try gateway.client()
        used.send(OpenGateway.health)
        #expect(Answer(used.receiveResponse()).status == 200)
        #expect(used.receiveAll().isEmpty)
        #expect(used.wasEnded)
        #expect(try gateway.metric("hookline_connection_timeouts_total") == 0)
    }
}
