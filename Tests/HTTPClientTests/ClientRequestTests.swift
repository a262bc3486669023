import HTTPClient
import Testing

@Suite struct ClientRequestTests {
    @Test func `a GET carries what was asked for and nothing else`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(okay(""))
        } _: { (server) throws in
            var request = get(server.url + "a/../b%20c?d=%2F&e")
            request.fields = [("X-One", "1"), ("x-empty", ""), ("X-One", "2"), ("Tab", "a\tb é")]
            _ = try ClientLoop().run(request).get()
            let received = try #require(server.requests.first)
            #expect(received.line == "GET /a/../b%20c?d=%2F&e HTTP/1.1")
            #expect(
                received.fieldLines == [
                    "Host: 127.0.0.1:\(server.port)", "X-One: 1", "x-empty:", "X-One: 2",
                    "Tab: a\tb é", "User-Agent: hookline/test",
                ])
            #expect(received.content.isEmpty)
        }
    }

    @Test(arguments: [ClientRequest.Method.post, .put, .patch])
    func `content is sent whole and at once`(method: ClientRequest.Method) throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(okay(""))
        } _: { (server) throws in
            var request = ClientRequest(id: 1, method: method, url: server.url)
            request.allowsPlainHTTP = true
            request.fields = [
                ("content-type", "application/json"), ("user-agent", "other"), ("accept", "a/b"),
            ]
            // More than the 1 MiB from which libcurl would ask for a 100 (Continue); NULs too.
            request.content = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 / 7) }
            _ = try ClientLoop().run(request).get()
            let received = try #require(server.requests.first)
            #expect(received.line == "\(method.rawValue) / HTTP/1.1")
            #expect(
                received.fieldLines == [
                    "Host: 127.0.0.1:\(server.port)", "content-type: application/json",
                    "user-agent: other", "accept: a/b", "Content-Length: 3145728",
                ])
            #expect(received.content == request.content)
        }
    }

    @Test(arguments: [ClientRequest.Method.post, .put, .patch])
    func `empty content has a length and no type`(method: ClientRequest.Method) throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(okay(""))
        } _: { (server) throws in
            var request = ClientRequest(id: 1, method: method, url: server.url)
            request.allowsPlainHTTP = true
            _ = try ClientLoop().run(request).get()
            let received = try #require(server.requests.first)
            #expect(received.line == "\(method.rawValue) / HTTP/1.1")
            #expect(
                received.fieldLines == [
                    "Host: 127.0.0.1:\(server.port)", "User-Agent: hookline/test",
                    "Content-Length: 0",
                ])
        }
    }

    @Test func `a handle that is used again has forgotten the last request`() throws {
        try withServer { connection in
            while connection.readRequest() != nil { connection.send(okay("")) }
        } _: { (server) throws in
            let loop = try ClientLoop()
            var first = ClientRequest(id: 1, method: .put, url: server.url)
            first.allowsPlainHTTP = true
            first.fields = [("X-Secret", "s")]
            first.content = Array("content".utf8)
            _ = try loop.run(first).get()
            _ = try loop.run(get(server.url)).get()
            let received = try #require(server.requests.last)
            #expect(received.line == "GET / HTTP/1.1")
            #expect(
                received.fieldLines == [
                    "Host: 127.0.0.1:\(server.port)", "User-Agent: hookline/test",
                ])
        }
    }

    @Test(arguments: [
        "content-length", "Transfer-Encoding", "EXPECT", "", "a b", "a:", "a\r\nb", "é", "a\0",
    ])
    func `refuses a field name that is malformed or part of the framing`(name: String) throws {
        var request = get("http://127.0.0.1:1/")
        request.fields = [("fine", "1"), (name, "1")]
        #expect(try ClientLoop().run(request).failure == .fieldRefused(name: name))
    }

    @Test(arguments: ["a\r\nb: c", "a\n", "a\r", "a\0b", "\u{7F}", "\u{1}"])
    func `refuses a field value with control characters`(value: String) throws {
        var request = get("http://127.0.0.1:1/")
        request.fields = [("name", value)]
        #expect(try ClientLoop().run(request).failure == .fieldRefused(name: "name"))
    }

    @Test(arguments: [
        "", "127.0.0.1", "127.0.0.1:80/", "http:127.0.0.1", "http:/127.0.0.1/", "//127.0.0.1/",
        "http://user@127.0.0.1/", "http://user:pass@127.0.0.1/", "http://127.0.0.1/a b",
        "http://127.0.0.1/\0", "http://127.0.0.1/\n", "http://é.example/", "http:///path",
        "http:////path", "http://",
        "http://127.0.0.1\\@x/", "http://127.0.0.1/{a}", "http://127.0.0.1/?a|b", "http://#f",
        "http://?q",
        "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://[::1/",
    ])
    func `refuses a URL that is malformed or has user information`(url: String) throws {
        #expect(try ClientLoop().run(get(url)).failure == .urlMalformed)
    }

    @Test(arguments: [
        "ftp://127.0.0.1/", "file://localhost/etc/passwd", "gopher://127.0.0.1/", "x://y/",
    ])
    func `refuses other schemes`(url: String) throws {
        #expect(try ClientLoop().run(get(url)).failure == .schemeRefused)
    }

    @Test func `refuses plain HTTP where it is not allowed`() throws {
        try withServer {
            $0.readRequest()
        } _: { (server) throws in
            var request = get(server.url)
            request.allowsPlainHTTP = false
            #expect(try ClientLoop().run(request).failure == .schemeRefused)
            #expect(server.connectionCount == 0)
        }
    }

    @Test func `goes through a proxy only when the request names one`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(okay(""))
        } _: { (server) throws in
            var request = get(server.url)
            // Nobody listens there; the servers' environment names it, too.
            request.proxy = "http://127.0.0.1:1"
            guard case .connectFailed = try ClientLoop().run(request).failure else {
                Issue.record("the proxy was not asked")
                return
            }
            #expect(server.connectionCount == 0)
            #expect(try ClientLoop().run(get(server.url)).get().status == 200)
        }
    }
}
