import EventPoll
import Glibc
import HTTP1
import HTTPServer
import TestSupport
import Testing

@Suite struct RunningServerTests {
    @Test func `answers requests on one connection, whole or byte by byte`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
        #expect(withoutDates(client.receiveResponse()) == response("/a:hello"))
        for character in "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi".unicodeScalars
        {
            client.send(String(character))
        }
        client.send("GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(
            withoutDates(client.receiveAll()) == response("/b:hi") + response("/c:", closes: true))
    }

    @Test func `answers pipelined requests in order, later ones too`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /later HTTP/1.1\r\nHost: x\r\n")
        client.send("Content-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        client.send("GET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        fixture.pending.answerOne("late")
        #expect(
            withoutDates(client.receiveAll())
                == response("/a:") + response("late", "202 Accepted") + response("/b:")
                + response("/d:", closes: true))
    }

    @Test func `a client that closed its own side still gets its answer`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        client.finishSending()
        fixture.pending.answerOne("late")
        #expect(withoutDates(client.receiveAll()).hasPrefix("HTTP/1.1 202 Accepted"))
    }

    @Test func `an aborted request ends its connection, in order behind earlier responses`() throws
    {
        let fixture = try Fixture()
        for (path, sent) in [("/closed", ""), ("/cut", "HTTP/1.1 2")] {
            let client = try fixture.client()
            client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST \(path) HTTP/1.1\r\nHost: x\r\n")
            client.send("Content-Length: 2\r\n\r\nokGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(withoutDates(client.receiveAll()) == response("/a:") + sent)
            #expect(!client.wasReset)
        }
    }

    @Test func `an aborted request resets its connection`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        client.send("GET /reset HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.receiveAll().isEmpty)
        #expect(client.wasReset)
        #expect(fixture.server.statistics.open == 0)
    }

    @Test func `a request can be aborted later, and the server goes on`() throws {
        let fixture = try Fixture()
        let cut = try fixture.client()
        cut.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        fixture.pending.abortOne(.close(after: Array("HTTP/1.1 200 OK\r\nDa".utf8)))
        #expect(cut.receiveAll() == "HTTP/1.1 200 OK\r\nDa")
        let reset = try fixture.client()
        reset.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        fixture.pending.abortOne(.reset)
        #expect(reset.receiveAll().isEmpty)
        #expect(reset.wasReset)
        let next = try fixture.client()
        next.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(withoutDates(next.receiveAll()) == response("/a:", closes: true))
    }

    @Test func `content over the limit is refused before it is read`() throws {
        let fixture = try Fixture()
        let declared = try fixture.client()
        declared.send("POST /limited HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n")
        #expect(declared.receiveAll().hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        let chunked = try fixture.client()
        chunked.send("POST /limited HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunked.send("6\r\nabcdef\r\n5\r\nabcde\r\n")
        #expect(chunked.receiveAll().hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        let announced = try fixture.client()
        announced.send(
            "POST /limited HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n")
        #expect(announced.receiveAll().hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
        let fits = try fixture.client()
        fits.send("POST /limited HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n")
        fits.send("Connection: close\r\n\r\n6\r\nabcdef\r\n4\r\nabcd\r\n0\r\n\r\n")
        #expect(withoutDates(fits.receiveAll()) == response("/limited:abcdefabcd", closes: true))
    }

    @Test func `content is asked for when the client waits for that, unless it is too large`()
        throws
    {
        let fixture = try Fixture()
        let client = try fixture.client()
        let expecting = "HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        client.send("POST /limited \(expecting)Content-Length: 2\r\n\r\n")
        #expect(client.receiveResponse() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("ok")
        #expect(withoutDates(client.receiveResponse()) == response("/limited:ok"))
        client.send("POST /limited \(expecting)Content-Length: 11\r\n\r\n")
        #expect(client.receiveAll().hasPrefix("HTTP/1.1 413 "))
    }

    @Test func `malformed requests get their status and the connection ends`() throws {
        let fixture = try Fixture()
        for (text, status) in [
            ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
            ("GET / HTTP/3.0\r\n\r\n", "505 HTTP Version Not Supported"),
            ("\u{16}\u{3}\u{1}", "400 Bad Request"),
            ("GET /" + String(repeating: "a", count: 9000), "414 URI Too Long"),
        ] {
            let client = try fixture.client()
            client.send(text)
            let answer = client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.contains("application/problem+json"))
        }
    }

    @Test func `a refused request without content keeps the connection`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        client.send("GET /refused HTTP/1.1\r\nHost: x\r\n\r\nHEAD /a HTTP/1.1\r\nHost: x\r\n")
        client.send("Connection: close\r\n\r\n")
        let head = response("/a:", closes: true).dropLast("/a:".count)
        #expect(withoutDates(client.receiveAll()) == response("no", "404 Not Found") + head)
    }

    @Test func `a response larger than the socket's buffers arrives whole`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        usleep(50_000)
        let answer = withoutDates(client.receiveAll())
        #expect(answer.utf8.count > 8 << 20)
        #expect(answer.hasSuffix(response("/a:", closes: true)))
    }

    @Test func `requests behind a blocked response are each answered once`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        for _ in 0..<4 {
            client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        }
        client.send("GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        usleep(50_000)
        let answer = withoutDates(client.receiveAll())
        #expect(answer.split(separator: "HTTP/1.1 200 OK").count == 9)
        #expect(answer.utf8.count > 32 << 20)
        #expect(answer.hasSuffix(response("/a:") + response("/b:", closes: true)))
    }

    @Test func `an unfinished head or content is answered with 408, an idle connection closed`()
        throws
    {
        let fixture = try Fixture {
            $0.headerTimeout = .milliseconds(300)
            $0.bodyTimeout = .milliseconds(300)
            $0.idleTimeout = .milliseconds(300)
        }
        let silent = try fixture.client()
        let slowHead = try fixture.client()
        slowHead.send("GET / HTTP/1.1\r\nHo")
        let slowContent = try fixture.client()
        slowContent.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        let idle = try fixture.client()
        idle.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(silent.receiveAll().isEmpty)
        #expect(slowHead.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(slowContent.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(withoutDates(idle.receiveAll()) == response("/a:"))
    }

    @Test func `a drain answers what has been received and ends`() throws {
        let fixture = try Fixture()
        let idle = try fixture.client()
        let busy = try fixture.client()
        busy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        let pending = fixture.pending
        let server = fixture.server
        let port = fixture.port
        // Both connections are open before the drain begins.
        while server.statistics.open < 2 { usleep(1000) }
        let thread = try OwnedThread(name: "answer") {
            // The listener closes first; only then is the request under way answered.
            while (try? LoopbackClient(port: port)) != nil { usleep(1000) }
            pending.answerOne("late")
        }
        server.drain()
        thread.join()
        #expect(withoutDates(busy.receiveAll()) == response("late", "202 Accepted", closes: true))
        #expect(idle.receiveAll().isEmpty)
        #expect(throws: LoopbackClient.ClientFailure.self) { try fixture.client() }
    }

    @Test func `several loops share a port and a taken one is refused`() throws {
        let fixture = try Fixture(loops: 2)
        for _ in 0..<20 {
            let client = try fixture.client()
            client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(withoutDates(client.receiveAll()) == response("/a:", closes: true))
        }
        let address = ListenAddress.tcp(host: "127.0.0.1", port: fixture.port)
        #expect(throws: ListenError.self) {
            try RunningServer([address], loops: 2) { EchoHandler(PendingExchanges()) }
        }
    }

    @Test func `connections over the limit are closed`() throws {
        let fixture = try Fixture { $0.connectionsMax = 1 }
        let first = try fixture.client()
        first.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(first.receiveResponse()).hasPrefix("HTTP/1.1 200"))
        let second = try fixture.client()
        #expect(second.receiveAll().isEmpty)
        first.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(first.receiveResponse()).hasPrefix("HTTP/1.1 200"))
        #expect(fixture.server.statistics.refused == 1)
    }
}

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:8080", "[::1]:8080"),
        ("localhost:0", "localhost:0"),
        ("unix:/run/h.sock", "unix:/run/h.sock"),
        ("unix:/run/h.sock?mode=660", "unix:/run/h.sock?mode=0660"), ("systemd", "systemd"),
        ("systemd:web", "systemd:web"),
    ])
    func `reads its forms`(text: String, written: String) {
        #expect(ListenAddress(text)?.description == written)
    }

    @Test(arguments: [
        "", "80", ":80", "a:", "a:65536", "a:-1", "a:+1", "::1:80", "[a]:80", "unix:x", "[::1]",
        "systemd:",
        "unix:/a?mode=", "unix:/a?mode=888", "unix:/a?mode=1777", "unix:/a?owner=x",
        "unix:/" + String(repeating: "a", count: 107),
    ])
    func `refuses everything else`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("[::1]:1", true), ("localhost:1", true),
        ("[::ffff:127.0.0.1]:1", true), ("unix:/a", true), ("0.0.0.0:1", false),
        ("127.example.com:1", false), ("[::]:1", false), ("systemd:admin", false),
    ])
    func `knows what only this machine reaches`(text: String, isLocal: Bool) {
        #expect(ListenAddress(text)?.isLocal == isLocal)
    }
}
