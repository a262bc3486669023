import EventPoll
import Glibc
import HTTPClient
import Testing

@Suite struct ClientErrorTests {
    @Test func `a refused connection says so`() throws {
        let (descriptor, port) = try boundSocket()
        defer { close(descriptor) }
        let result = try ClientLoop().run(get("http://127.0.0.1:\(port)/"))
        #expect(result.failure == .connectFailed(errno: ECONNREFUSED))
    }

    @Test(arguments: ["", "HTTP/1.1 100 Continue\r\n\r\n"])
    func `a close without a final reply says so`(text: String) throws {
        try expect(.closedWithoutReply) { connection in
            connection.readRequest()
            connection.send(text)
        }
    }

    @Test func `a reset says so`() throws {
        try expect(.receiveFailed(errno: ECONNRESET)) { connection in
            connection.readRequest()
            connection.reset()
        }
    }

    @Test func `a reply cut anywhere in its head is not a success`() throws {
        let head = Array("HTTP/1.1 200 OK\r\nA: 1\r\nConnection: close\r\n\r\n".utf8)
        try withServer { connection in
            connection.readRequest()
            connection.send(Array(head.prefix(connection.index + 1)))
        } _: { (server) throws in
            let loop = try ClientLoop()
            for count in 1..<head.count {
                let failure = loop.run(get(server.url)).failure
                // Before the status line is whole, a cut and nonsense are the same.
                let expected: [ClientError] = [.replyCut, .replyMalformed, .closedWithoutReply]
                #expect(expected.contains { $0 == failure }, "cut after \(count) bytes")
                if count > 17 { #expect(failure == .replyCut, "cut after \(count) bytes") }
            }
            #expect(try loop.run(get(server.url)).get().status == 200)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    ])
    func `a reply cut in its content says so`(text: String) throws {
        try expect(.replyCut) { connection in
            connection.readRequest()
            connection.send(text)
        }
    }

    @Test(arguments: [
        "garbage", "<html></html>", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 xyz\r\n\r\n", "SSH-2.0-x\r\n",
    ])
    func `a reply that is not HTTP says so`(text: String) throws {
        try expect(.replyMalformed) { connection in
            connection.readRequest()
            connection.send(text)
        }
    }

    // libcurl has no code of its own for this.
    @Test func `a reply with a malformed chunk is not a success`() throws {
        try expect(.receiveFailed(errno: 0)) { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        }
    }

    @Test(arguments: [
        "Content-Length: 11\r\n\r\nhello world", "\r\nhello world",
        "Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
    ])
    func `content may be as long as the limit and no longer`(rest: String) throws {
        try withServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n" + rest)
        } _: { (server) throws in
            var request = get(server.url)
            request.replyBytesMax = 11
            #expect(try ClientLoop().run(request).get().content == Array("hello world".utf8))
            request.replyBytesMax = 10
            #expect(try ClientLoop().run(request).failure == .replyTooLarge(limit: 10))
            request.replyBytesMax = 0
            #expect(try ClientLoop().run(request).failure == .replyTooLarge(limit: 0))
        }
    }

    @Test func `an endless reply is cut off at the limit`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            let chunk = [UInt8](repeating: 0x78, count: 1 << 16)
            for _ in 0..<1024 { connection.send(chunk) }
        } _: { (server) throws in
            var request = get(server.url)
            request.replyBytesMax = 100_000
            #expect(try ClientLoop().run(request).failure == .replyTooLarge(limit: 100_000))
        }
    }

