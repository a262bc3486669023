import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct CommandTests {
    private func finished(
        _ fixture: GatewayFixture, _ arguments: [String]
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = try fixture.run(arguments)
        let code = try process.waitForExit()
        return (code, process.output, process.errors)
    }

    @Test func `a bad configuration ends with 78 and a line that says where`() throws {
        let good = "sources:\n  github: {type: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}]}\n"
        let table: [(yaml: String, where: String)] = [
            ("listn: 127.0.0.1:0\n\(good)", "hookline.yaml:1:1: "),
            ("listen: [1, 2\n", "hookline.yaml:"),
            ("listen: 127.0.0.1:99999\n\(good)", "hookline.yaml:1:9: "),
            ("limits: {connections: many}\n\(good)", "hookline.yaml:1:23: "),
            ("listen: a:1\nlisten: b:2\n\(good)", "hookline.yaml:2:1: "),
            ("sources:\n  github: {type: github, secrets: [{env: NOT_SET}]}\n", "hookline.yaml:2:"),
            (
                "sources:\n  github: {type: github, secrets: [{file: no/such}]}\n",
                "hookline.yaml:2:"
            ),
            ("sources:\n  github: {type: github}\n", "hookline.yaml:2:"),
            ("rules: [rules/none.yaml]\n\(good)", "hookline.yaml:1:9: "),
        ]
        for (yaml, place) in table {
            let fixture = try GatewayFixture()
            try fixture.write(yaml, to: "hookline.yaml")
            let (code, _, errors) = try finished(fixture, ["serve"])
            #expect(code == 78, "\(yaml) → \(errors)")
            #expect(errors.contains(place), "\(yaml) → \(errors)")
        }
        let fixture = try GatewayFixture()
        let (code, _, errors) = try finished(fixture, ["serve", "--config", "absent.yaml"])
        #expect(code == 78)
        #expect(errors.contains("absent.yaml"))
    }

    @Test func `a taken port and an unwritable store end with 78`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:1")
        try fixture.startGateway()
        let other = try GatewayFixture()
        try other.writeRule()
        try other.write(
            "listen: 127.0.0.1:\(fixture.port)\nadmin: 127.0.0.1:0\naws: {region: eu-west-1}\n"
                + "sources: {github: {type: github, verification: none}}\n", to: "hookline.yaml")
        let taken = try finished(other, ["serve"])
        #expect(taken.code == 78)
        #expect(
            taken.errors.contains("hookline.yaml:1:9: cannot listen on 127.0.0.1:\(fixture.port)"))
        try other.writeConfiguration(
            endpoint: "http://127.0.0.1:1", extra: "store: sqlite:no/such/x.db")
        let unwritable = try finished(other, ["serve"])
        #expect(unwritable.code == 78)
        #expect(unwritable.errors.contains("store"))
    }

    @Test func `check shows every error of the rules and exits 1`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:1")
        let good = try finished(fixture, ["check"])
        #expect(good.code == 0, "\(good.errors)")
        try fixture.write(
            """
            rules:
              - name: a
                source: github
                when: 'evnt.after == "x"'
                start: {PipelineName: "bad name!"}
              - name: b
                source: github
                whne: "true"
                start: {PipelineName: ok}
            """, to: "rules/bad.yaml")
        let bad = try finished(fixture, ["check"])
        #expect(bad.code == 1)
        let text = bad.output + bad.errors
        #expect(text.contains("rules/bad.yaml:4:12: "))
        #expect(text.contains("event"))
        #expect(text.contains("rules/bad.yaml:5:"))
        #expect(text.contains("rules/bad.yaml:8:5: "))
    }

    @Test func `explain says which clause said no and shows the request`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.writeConfiguration(endpoint: "http://127.0.0.1:1")
        for (branch, name) in [("main", "main.json"), ("topic", "topic.json")] {
            try fixture.write(
                GatewayFixture.pushPayload(branch: branch, after: GatewayFixture.commit(1)),
                to: name)
        }
        let arguments = ["explain", "--source", "github", "--header", "X-GitHub-Event: push"]
        let matched = try finished(
            fixture, arguments + ["--payload", "main.json", "--format", "json"])
        #expect(matched.code == 0, "\(matched.errors)")
        let trace = try JSONDecoder().decode(Explanation.self, from: Data(matched.output.utf8))
        #expect(trace.rules.map(\.matched) == [true])
        #expect(trace.rules[0].clause == nil)
        #expect(trace.rules[0].request?.PipelineName == "churn-training")
        #expect(trace.events.count == 1)
        let missed = try finished(
            fixture, arguments + ["--payload", "topic.json", "--format", "json"])
        #expect(missed.code == 0)
        let why = try JSONDecoder().decode(Explanation.self, from: Data(missed.output.utf8))
        #expect(why.rules.map(\.matched) == [false])
        #expect(why.rules[0].clause == "on.push.branches")
        let text = try finished(fixture, arguments + ["--payload", "topic.json"])
        #expect(text.output.contains("on.push.branches"))
    }

    private struct Explanation: Decodable {
        struct Rule: Decodable {
            struct Request: Decodable { let PipelineName: String }
            let rule: String
            let matched: Bool
            let clause: String?
            let request: Request?
        }
        struct Event: Decodable { let kind: String }
        let events: [Event]
        let rules: [Rule]
    }

    @Test func `the demo runs a push through everything and ends`() throws {
        let fixture = try GatewayFixture()
        let (code, output, errors) = try finished(fixture, ["demo", "--once"])
        #expect(code == 0, "\(output)\(errors)")
        #expect(output.contains("arn:aws:sagemaker:"))
        #expect(output.contains("pipeline.execution.started"))
    }

    @Test func `usage errors end with 2`() throws {
        let fixture = try GatewayFixture()
        #expect(try finished(fixture, ["serve", "--nonsense"]).code == 2)
        #expect(try finished(fixture, ["nonsense"]).code == 2)
        #expect(try finished(fixture, ["--help"]).code == 0)
    }
}
