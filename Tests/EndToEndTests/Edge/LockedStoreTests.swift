import Foundation
import JSON
import TestSupport
import Testing

/// A process that locks a database until it is told to go, such as an operator's backup.
private final class StoreHolder {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ database: URL) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sqlite3, sys
            store = sqlite3.connect(sys.argv[1], isolation_level=None)
            store.execute("BEGIN IMMEDIATE")
            print("locked", flush=True)
            sys.stdin.read()
            """, database.path,
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Nothing comes before it holds the lock, and nothing at all if it has failed.
        guard !output.fileHandleForReading.availableData.isEmpty else {
            throw HooklineProcess.Failure(description: "the store could not be locked")
        }
    }

    func release() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}

/// What the gateway does while another process locks its store, and how it ends.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LockedStoreTests {
    @Test func `a redelivery is answered as usual, and a new delivery with 503`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:1")
        try fixture.startGateway()
        let kept = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        let first = try fixture.push(kept, delivery: "kept")
        #expect(first.status == 202)
        let holder = try StoreHolder(fixture.folder.appendingPathComponent("hookline.db"))
        let again = try fixture.push(kept, delivery: "kept")
        #expect(again.status == 200)
        let receipt = try JSONDocument(parsing: Array(again.content.utf8)).root
        #expect(receipt["duplicate"]?.bool == true)
        #expect(receipt["starts"]?.elements.map { $0["rule"]?.string } == ["retrain"])
        let new = GatewayFixture.pushPayload(after: GatewayFixture.commit(2))
        let refused = try fixture.push(new, delivery: "new")
        #expect(refused.status == 503)
        #expect(try fixture.get("/readyz", port: fixture.adminPort).status == 503)
        holder.release()
        // Nothing is sent to a process that is not ready, so that it finds out by itself.
        try waitUntil("it is ready again") {
            (try? fixture.get("/readyz", port: fixture.adminPort).status) == 200
        }
        #expect(try fixture.push(new, delivery: "new").status == 202)
    }

    @Test func `the end waits for no lock, and nothing acknowledged is lost`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.writeConfiguration(
            endpoint: "http://127.0.0.1:1", extra: "limits: {drainTimeout: 300ms}")
        try fixture.startGateway()
        let kept = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        #expect(try fixture.push(kept, delivery: "kept").status == 202)
        let holder = try StoreHolder(fixture.folder.appendingPathComponent("hookline.db"))
        let clients = try (2..<22).map { number in
            try fixture.sendPush(
                GatewayFixture.pushPayload(after: GatewayFixture.commit(number)),
                delivery: "lost-\(number)")
        }
        usleep(100_000)
        fixture.gateway?.send(SIGTERM)
        var isUndecided = false
        for client in clients {
            let answers = Responses(client.receiveAll(), omitsContent: false).all
            #expect(answers.map(\.status) == [503])
            #expect(answers.first?.has("Connection: close") == true)
            #expect(answers.first?.head.contains("\r\nRetry-After: ") == true)
            if answers.first?.content.contains("before it is known") == true { isUndecided = true }
        }
        #expect(try fixture.gateway?.waitForExit() == 0)
        // Unless this machine was so slow that the store had said no before.
        if isUndecided {
            #expect(fixture.gateway?.errors.contains("stopped without the store") == true)
        }

        holder.release()
        try fixture.startGateway()
        let list = try fixture.get("/v1/deliveries", port: fixture.adminPort)
        let root = try JSONDocument(parsing: Array(list.content.utf8)).root
        #expect(root["deliveries"]?.elements.map { $0["deliveryId"]?.string } == ["kept"])
    }
}
