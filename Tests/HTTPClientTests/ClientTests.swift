import EventPoll
import Glibc
import HTTPClient
import Testing

@Suite struct ClientTests {
    @Test func `gives back status, fields and content`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(
                "HTTP/1.1 207 Multi\r\nX-One: 1\r\nSet-Cookie: a\r\nset-cookie: b\r\n"
                    + "Content-Length: 5\r\n\r\nhello")
        } _: { (server) throws in
            let reply = try ClientLoop().run(get(server.url, id: 42)).get()
            #expect(reply.status == 207)
            #expect(
                reply.fields.map(\.name) == ["x-one", "set-cookie", "set-cookie", "content-length"])
            #expect(reply.fields.map(\.value) == ["1", "a", "b", "5"])
            #expect(reply.firstValue(of: "set-cookie") == "a")
            #expect(reply.firstValue(of: "absent") == nil)
            #expect(reply.content == Array("hello".utf8))
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\nConnection: close\n\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            + "Trailer: T\r\n\r\n5\r\nhello\r\n0\r\nT: 1\r\n\r\n",
    ])
    func `a reply in pieces of one byte is the same as in one`(text: String) throws {
        try withServer { connection in
            connection.readRequest()
            if connection.index == 0 {
                connection.send(text)
            } else {
                connection.sendByByte(text)
            }
        } _: { (server) throws in
            let whole = try ClientLoop().run(get(server.url)).get()
            let pieces = try ClientLoop().run(get(server.url)).get()
            #expect(whole.status == 200)
            #expect(whole.content == Array("hello".utf8))
            #expect(pieces.status == whole.status)
            #expect(pieces.fields.map(\.name) == whole.fields.map(\.name))
            #expect(pieces.fields.map(\.value) == whole.fields.map(\.value))
            #expect(pieces.content == whole.content)
        }
    }

    @Test(arguments: [204, 304])
    func `a status without content needs no length`(status: Int) throws {
        try withServer { connection in
            while connection.readRequest() != nil {
                connection.send("HTTP/1.1 \(status) Empty\r\n\r\n")
            }
        } _: { (server) throws in
            let reply = try ClientLoop().run(get(server.url)).get()
            #expect(reply.status == status)
            #expect(reply.content.isEmpty)
        }
    }

    @Test func `returns a redirect and does not follow it`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(
                "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
            connection.readRequest()
        } _: { (server) throws in
            let reply = try ClientLoop().run(get(server.url)).get()
            #expect(reply.status == 302)
            #expect(reply.firstValue(of: "location") == "/elsewhere")
            #expect(server.requests.count == 1)
        }
    }

    @Test func `requests one after the other share a connection`() throws {
        try withServer { connection in
            while connection.readRequest() != nil { connection.send(okay("")) }
        } _: { (server) throws in
            let loop = try ClientLoop()
            for id in 1...5 {
                #expect(try loop.run(get(server.url, id: UInt64(id))).get().status == 200)
            }
            #expect(server.connectionCount == 1)
            #expect(server.requests.count == 5)
        }
    }

    @Test func `200 requests share 8 connections and get their own replies`() throws {
        try withServer { connection in
            while let request = connection.readRequest() { connection.send(okay(request.line)) }
        } _: { (server) throws in
            var limits = ClientLimits()
            limits.connectionsMax = 8
            let requests = (1...200).map { get("\(server.url)\($0)", id: UInt64($0)) }
            let results = try ClientLoop(limits: limits).run(requests)
            for request in requests {
                let content = try #require(results[request.id]).get().content
                #expect(content == Array("GET /\(request.id) HTTP/1.1".utf8))
            }
            #expect(server.requests.count == 200)
            #expect((1...8).contains(server.connectionCount))
        }
    }

    // A fact of libcurl that the callers' idempotency tokens are for.
    @Test func `a request on a connection that proves dead is sent again`() throws {
        try withServer { connection in
            connection.readRequest()
            if connection.index == 0 {
                connection.send(okay("first"))
                connection.readRequest()
            } else {
                connection.send(okay("second"))
            }
        } _: { (server) throws in
            let loop = try ClientLoop()
            #expect(try loop.run(get(server.url)).get().content == Array("first".utf8))
            var request = ClientRequest(id: 2, method: .post, url: server.url)
            request.allowsPlainHTTP = true
            request.content = Array("x".utf8)
            #expect(try loop.run(request).get().content == Array("second".utf8))
            #expect(server.requests.map(\.content) == [[], Array("x".utf8), Array("x".utf8)])
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `a dropped client closes its connections`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.waitForClose()
        } _: { (server) throws in
            var loop: ClientLoop? = try ClientLoop()
            let poll = try #require(loop?.poll)
            loop?.client.start(get(server.url))
            while server.requests.isEmpty { loop?.turn() }
            #expect(loop?.client.activeCount == 1)
            loop = nil
            #expect(!poll.wait(milliseconds: 0) { _ in })
            #expect(server.seesClose())
        }
    }

    @Test func `events of other sockets and of earlier ones are not taken`() throws {
        let loop = try ClientLoop()
        let wakeup = try Wakeup()
        try loop.poll.add(PollKey(descriptor: wakeup.descriptor, generation: 1), .read)
        wakeup.signal()
        var taken: [Bool] = []
        loop.poll.wait(milliseconds: -1) { taken.append(loop.client.handle($0)) }
        #expect(taken == [false])
    }

    @Test func `durations beyond what libcurl takes are as long as it takes`() throws {
        try withServer { connection in
            connection.readRequest()
            connection.send(okay(""))
        } _: { (server) throws in
            var limits = ClientLimits()
            limits.connectionLifetime = .seconds(Int64.max)
            limits.idleTime = .seconds(Int64.max)
            var request = get(server.url)
            request.timeout = .seconds(Int64.max)
            request.connectTimeout = .seconds(Int64.max)
            #expect(try ClientLoop(limits: limits).run(request).get().status == 200)
        }
    }

    @Test func `more requests than connections are the caller's defect`() async {
        await #expect(processExitsWith: .success) { try startRequests(2, connectionsMax: 2) }
        await #expect(processExitsWith: .failure) { try startRequests(3, connectionsMax: 2) }
    }

    @Test func `waits for nothing while there is nothing to do`() throws {
        try withServer { connection in
            while connection.readRequest() != nil { connection.send(okay("")) }
        } _: { (server) throws in
            let loop = try ClientLoop()
            #expect(loop.client.nextTimeout == nil)
            loop.client.start(get(server.url))
            #expect(loop.client.nextTimeout != nil)
            while loop.client.activeCount > 0 { loop.turn() }
            #expect(loop.client.takeFinished().map(\.id) == [1])
            #expect(loop.client.takeFinished().isEmpty)
        }
    }
}

private func startRequests(_ count: UInt64, connectionsMax: Int) throws {
    var limits = ClientLimits()
    limits.connectionsMax = connectionsMax
    let loop = try ClientLoop(limits: limits)
    for id in 1...count { loop.client.start(get("http://127.0.0.1:1/", id: id)) }
}

/// A reply of status 200 with a content.
func okay(_ content: String) -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(content.utf8.count)\r\n\r\n\(content)"
}
