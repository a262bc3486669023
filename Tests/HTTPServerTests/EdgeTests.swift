import EventPoll
import Foundation
import Glibc
import HTTP1
import HTTPServer
import TestSupport
import Testing

/// What a server does for clients that mean no good, and at its end.
@Suite(.timeLimit(.minutes(1))) struct EdgeTests {
    @Test func `content that comes in pieces is read as it comes`() throws {
        let fixture = try Fixture()
        let whole = try fixture.client()
        whole.send("POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        #expect(withoutDates(whole.receiveResponse()) == response("/read:abc"))
        for framing in ["Content-Length: 6\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n2\r\nab"]
        {
            let client = try fixture.client()
            client.send("POST /read HTTP/1.1\r\nHost: x\r\n\(framing)")
            usleep(20_000)
            client.send(framing.hasPrefix("C") ? "cdef" : "\r\n4\r\ncdef\r\n0\r\n\r\n")
            #expect(withoutDates(client.receiveResponse()) == response("true"))
        }
    }

    @Test func `no more content is held than all connections together may`() throws {
        let fixture = try Fixture { $0.heldContentBytesMax = 100 }
        let first = try fixture.client()
        first.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n")
        first.send(String(repeating: "a", count: 60))
        usleep(100_000)
        let second = try fixture.client()
        second.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n")
        second.send(String(repeating: "a", count: 60))
        let answer = second.receiveAll()
        #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(answer.contains("\r\nRetry-After: 5\r\n"))
        // What was held for it is free again, and what comes whole is not held.
        first.send(String(repeating: "b", count: 40))
        first.send("b")
        #expect(first.receiveAll().hasPrefix("HTTP/1.1 503 "))
        let third = try fixture.client()
        third.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
        #expect(withoutDates(third.receiveResponse()) == response("/a:ab"))
    }

    @Test func `an address has no more connections than it may`() throws {
        let fixture = try Fixture(loops: 2) { $0.connectionsPerAddressMax = 2 }
        let clients = [try fixture.client(), try fixture.client()]
        for client in clients {
            client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(withoutDates(client.receiveResponse()) == response("/a:"))
        }
        #expect(try fixture.client().receiveAll().isEmpty)
        clients[0].send("GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(withoutDates(clients[0].receiveAll()) == response("/b:", closes: true))
        clients[0].finishSending()
        while fixture.server.statistics.open > 1 { usleep(1000) }
        let next = try fixture.client()
        next.send("GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(next.receiveResponse()) == response("/c:"))
    }

    @Test func `an idle connection makes room for a new one`() throws {
        let fixture = try Fixture { $0.connectionsMax = 1 }
        let idle = try fixture.client()
        idle.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(idle.receiveResponse()) == response("/a:"))
        // After a second it counts as idle.
        var answer = ""
        while answer.isEmpty {
            usleep(100_000)
            let client = try fixture.client()
            client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = client.receiveResponse()
        }
        #expect(withoutDates(answer) == response("/b:"))
        #expect(idle.receiveAll().isEmpty)
        #expect(fixture.server.statistics.evicted == 1)
    }

    /// Idle connections, all of them of one loop.
    private func oneSided(_ fixture: Fixture, count: Int) throws -> [LoopbackClient] {
        var kept: [LoopbackClient] = []
        var loop = ""
        while kept.count < count {
            do {
                let client = try fixture.client()
                client.send("GET /loop HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = withoutDates(client.receiveResponse())
                if kept.isEmpty { loop = answer }
                if answer == loop { kept.append(client) }
            }
            // One of another loop is closed by now; it must not take a place.
            while fixture.server.statistics.open > kept.count { usleep(100) }
        }
        return kept
    }

    @Test func `an idle connection of one loop makes room for a new one of any`() throws {
        let fixture = try Fixture(loops: 3) { $0.connectionsMax = 16 }
        let idle = try oneSided(fixture, count: 16)
        // After a second they count as idle.
        usleep(1_100_000)
        var clients: [LoopbackClient] = []
        // Of as many new ones, the kernel gives some to other loops.
        for _ in idle {
            let client = try fixture.client()
            client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(withoutDates(client.receiveResponse()) == response("/b:"))
            clients.append(client)
        }
        #expect(fixture.server.statistics.evicted == 16)
        #expect(fixture.server.statistics.refused == 0)
        #expect(clients.count == 16)
    }

    @Test func `a slow request is given up where no loop has an idle connection`() throws {
        let fixture = try Fixture(loops: 2) {
            $0.connectionsMax = 8
            $0.headerTimeout = .seconds(3600)
        }
        let slow = try oneSided(fixture, count: 8)
        for client in slow { client.send("GET /slow") }
        usleep(1_100_000)
        var answered: [LoopbackClient] = []
        // A loop that has none to give up refuses what it accepts.
        while answered.count < 4 {
            let client = try fixture.client()
            client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = withoutDates(client.receiveResponse())
            guard !answer.isEmpty else { continue }
            #expect(answer == response("/b:"))
            answered.append(client)
        }
        #expect(fixture.server.statistics.evicted == 4)
    }

    @Test func `a connection that no loop has room for is not counted for its address`() throws {
        let fixture = try Fixture(loops: 2) {
            $0.connectionsMax = 1
            $0.connectionsPerAddressMax = 2
        }
        let busy = try fixture.client()
        busy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        while fixture.server.statistics.open == 0 { usleep(1000) }
        for _ in 0..<8 { #expect(try fixture.client().receiveAll().isEmpty) }
        while fixture.server.statistics.refused < 8 { usleep(1000) }
        fixture.pending.answerOne("late")
        #expect(withoutDates(busy.receiveResponse()) == response("late", "202 Accepted"))
        busy.finishSending()
        while fixture.server.statistics.open > 0 { usleep(1000) }
        let next = try fixture.client()
        next.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(next.receiveResponse()) == response("/b:"))
    }

    @Test func `a request that is long on its way makes room for a new connection`() throws {
        for begun in ["GET /slow", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na"] {
            let fixture = try Fixture { $0.connectionsMax = 2 }
            let busy = try fixture.client()
            busy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
            let slow = try fixture.client()
            slow.send(begun)
            var answer = ""
            while answer.isEmpty {
                usleep(100_000)
                let client = try fixture.client()
                client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = client.receiveResponse()
            }
            #expect(withoutDates(answer) == response("/b:"))
            #expect(slow.receiveAll().isEmpty)
            // What has been received whole is never given up.
            fixture.pending.answerOne("late")
            #expect(withoutDates(busy.receiveResponse()) == response("late", "202 Accepted"))
        }
    }

    @Test func `on a kept connection a request is as old as its first byte`() throws {
        let fixture = try Fixture { $0.connectionsMax = 2 }
        let kept = try fixture.client()
        kept.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(kept.receiveResponse()) == response("/a:"))
        let slow = try fixture.client()
        slow.send("GET /slow")
        usleep(1_200_000)
        kept.send("POST /u HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na")
        usleep(50_000)
        let next = try fixture.client()
        next.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(next.receiveResponse()) == response("/b:"))
        #expect(slow.receiveAll().isEmpty)
        kept.send("bc")
        #expect(withoutDates(kept.receiveResponse()) == response("/u:abc"))
    }

    @Test func `a connection that its address may not have costs nobody else's`() throws {
        let fixture = try Fixture {
            $0.connectionsMax = 1
            $0.connectionsPerAddressMax = 1
        }
        let first = try fixture.client()
        first.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(first.receiveResponse()) == response("/a:"))
        // Idle for long enough to be closed for another.
        usleep(1_200_000)
        #expect(try fixture.client().receiveAll().isEmpty)
        first.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(first.receiveResponse()) == response("/b:"))
        #expect(fixture.server.statistics.evicted == 0)
    }

    @Test func `nothing is read from a client that does not take its late answer`() throws {
        let fixture = try Fixture()
        let greedy = try LoopbackClient(port: fixture.port, receiveBufferBytes: 4096)
        greedy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        fixture.pending.answerOne(String(repeating: "x", count: 16 << 20))
        usleep(100_000)
        let piece = String(repeating: "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", count: 32_768)
        // What the kernel's buffers take is far less than this.
        let bound = 64 << 20
        var sent = 0
        for _ in 0..<500 where sent < bound {
            sent += max(0, greedy.sendWithoutWaiting(piece))
            usleep(2000)
        }
        #expect(sent < bound)
    }

    @Test func `an empty line in front of a request earns it no time`() throws {
        let fixture = try Fixture {
            $0.headerTimeout = .milliseconds(300)
            $0.idleTimeout = .seconds(3600)
        }
        let client = try fixture.client()
        client.send("\r\n")
        #expect(client.receiveAll().isEmpty)
        #expect(client.wasEnded)
    }

    @Test func `content that came fast at first earns no silence later`() throws {
        let fixture = try Fixture {
            $0.bodyTimeout = .milliseconds(300)
            $0.bodyBytesPerSecondMin = 1
        }
        let client = try fixture.client()
        client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        client.send(String(repeating: "a", count: 99_999))
        // At that rate over all, there would be a day left.
        #expect(client.receiveAll().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `a refusal of HEAD has no content, whatever was wrong`() throws {
        let fixture = try Fixture()
        for (fields, status) in [
            ("Host: x\r\nExpect: other", 417), ("Host: x\r\nHost: y", 400), ("X : y", 400),
            ("Host: x\r\nTransfer-Encoding: gzip", 501),
        ] {
            let client = try fixture.client()
            client.send("HEAD /a HTTP/1.1\r\n\(fields)\r\n\r\n")
            let answer = client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `what has come before a drain is answered, pipelined too`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        client.send(
            "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
                + "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"
                + "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n")
        usleep(100_000)
        let server = fixture.server
        let drain = try OwnedThread(name: "drain") { server.drain() }
        while (try? fixture.client()) != nil { usleep(1000) }
        fixture.pending.answerOne("first")
        fixture.pending.answerOne("third")
        client.send("\r\n")
        #expect(
            withoutDates(client.receiveAll())
                == response("first", "202 Accepted") + response("/a:a")
                + response("third", "202 Accepted") + response("/c:", closes: true))
        drain.join()
    }

    @Test func `a request that lies in the socket before a drain is answered`() throws {
        let fixture = try Fixture()
        let client = try fixture.client()
        client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        usleep(100_000)
        client.send("GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
        usleep(100_000)
        let server = fixture.server
        let drain = try OwnedThread(name: "drain") { server.drain() }
        while (try? fixture.client()) != nil { usleep(1000) }
        fixture.pending.answerOne("first")
        #expect(
            withoutDates(client.receiveAll())
                == response("first", "202 Accepted") + response("/c:", closes: true))
        drain.join()
    }

    @Test func `a drain takes all connections that have been made`() throws {
        let fixture = try Fixture()
        // Holds the one loop up while more connections are made than it accepts at a time.
        let blocker = try fixture.client()
        blocker.send("GET /stall HTTP/1.1\r\nHost: x\r\n\r\n")
        fixture.pending.waitForStall()
        let clients = try (0..<200).map { _ in try fixture.client() }
        for client in clients { client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n") }
        let server = fixture.server
        let drain = try OwnedThread(name: "drain") { server.drain() }
        usleep(100_000)
        fixture.pending.endStall()
        for client in clients {
            #expect(withoutDates(client.receiveAll()) == response("/a:", closes: true))
        }
        drain.join()
    }

    @Test func `during a drain requests under way are answered and new ones refused`() throws {
        let fixture = try Fixture()
        let busy = try fixture.client()
        busy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        let upload = try fixture.client()
        upload.send("POST /u HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        let idle = try fixture.client()
        idle.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(idle.receiveResponse()) == response("/a:"))
        let server = fixture.server
        let drain = try OwnedThread(name: "drain") { server.drain() }
        while (try? fixture.client()) != nil { usleep(1000) }
        idle.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        let refusal = idle.receiveAll()
        #expect(refusal.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(refusal.contains("\r\nConnection: close\r\n"))
        #expect(refusal.contains("\r\nRetry-After: 5\r\n"))
        upload.send("cd")
        #expect(withoutDates(upload.receiveAll()) == response("/u:abcd", closes: true))
        fixture.pending.answerOne("late")
        #expect(withoutDates(busy.receiveAll()) == response("late", "202 Accepted", closes: true))
        idle.finishSending()
        drain.join()
    }

    @Test func `who has no answer at the end of a drain is told to come again`() throws {
        let fixture = try Fixture(loops: 2) { $0.drainTimeout = .milliseconds(200) }
        let clients = try (0..<4).map { _ in try fixture.client() }
        // Bytes behind the request that nobody reads must not cost the answer.
        let next = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
        for client in clients {
            client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n" + next)
        }
        usleep(100_000)
        for client in clients { client.send(next) }
        let upload = try fixture.client()
        upload.send("POST /u HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        fixture.server.drain()
        #expect(fixture.server.statistics.unanswered == 4)
        for client in clients {
            let answer = client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(answer.contains("\r\nConnection: close\r\n"))
            #expect(answer.contains("\r\nRetry-After: 5\r\n"))
            // Once, for the first request.
            #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2)
        }
        // What has not come whole has no answer.
        #expect(upload.receiveAll().isEmpty)
        // One that comes too late is dropped.
        for _ in clients { fixture.pending.answerOne("late") }
    }

    @Test func `a socket in the file system has its mode and goes with the server`() throws {
        let path = "/tmp/hookline-\(UUID().uuidString).sock"
        let address = ListenAddress.unix(path: path, mode: 0o640)
        let server = try RunningServer([address], loops: 2) { EchoHandler(PendingExchanges()) }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o640)
        #expect(throws: ListenError.self) {
            try RunningServer([address]) { EchoHandler(PendingExchanges()) }
        }
        server.drain()
        #expect(throws: ListenError.self) {
            // A file that is no socket is left alone.
            try Data().write(to: URL(fileURLWithPath: path))
            _ = try RunningServer([address]) { EchoHandler(PendingExchanges()) }
        }
        #expect(FileManager.default.fileExists(atPath: path))
        try FileManager.default.removeItem(atPath: path)
    }

    @Test func `who leaves before its answer is forgotten at once`() throws {
        let path = "/tmp/hookline-\(UUID().uuidString).sock"
        let pending = PendingExchanges()
        let server = try RunningServer([.unix(path: path, mode: nil)]) { EchoHandler(pending) }
        var client: LoopbackClient? = try LoopbackClient(unixPath: path)
        client?.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n")
        while server.statistics.open == 0 { usleep(1000) }
        usleep(100_000)
        client = nil
        // Not answered; a loop that went on to hear of its end would do nothing else.
        while server.statistics.open > 0 { usleep(1000) }
        pending.answerOne("too late")
        server.drain()
        #expect(client == nil)
    }

    @Test func `a socket that a successor has made is left to it`() throws {
        let path = "/tmp/hookline-\(UUID().uuidString).sock"
        let address = ListenAddress.unix(path: path, mode: nil)
        let first = try RunningServer([address]) { EchoHandler(PendingExchanges()) }
        unlink(path)
        let second = try RunningServer([address]) { EchoHandler(PendingExchanges()) }
        first.drain()
        let client = try LoopbackClient(unixPath: path)
        client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(withoutDates(client.receiveResponse()) == response("/a:"))
        second.drain()
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}

@Suite struct InheritedSocketsTests {
    @Test func `sockets are for the process that they name, and only listening ones`() throws {
        let addresses: [ListenAddress] = [.inherited(name: "web"), .inherited(name: nil)]
        for environment in [
            [:], ["LISTEN_PID": "1", "LISTEN_FDS": "1"], ["LISTEN_PID": "\(getpid())"],
            ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "0"],
            ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "x"],
        ] {
            for address in addresses {
                let inherited = InheritedSockets(environment: environment, processID: getpid())
                #expect(throws: ListenError.self) {
                    try RunningServer([address], inherited: inherited) {
                        EchoHandler(PendingExchanges())
                    }
                }
            }
        }
    }
}
