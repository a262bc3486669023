import Foundation
import JSON
import Testing

/// What an operator is shown of a delivery, over the admin API and by `hookline deliveries`.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DeliveriesTests {
    @Test func `an attempt is shown with its request id, status, requests and delay`() throws {
        let fixture = try GatewayFixture()
        try fixture.write(
            #"{"faults":[{"fault":"503","times":1,"retryAfterMilliseconds":100}]}"#,
            to: "faults.json")
        try fixture.startEmulator(with: ["--faults", "faults.json"])
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        let receipt = try fixture.push(payload, delivery: "d-1").receipt()
        try waitUntil("the start") { try fixture.journal().executionsCreated == 1 }
        let path = "/v1/deliveries/\(receipt.delivery)"
        try waitUntil("the settlement") {
            try fixture.get(path, port: fixture.adminPort).content
                .contains(#""state":"started""#)
        }
        let answer = try fixture.get(path, port: fixture.adminPort)
        let shown = try JSONDocument(parsing: Array(answer.content.utf8)).root
        let start = try #require(shown["starts"]?.elements.map { $0 }.first)
        #expect(start["id"]?.string == receipt.starts[0].start)
        #expect(start["request"]?["PipelineName"]?.string == "churn-training")
        #expect(
            start["executionArn"]?.string
                == (try fixture.journal().requests.compactMap(\.executionArn).last))
        let attempt = try #require(start["attempts"]?.elements.map { $0 }.first)
        #expect(attempt["outcome"]?.string == "succeeded")
        #expect(attempt["status"]?.int == 200)
        #expect(attempt["requests"]?.int == 2)
        #expect((attempt["totalRetryDelay"]?.int ?? 0) >= 100)
        #expect(attempt["requestId"]?.string?.count == 36)
        #expect(shown["events"]?.elements.map { $0["kind"]?.string } == ["push"])

        let list = try fixture.run(
            ["deliveries", "list", "--url", "http://127.0.0.1:\(fixture.adminPort)"])
        #expect(try list.waitForExit() == 0)
        #expect(list.output.contains("  \(receipt.delivery)  retrain: started\n"))
        let show = try fixture.run(
            [
                "deliveries", "show", receipt.delivery, "--format", "json", "--url",
                "http://127.0.0.1:\(fixture.adminPort)",
            ])
        #expect(try show.waitForExit() == 0)
        #expect(show.output == answer.content + "\n")
        let none = try fixture.run(
            ["deliveries", "show", "none", "--url", "http://127.0.0.1:\(fixture.adminPort)"])
        #expect(try none.waitForExit() == 1)
        #expect(none.errors.contains("404 there is no such delivery"))
        let nobody = try fixture.run(["deliveries", "list", "--url", "http://127.0.0.1:1"])
        #expect(try nobody.waitForExit() == 1)
        #expect(nobody.errors.contains("http://127.0.0.1:1: could not connect"))
        let wrong = try fixture.run(
            [
                "deliveries", "list", "--state", "done", "--url",
                "http://127.0.0.1:\(fixture.adminPort)",
            ])
        #expect(try wrong.waitForExit() == 1)
        #expect(wrong.errors.contains("state: expected one of queued"))
    }
}