    @Test func `the head may be as long as the limit and no longer`() throws {
        let head =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLong: \(String(repeating: "x", count: 500))\r\n\r\n"
        try withServer { connection in
            connection.readRequest()
            connection.send(head)
        } _: { (server) throws in
            var limits = ClientLimits()
            limits.replyHeadBytesMax = head.utf8.count
            #expect(try ClientLoop(limits: limits).run(get(server.url)).get().status == 200)
            limits.replyHeadBytesMax -= 1
            #expect(
                try ClientLoop(limits: limits).run(get(server.url)).failure
                    == .replyHeadTooLarge(limit: limits.replyHeadBytesMax))
        }
    }

    @Test func `no answer in time says so`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.waitForClose()
        } _: { (server) throws in
            var request = get(server.url)
            request.timeout = .milliseconds(150)
            #expect(try ClientLoop().run(request).failure == .timedOut)
        }
    }

    @Test func `a TLS handshake that stalls is a connection that is not there in time`() throws {
        try withServer {
            $0.waitForClose()
        } _: { (server) throws in
            var request = get("https://127.0.0.1:\(server.port)/")
            request.connectTimeout = .milliseconds(150)
            #expect(try ClientLoop().run(request).failure == .connectTimedOut)
        }
    }

    @Test func `TLS with a server that does not speak it fails`() throws {
        try withServer { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.waitForClose()
        } _: { (server) throws in
            let result = try ClientLoop().run(get("https://127.0.0.1:\(server.port)/"))
            #expect(result.failure == .tlsHandshakeFailed)
        }
    }

    @Test func `a name that cannot exist does not resolve`() throws {
        // RFC 1035 §2.3.4 allows 63 octets a label, so no resolver is asked.
        let label = String(repeating: "a", count: 64)
        #expect(try ClientLoop().run(get("http://\(label).invalid/")).failure == .resolveFailed)
    }

    @Test func `authorities that cannot be read say so`() throws {
        try withServer {
            $0.waitForClose()
        } _: { (server) throws in
            var request = get("https://127.0.0.1:\(server.port)/")
            request.certificateAuthorities = "/nonexistent/ca.pem"
            #expect(
                try ClientLoop().run(request).failure == .certificateAuthoritiesUnreadable)
        }
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]",
    ])
    func `an address that the policy refuses is not connected to`(host: String) throws {
        try withServer {
            $0.readRequest()
        } _: { (server) throws in
            var request = get("http://\(host):\(server.port)/")
            request.addressPolicy = AddressPolicy()
            guard case .addressRefused(let address) = try ClientLoop().run(request).failure else {
                Issue.record("\(host) was not refused")
                return
            }
            #expect(AddressPolicy.purpose(of: address)?.hasPrefix("loopback") == true)
            #expect(server.connectionCount == 0)
        }
    }

    @Test func `an address that the policy allows is connected to`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(okay(""))
        } _: { (server) throws in
            var request = get(server.url)
            request.addressPolicy = AddressPolicy(allowed: [try #require(IPNetwork("127.0.0.1"))])
            #expect(try ClientLoop().run(request).get().status == 200)
        }
    }

    @Test func `the policy holds for a connection that another request opened`() throws {
        try withServer { connection in
            while connection.readRequest() != nil { connection.send(okay("")) }
        } _: { (server) throws in
            let loop = try ClientLoop()
            #expect(try loop.run(get(server.url)).get().status == 200)
            var request = get(server.url)
            request.addressPolicy = AddressPolicy()
            let loopback = try #require(IPAddress("127.0.0.1"))
            #expect(loop.run(request).failure == .addressRefused(loopback))
            #expect(server.requests.count == 1)
        }
    }

    @Test func `messages name what was wrong`() throws {
        let metadata = try #require(IPAddress("169.254.169.254"))
        #expect(
            ClientError.addressRefused(metadata).description
                == "the host's address 169.254.169.254 is refused: "
                + "cloud metadata (Amazon EC2 instance metadata service)")
        #expect(
            ClientError.connectFailed(errno: ECONNREFUSED).description
                == "could not connect: Connection refused")
        #expect(ClientError.connectFailed(errno: 0).description == "could not connect")
    }

    private func expect(
        _ error: ClientError, from script: @escaping @Sendable (Connection) -> Void
    ) throws {
        try withServer(script) { (server) throws in
            let result = try ClientLoop().run(get(server.url))
            #expect(result.failure == error)
        }
    }
}
