import Foundation
import HTTP1
import OpenSSLCrypto
import Testing
import Webhook

@Suite(.serialized, .timeLimit(.minutes(5))) struct PushTests {
    @Test func `a signed push starts one execution and its result is posted, signed`() throws {
        let receiver = try CallbackReceiver(statuses: [.serviceUnavailable])
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.writeRule(callback: receiver.url)
        try fixture.writeConfiguration()
        try fixture.startGateway()

        let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        let first = try fixture.push(payload, delivery: "d-1")
        #expect(first.status == 202)
        let receipt = try first.receipt()
        #expect(receipt.starts.map(\.rule) == ["retrain"])
        #expect(receipt.starts.map(\.event) == [0])
        // DESIGN §6: the token is this hash.
        let token = hexEncoded(sha256("github\u{0}d-1\u{0}0\u{0}retrain"))
        #expect(receipt.starts.map(\.token) == [token])
        #expect(receipt.duplicate == nil)

        try waitUntil("an execution") { try fixture.journal().executionsCreated == 1 }
        // The first attempt was answered with 503; the second comes 5 s later.
        try waitUntil("two callback attempts") { receiver.received.count == 2 }
        let callbacks = receiver.received
        #expect(callbacks[0].id == callbacks[1].id)
        #expect(callbacks[0].body == callbacks[1].body)
        #expect(callbacks[0].timestamp != callbacks[1].timestamp)
        let key = try #require(StandardWebhooks.key(GatewayFixture.callbackSecret))
        for callback in callbacks {
            let seconds = try #require(Int64(callback.timestamp))
            #expect(
                callback.signature
                    == StandardWebhooks.signature(
                        id: callback.id, timestampSeconds: seconds, content: callback.body,
                        keys: [key]))
        }
        let message = try JSONDecoder().decode(Message.self, from: Data(callbacks[0].body))
        #expect(message.type == "pipeline.execution.started")
        #expect(message.data.rule == "retrain")
        #expect(message.data.delivery == receipt.delivery)
        #expect(message.data.start == receipt.starts[0].start)
        #expect(message.data.request.ClientRequestToken == token)
        #expect(message.data.event.after == GatewayFixture.commit(1))
        let journal = try fixture.journal()
        #expect(
            journal.requests.compactMap(\.executionArn).first
                == message.data.response.PipelineExecutionArn)
        #expect(
            journal.requests.first?.parameters
                == ["GitCommit": GatewayFixture.commit(1), "Epochs": "20"])
        #expect(journal.requestsSeen == 1)
    }

    @Test func `a callback's receiver that never answers holds up no other`() throws {
        let (dead, good) = (try CallbackReceiver(hangs: true), try CallbackReceiver())
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        for (rule, receiver) in [("dead", dead), ("good", good)] {
            try fixture.write(
                """
                rules:
                  - name: \(rule)
                    source: github
                    on: {push: {branches: [\(rule)]}}
                    start: {PipelineName: churn-training}
                    callback: {url: "\(receiver.url)", on: [started]}

                """, to: "rules/\(rule).yaml")
        }
        try fixture.writeConfiguration()
        try fixture.startGateway()
        func push(_ rule: String, _ number: Int) throws {
            let payload = GatewayFixture.pushPayload(
                branch: rule, after: GatewayFixture.commit(number))
            #expect(try fixture.push(payload, delivery: "\(rule)-\(number)").status == 202)
        }
        // More than there is room for in memory.
        for number in 1...200 { try push("dead", number) }
        try waitUntil("the first callbacks") { dead.received.count >= 4 }
        try push("good", 1)
        // Long before any time-out of the others is over, which is 20 s for each four of them.
        try waitUntil("the other callback", seconds: 60) { good.received.count == 1 }
        #expect(dead.received.count <= 16)
    }

    private struct Message: Decodable {
        struct Details: Decodable {
            struct Request: Decodable { let ClientRequestToken: String }
            struct Response: Decodable { let PipelineExecutionArn: String }
            struct Event: Decodable { let after: String }
            let delivery: String
            let start: String
            let rule: String
            let request: Request
            let response: Response
            let event: Event
        }
        let type: String
        let data: Details
    }

    @Test func `answers are as the contract has them`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(2))

        let first = try fixture.push(payload, delivery: "d")
        let again = try fixture.push(payload, delivery: "d")
        #expect(first.status == 202)
        #expect(again.status == 200)
        #expect(try again.receipt().starts == first.receipt().starts)
        #expect(try again.receipt().delivery == first.receipt().delivery)
        #expect(try again.receipt().duplicate == true)

        let other = try fixture.push(
            GatewayFixture.pushPayload(branch: "topic", after: GatewayFixture.commit(3)),
            delivery: "e")
        #expect(other.status == 200)
        #expect(try other.receipt().starts.isEmpty)
        #expect(try other.receipt().duplicate == nil)
        #expect(try fixture.push("{}", delivery: "f", event: "ping").status == 200)

        let unsigned = try fixture.push(payload, delivery: "g", secret: "other")
        #expect(unsigned.status == 401)
        #expect(unsigned.head.contains("WWW-Authenticate: Signature realm=\"github\""))
        let missing = try fixture.request(
            "POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\nConnection: close\r\n\r\n{}", port: fixture.port)
        #expect(missing.status == 401)
        #expect(missing.content == unsigned.content)
        #expect(try fixture.push("{", delivery: "h").status == 400)

        let port = fixture.port
        #expect(try fixture.get("/nothing", port: port).status == 404)
        let wrongMethod = try fixture.get("/hooks/github", port: port)
        #expect(wrongMethod.status == 405)
        #expect(wrongMethod.head.contains("Allow: POST"))
        #expect(try fixture.request("GET / HTTP/1.1\r\n\r\n", port: port).status == 400)
        let large = "POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        #expect(
            try fixture.request("\(large)Content-Length: 1048577\r\n\r\n", port: port).status == 413
        )
        let fields = String(repeating: "X: 1\r\n", count: 101)
        #expect(
            try fixture.request("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n", port: port).status
                == 431)
        #expect(try fixture.get("/healthz", port: port).status == 200)

        let admin = fixture.adminPort
        #expect(try fixture.get("/healthz", port: admin).status == 200)
        #expect(try fixture.get("/readyz", port: admin).status == 200)
        let metrics = try fixture.get("/metrics", port: admin).content
        for line in [
            #"hookline_deliveries_total{source="github",outcome="started"} 1"#,
            #"hookline_deliveries_total{source="github",outcome="duplicate"} 1"#,
            #"hookline_deliveries_total{source="github",outcome="ignored"} 2"#,
            #"hookline_deliveries_total{source="github",outcome="unverified"} 2"#,
            #"hookline_deliveries_total{source="github",outcome="unparsable"} 1"#,
            #"hookline_starts_total{rule="retrain",state="queued"} 1"#,
            "hookline_intake_seconds_count 7",
        ] {
            #expect(metrics.contains(line + "\n"), "\(line)")
        }

        fixture.gateway?.send(SIGTERM)
        #expect(try fixture.gateway?.waitForExit() == 0)
        let log = fixture.gateway?.errors ?? ""
        #expect(!log.contains(GatewayFixture.secret))
        #expect(!log.contains(GatewayFixture.commit(2)))
    }

    @Test func `rules are loaded anew when a file changes and at SIGHUP, and only right ones`()
        throws
    {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:1")
        try fixture.startGateway()
        func outcome(_ delivery: String) throws -> [String] {
            let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
            return try fixture.push(payload, delivery: delivery).receipt().starts.map(\.rule)
        }
        #expect(try outcome("a") == ["retrain"])
        try fixture.writeRule(name: "report")
        try waitUntil("the change") { fixture.gateway?.errors.contains("loaded anew") ?? false }
        #expect(try outcome("b") == ["report", "retrain"])
        try fixture.write("rules: [", to: "rules/broken.yaml")
        fixture.gateway?.send(SIGHUP)
        try waitUntil("the refusal") {
            fixture.gateway?.errors.contains("rules/broken.yaml:") ?? false
        }
        #expect(try outcome("c") == ["report", "retrain"])
        #expect(try outcome("a") == ["retrain", "report"])
    }

    @Test func `what was acknowledged survives kill -9, and nothing starts twice`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.writeRule()
        try fixture.writeConfiguration()
        var acknowledged: Set<String> = []
        for round in 0..<8 {
            try fixture.startGateway()
            let process = try #require(fixture.gateway?.identifier)
            // The kill comes while pushes are on their way, a little later in each round.
            let killer = Thread {
                usleep(UInt32(3000 * (round + 1)))
                kill(process, SIGKILL)
            }
            killer.start()
            for number in 0..<50 {
                let delivery = "\(round)-\(number)"
                let payload = GatewayFixture.pushPayload(
                    after: GatewayFixture.commit(1000 * round + number))
                guard let answer = try? fixture.push(payload, delivery: delivery),
                    answer.status == 202
                else { break }
                acknowledged.insert(try answer.receipt().starts[0].token)
            }
            _ = try fixture.gateway?.waitForExit()
        }
        #expect(!acknowledged.isEmpty)
        try fixture.startGateway()
        try waitUntil("all starts") {
            try acknowledged.isSubset(of: fixture.journal().requests.compactMap(\.token))
        }
        let journal = try fixture.journal()
        let tokens = Set(journal.requests.compactMap(\.token))
        #expect(journal.executionsCreated == tokens.count)
        #expect(Set(journal.requests.compactMap(\.executionArn)).count == tokens.count)
    }

    @Test func `an unreachable endpoint is told once and retried until it answers`() throws {
        let fixture = try GatewayFixture()
        // A port that was free a moment ago: nothing listens there yet.
        try fixture.startEmulator()
        let port = fixture.emulatorPort
        try fixture.stopEmulator()
        try fixture.writeRule()
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:\(port)")
        try fixture.startGateway()
        for number in 0..<3 {
            let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(number))
            #expect(try fixture.push(payload, delivery: "d\(number)").status == 202)
        }
        try waitUntil("the warning") { fixture.gateway?.errors.contains("cannot start") ?? false }
        try waitUntil("three failed attempts") {
            try fixture.get("/metrics", port: fixture.adminPort).content
                .contains(#"hookline_start_attempts_total{outcome="retried"} 3"#)
        }
        #expect(
            try fixture.get("/metrics", port: fixture.adminPort).content
                .contains("hookline_queued_starts 3\n"))
        try fixture.startEmulator(port: port)
        try waitUntil("the starts") { try fixture.journal().executionsCreated == 3 }
        let warnings = fixture.gateway?.errors.components(separatedBy: "cannot start").count ?? 0
        #expect(warnings == 2)
    }
}
