import Foundation
import TestSupport
import Testing

/// Floods in small; `Tests/Abuse/run` has them in full size.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FloodTests {
    private func residentMegabytes(_ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) >> 10
    }

    @Test func `idle connections cost little and hold nobody up`() throws {
        let gateway = try OpenGateway()
        let process = try #require(gateway.fixture.gateway?.identifier)
        let before = try residentMegabytes(process)
        let idle = try (0..<500).map { number in
            let client = try gateway.client()
            // A few have begun a head that does not end.
            if number % 5 == 0 { client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n") }
            return client
        }
        try waitUntil("all connections") { try gateway.metric("hookline_connections") == 500 }
        #expect(try gateway.statuses(OpenGateway.lastHealth) == [200])
        // 120 MB for 10,000 are 12 kB each; 30 MB for 500 leave room for a debug build.
        #expect(try residentMegabytes(process) - before < 30)
        #expect(idle.count == 500)
    }

    @Test func `a flood of connections is served and leaves nothing behind`() throws {
        let gateway = try OpenGateway()
        for _ in 0..<1000 { _ = try gateway.client() }
        #expect(try gateway.statuses(OpenGateway.lastHealth) == [200])
        try waitUntil("no connection") { try gateway.metric("hookline_connections") == 0 }
        #expect(try gateway.metric("hookline_connections_accepted_total") == 1001)
    }

    @Test func `idle connections make room where there may be no more`() throws {
        let gateway = try OpenGateway(limits: "connections: 20")
        let idle = try (0..<20).map { _ in try gateway.client() }
        try waitUntil("all connections") { try gateway.metric("hookline_connections") == 20 }
        try waitUntil("an answer") {
            (try? gateway.statuses(OpenGateway.lastHealth)) == [200]
        }
        #expect(try gateway.metric("hookline_connections_evicted_total") ?? 0 > 0)
        #expect(idle.count == 20)
    }

    @Test func `without a free descriptor it waits, says so once, and goes on`() throws {
        let gateway = try OpenGateway(
            launcher: ["/bin/sh", "-c", "ulimit -n 90 && exec \"$0\" \"$@\""])
        var clients = try (0..<200).map { _ in try gateway.client() }
        func warnings() -> Int {
            (gateway.fixture.gateway?.errors ?? "").components(separatedBy: "out of descriptors")
                .count - 1
        }
        try waitUntil("the warning") { warnings() > 0 }
        // Idle ones are closed for those that wait, so that a new one is served.
        let hopeful = try gateway.client()
        hopeful.send(OpenGateway.lastHealth)
        #expect(Answer(hopeful.receiveAll()).status == 200)
        clients = []
        try waitUntil("an answer") { try gateway.statuses(OpenGateway.lastHealth) == [200] }
        #expect(warnings() == 1)
        #expect(clients.isEmpty)
        #expect(gateway.fixture.gateway?.isRunning == true)
    }
}
