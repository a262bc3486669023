import Foundation
import TestSupport
import Testing

/// Who may speak to a source, from where, and how often.
@Suite(.serialized, .timeLimit(.minutes(5))) struct AccessTests {
    @Test func `an address that is not allowed gets 403 before anything of it is read`() throws {
        let gateway = try OpenGateway(source: ", allowFrom: [192.0.2.0/24, '2001:db8::/32']")
        #expect(
            try gateway.statuses(OpenGateway.post(fields: "Connection: close\r\n")) == [403])
        let waiting = OpenGateway.post("", fields: "Expect: 100-continue\r\n")
            .replacing("Content-Length: 0", with: "Content-Length: 2")
        #expect(try gateway.statuses(waiting) == [403])
        // What a client says of itself counts for nothing.
        for field in ["X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1"] {
            let request = OpenGateway.post(fields: "\(field)\r\nConnection: close\r\n")
            #expect(try gateway.statuses(request) == [403], "\(field)")
        }
        #expect(try gateway.statuses(OpenGateway.lastHealth) == [200])
        let here = try OpenGateway(source: ", allowFrom: [127.0.0.0/8]")
        #expect(try here.statuses(OpenGateway.post(fields: "Connection: close\r\n")) == [200])
    }

    @Test func `a trusted proxy's word on its client is taken, and nobody's before it`() throws {
        let gateway = try OpenGateway(
            source: ", allowFrom: [203.0.113.0/24, '2001:db8::/32'], "
                + "trustedProxies: [127.0.0.0/8, 10.0.0.0/8]")
        let table: [(fields: String, status: Int)] = [
            ("", 403),
            ("X-Forwarded-For: 203.0.113.7\r\n", 200),
            ("X-Forwarded-For: 203.0.113.7:4711\r\n", 200),
            ("X-Forwarded-For: 198.51.100.1\r\n", 403),
            ("X-Forwarded-For: 203.0.113.7, 198.51.100.1\r\n", 403),
            ("X-Forwarded-For: 198.51.100.1, 203.0.113.7, 10.1.2.3\r\n", 200),
            ("X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 198.51.100.1\r\n", 403),
            ("X-Forwarded-For: [2001:db8::1]:80\r\n", 200),
            ("X-Forwarded-For: 2001:db8::1\r\n", 200),
            ("X-Forwarded-For: ::ffff:203.0.113.7\r\n", 200),
            ("X-Forwarded-For: 2001:db9::1\r\n", 403),
            ("X-Forwarded-For: localhost\r\n", 403),
            ("X-Forwarded-For: \r\n", 403),
            ("X-Forwarded-For: 203.0.113.7, unknown\r\n", 403),
            ("Forwarded: for=203.0.113.7\r\n", 200),
            ("Forwarded: For=\"[2001:db8:cafe::17]:4711\";proto=https\r\n", 200),
            ("Forwarded: for=203.0.113.7, for=198.51.100.1\r\n", 403),
            ("Forwarded: for=_hidden\r\n", 403),
            ("Forwarded: for=203.0.113.7\r\nX-Forwarded-For: 198.51.100.1\r\n", 403),
        ]
        for (fields, status) in table {
            let request = OpenGateway.post(fields: "\(fields)Connection: close\r\n")
            #expect(try gateway.statuses(request) == [status], "\(fields)")
        }
    }

    @Test func `a source above its rate answers 429 and when to come again`() throws {
        let gateway = try OpenGateway(source: ", rateLimit: 3/h")
        let client = try gateway.client()
        for _ in 0..<3 {
            client.send(OpenGateway.post())
            #expect(Answer(client.receiveResponse()).status == 200)
        }
        client.send(OpenGateway.post())
        let limited = Answer(client.receiveResponse())
        #expect(limited.status == 429)
        #expect(limited.has("Content-Type: application/problem+json"))
        let wait = limited.head.split(separator: "\r\n")
            .compactMap { $0.hasPrefix("Retry-After: ") ? Int($0.dropFirst(13)) : nil }
        #expect(wait.count == 1)
        // A third of an hour, less what has passed since the first.
        #expect((1...1200).contains(wait.first ?? 0))
        #expect(try gateway.statuses(OpenGateway.lastHealth) == [200])
    }

    @Test func `a rate counts on when the configuration is loaded anew`() throws {
        let gateway = try OpenGateway(source: ", rateLimit: 2/h")
        for _ in 0..<2 { #expect(try gateway.statuses(OpenGateway.lastPost) == [200]) }
        gateway.fixture.gateway?.send(SIGHUP)
        try waitUntil("a reload") {
            gateway.fixture.gateway?.errors.contains("loaded anew") == true
        }
        #expect(try gateway.statuses(OpenGateway.lastPost) == [429])
    }

    @Test func `a limit of 0 is no cap`() throws {
        let gateway = try OpenGateway(
            limits: "connections: 0, targetBytes: 0, headerBytes: 0, fields: 0, trailerBytes: 0, "
                + "handshakeTimeout: 0, headerTimeout: 0s, bodyTimeout: 0s, minBodyRate: 0, "
                + "writeTimeout: 0s, idleTimeout: 0s, drainTimeout: 0s, queuedStarts: 0")
        let many = (0..<200).map { "X-Field-\($0): \(String(repeating: "v", count: 200))\r\n" }
        let head =
            "POST /hooks/open?\(String(repeating: "q", count: 20_000)) HTTP/1.1\r\nHost: x\r\n"
            + "Content-Type: application/json\r\nConnection: close\r\n" + many.joined()
        let trailer = "X-Trailer: \(String(repeating: "t", count: 10_000))\r\n"
        let body = "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\(trailer)\r\n"
        #expect(try gateway.statuses(head + body) == [200])
        gateway.fixture.gateway?.send(SIGTERM)
        #expect(try gateway.fixture.gateway?.waitForExit() == 0)
    }

    @Test func `an address has as many connections as it may, and the next when one ends`() throws {
        let gateway = try OpenGateway(limits: "connectionsPerAddress: 2")
        var clients = [try gateway.client(), try gateway.client()]
        for client in clients {
            client.send(OpenGateway.health)
            #expect(Answer(client.receiveResponse()).status == 200)
        }
        let third = try gateway.client()
        #expect(third.receiveAll().isEmpty)
        #expect(third.wasEnded)
        #expect(try gateway.metric("hookline_connections_refused_total") == 1)
        clients.removeLast()
        try waitUntil("room") { try gateway.statuses(OpenGateway.lastHealth) == [200] }
        clients[0].send(OpenGateway.health)
        #expect(Answer(clients[0].receiveResponse()).status == 200)
    }
}
