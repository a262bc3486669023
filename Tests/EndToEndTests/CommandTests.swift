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

    /// A configuration whose line 1 is given, without errors of its own.
    private func configuration(_ first: String, aws: Bool = true, secret: String = "") -> String {
        """
        \(first)
        rules: [rules/*.yaml]
        \(aws ? "aws: {region: eu-west-1}" : "# no region")
        sources:
          github: {type: github, secrets: [{env: GITHUB_WEBHOOK_SECRET\(secret)}]}

        """
    }

    @Test func `check finds what serve would stumble over, and where`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.write("text", to: "file")
        let table: [(yaml: String, problem: String)] = [
            (
                configuration("store: sqlite:no/such/x.db"),
                "1:8: the store no/such/x.db cannot be used: there is no folder no/such"
            ),
            (
                configuration("store: sqlite:rules"),
                "1:8: the store rules cannot be used: it is a f"
            ),
            (
                configuration("store: sqlite:file/x"),
                "1:8: the store file/x cannot be used: file is"
            ),
            (configuration("aws: {profile: absent}", aws: false), "1:16: no profile absent in "),
            (
                configuration("limits: {fields: \"100\"}"),
                "1:18: expected a number from 1 to 10000, not the text \"100\""
            ),
            (
                configuration("callbacks: {allow: ['https://ci.example.com/']}"),
                "1:21: expected a URL whose path ends in *"
            ),
            (configuration("callbacks: {allow: ['https://*/*']}"), "1:21: a * can be only at"),
            (
                configuration("#", secret: ", notAfter: 2030-02-30T00:00:00Z"),
                "5:75: expected a time such as 2026-12-31T00:00:00Z, not \"2030-02-30T00:00:00Z\""
            ),
        ]
        for (yaml, problem) in table {
            try fixture.write(yaml, to: "hookline.yaml")
            let (code, _, errors) = try finished(fixture, ["check"])
            #expect(code == 1, "\(yaml) → \(errors)")
            #expect(errors.hasPrefix("hookline.yaml:\(problem)"), "\(yaml) → \(errors)")
            #expect(try finished(fixture, ["serve"]).code == 78)
        }
    }

    @Test func `a default store that is a folder is refused without a place`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try FileManager.default.createDirectory(
            at: fixture.folder.appendingPathComponent("hookline.db"),
            withIntermediateDirectories: false)
        try fixture.write(configuration("#"), to: "hookline.yaml")
        let (code, _, errors) = try finished(fixture, ["check"])
        #expect(code == 1)
        #expect(errors == "hookline.db: cannot be read: it is a folder\n", "\(errors)")
    }

    @Test func `a rule without any region is refused at the rule`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try fixture.write(configuration("#", aws: false), to: "hookline.yaml")
        let none = try finished(fixture, ["check"])
        #expect(none.code == 1)
        #expect(
            none.errors.hasPrefix("rules/retrain.yaml:2:11: no region for the rule \"retrain\""),
            "\(none.errors)")
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            fixture.environment[variable] = "eu-west-1"
            #expect(try finished(fixture, ["check"]).code == 0)
            fixture.environment[variable] = nil
        }
        try fixture.write("[profile p]\nregion = eu-west-1\n", to: "aws")
        fixture.environment["AWS_CONFIG_FILE"] =
            fixture.folder.appendingPathComponent("aws").path
        try fixture.write(configuration("aws: {profile: p}", aws: false), to: "hookline.yaml")
        #expect(try finished(fixture, ["check"]).code == 0)
        fixture.environment["AWS_CONFIG_FILE"] = nil
        try fixture.write(configuration("#", aws: false), to: "hookline.yaml")
        let start = "    start: {PipelineName: "
        for tail in [
            "    region: eu-west-1\n\(start)p}",
            "\(start)'arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p'}",
        ] {
            try fixture.write(
                "rules:\n  - name: retrain\n    source: github\n\(tail)\n", to: "rules/retrain.yaml"
            )
            #expect(try finished(fixture, ["check"]).code == 0)
        }
    }

    @Test func `what is no error but will not work is a warning with its place`() throws {
        let fixture = try GatewayFixture()
        func rule(_ on: String) -> String {
            "rules:\n  - name: r\n    source: github\n    start: {PipelineName: p}\n"
                + "    callback: {url: 'https://ci.example.com/x'\(on)}\n"
        }
        func warnings(_ rule: String, secret: String) throws -> String {
            try fixture.write(rule, to: "rules/r.yaml")
            try fixture.write(
                configuration(
                    "callbacks: {signingSecrets: [{env: HOOKLINE_CALLBACK_SECRET}]}",
                    secret: secret), to: "hookline.yaml")
            let (code, _, errors) = try finished(fixture, ["check"])
            #expect(code == 0, "\(errors)")
            return errors
        }
        let tracked = try warnings(rule(", on: [failed, finished]"), secret: "")
        #expect(tracked.hasPrefix("warning: rules/r.yaml:5:62: "), "\(tracked)")
        #expect(try warnings(rule(""), secret: "").isEmpty)
        #expect(try warnings(rule(", on: failed"), secret: "").isEmpty)
        let ended = try warnings(rule(""), secret: ", notAfter: 2001-01-01T00:00:00+01:00")
        #expect(ended.hasPrefix("warning: hookline.yaml:5:35: every secret of"), "\(ended)")
        let now = ", notAfter: 9999-01-01T00:00:00Z"
        #expect(try warnings(rule(""), secret: now).isEmpty)
        let later = ", notBefore: 9998-01-01T00:00:00Z, notAfter: 9999-01-01T00:00:00Z"
        #expect(try warnings(rule(""), secret: later).isEmpty)
    }

    @Test func `an address is refused as a callback in every spelling`() throws {
        let fixture = try GatewayFixture()
        func check(_ host: String, allow: String = "") throws -> (code: Int32, errors: String) {
            try fixture.write(
                "rules:\n  - name: r\n    source: github\n    start: {PipelineName: p}\n"
                    + "    callback: {url: 'http://\(host)/x'}\n", to: "rules/r.yaml")
            try fixture.write(
                configuration(
                    "callbacks: {signingSecrets: [{env: HOOKLINE_CALLBACK_SECRET}]\(allow)}"),
                to: "hookline.yaml")
            let result = try finished(fixture, ["check"])
            return (result.code, result.errors)
        }
        for host in [
            "127.0.0.1", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "127.0.0.1.",
        ] {
            let refused = try check(host)
            #expect(refused.code == 1)
            #expect(
                refused.errors.hasPrefix("rules/r.yaml:5:21: callbacks to 127.0.0.1 are refused"),
                "\(host) → \(refused.errors)")
        }
        #expect(try check("2130706433", allow: ", allowNetworks: [127.0.0.0/8]").code == 0)
        #expect(try check("134744072").code == 0)
        #expect(try check("[::1]").errors.contains("callbacks to ::1 are refused"))
        #expect(try check("[::ffff:127.0.0.1]").code == 1)
        #expect(try check("[1:2]").errors.contains("[1:2] is no IPv6 address"))
        #expect(try check("256.1").errors.contains("the URL has no valid host"))
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
