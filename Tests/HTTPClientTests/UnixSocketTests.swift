import EventPoll
import Foundation
import Glibc
import HTTPClient
import Testing

@Suite struct UnixSocketTests {
    /// A path that nobody uses, of so many bytes.
    private func freePath(bytes: Int = 60) -> String {
        let start = "/tmp/hookline-\(UUID().uuidString)"
        return start + String(repeating: "x", count: bytes - start.utf8.count)
    }

    private func get(_ path: String, url: String = "http://localhost/a?b") -> ClientRequest {
        var request = HTTPClientTests.get(url)
        request.unixSocketPath = path
        return request
    }

    @Test(arguments: [60, 107])
    func `a request goes to the socket, whatever host its URL names`(bytes: Int) throws {
        let path = freePath(bytes: bytes)
        defer { unlink(path) }
        try withServer(unixPath: path) { connection in
            connection.readRequest()
            connection.send(okay("x"))
        } _: { (server) throws in
            var request = get(path, url: "http://host.invalid/a?b")
            // Neither has a say over it.
            request.addressPolicy = AddressPolicy()
            request.proxy = "http://127.0.0.1:1"
            let reply = try ClientLoop().run(request).get()
            #expect(reply.status == 200)
            #expect(reply.content == Array("x".utf8))
            let received = try #require(server.requests.first)
            #expect(received.line == "GET /a?b HTTP/1.1")
            #expect(
                received.fieldLines == ["Host: host.invalid", "User-Agent: hookline/test"])
        }
    }

    @Test func `a kept connection is used for its own socket only`() throws {
        let paths = [freePath(), freePath()]
        defer { for path in paths { unlink(path) } }
        let script: @Sendable (Connection) -> Void = { connection in
            while connection.readRequest() != nil { connection.send(okay("")) }
        }
        try withServer(unixPath: paths[0], script) { (first) throws in
            try withServer(unixPath: paths[1], script) { (second) throws in
                try withServer(script) { (tcp) throws in
                    let loop = try ClientLoop()
                    for _ in 0..<2 {
                        for path in paths {
                            #expect(try loop.run(get(path, url: tcp.url)).get().status == 200)
                        }
                        let plain = HTTPClientTests.get(tcp.url)
                        #expect(try loop.run(plain).get().status == 200)
                    }
                    #expect([first, second, tcp].map(\.requests.count) == [2, 2, 2])
                    #expect([first, second, tcp].map(\.connectionCount) == [1, 1, 1])
                }
            }
        }
    }

    @Test func `a socket that is not there, or that nobody listens on, says so`() throws {
        let loop = try ClientLoop()
        let missing = loop.run(get(freePath()))
        #expect(missing.failure == .connectFailed(errno: ENOENT))
        let path = freePath()
        let descriptor = try boundUnixSocket(path)
        defer {
            close(descriptor)
            unlink(path)
        }
        #expect(loop.run(get(path)).failure == .connectFailed(errno: ECONNREFUSED))
    }

    @Test func `a path that no socket can have says so`() throws {
        let loop = try ClientLoop()
        for (path, code) in [
            (freePath(bytes: 108), ENAMETOOLONG), ("", EINVAL), ("/tmp/a\0b", EINVAL),
        ] {
            let expected = SystemCallError("connect", errno: code)
            #expect(loop.run(get(path)).failure == .systemCallFailed(expected))
        }
    }
}
