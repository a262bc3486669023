import Foundation
import Testing

/// The rule author's commands, as a user runs them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RuleCommandTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3).joined(separator: "/")

    private func finished(
        _ fixture: GatewayFixture, _ arguments: [String]
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = try fixture.run(arguments)
        let code = try process.waitForExit()
        return (code, process.output, process.errors)
    }

    private func configured() throws -> GatewayFixture {
        let fixture = try GatewayFixture()
        try fixture.write(
            "rules: [rules/*.yaml]\naws: {region: eu-west-1}\n"
                + "sources: {github: {type: github, verification: none}}\n", to: "hookline.yaml")
        return fixture
    }

    private let rule = """
        rules:
          - name: a
            source: github
            on: {push: {branches: [main]}}
            start: {PipelineName: p}
        tests:
          - {name: a push, source: github, event: push, payload: push.json, expect: {a: {PipelineName: p}}}

        """
    private let push = """
        {"ref": "refs/heads/main", "before": "1111111111111111111111111111111111111111",
         "after": "2222222222222222222222222222222222222222", "commits": []}
        """

    @Test func `every recipe passes its tests`() throws {
        let folder = Self.root + "/deploy/examples"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".yaml") }
        #expect(names.count >= 10)
        let fixture = try GatewayFixture()
        for name in names {
            let (code, output, errors) = try finished(fixture, ["test", "\(folder)/\(name)"])
            #expect(code == 0, "\(name): \(output) \(errors)")
            #expect(
                output.contains("0 failed") && !output.contains("0 passed"), "\(name): \(output)")
        }
    }

    @Test func `every rule of the documentation passes its tests`() throws {
        let text = try String(contentsOfFile: Self.root + "/docs/rules.md", encoding: .utf8)
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst()
            .map { $0.components(separatedBy: "```")[0] }
        #expect(blocks.count >= 15)
        let fixture = try GatewayFixture()
        for (number, block) in blocks.enumerated() {
            try fixture.write(block, to: "block\(number).yaml")
            let (code, output, errors) = try finished(fixture, ["test", "block\(number).yaml"])
            #expect(code == 0 && output.contains("ok    "), "\(output) \(errors)")
        }
    }

    @Test func `the documentation has every key that the schema of rule files has`() throws {
        let text = try String(contentsOfFile: Self.root + "/docs/rules.md", encoding: .utf8)
        let schema = try finished(try GatewayFixture(), ["schema", "rules"]).output
        let names = keys(in: try JSONSerialization.jsonObject(with: Data(schema.utf8)))
        #expect(names.isSuperset(of: ["emptyParameters", "paths-ignore", "SelectedSteps"]))
        for name in names {
            let isThere = text.contains(name)
            #expect(isThere, "\(name)")
        }
    }

    /// The names under every `properties` of a schema.
    private func keys(in value: Any) -> Set<String> {
        var names: Set<String> = []
        if let object = value as? [String: Any] {
            names.formUnion((object["properties"] as? [String: Any] ?? [:]).keys)
            for member in object.values { names.formUnion(keys(in: member)) }
        }
        for element in value as? [Any] ?? [] { names.formUnion(keys(in: element)) }
        return names
    }

    @Test func `test exits 1 with the difference, 2 for no file, 78 for a broken one`() throws {
        let fixture = try configured()
        try fixture.write(push, to: "rules/push.json")
        try fixture.write(rule, to: "rules/a.yaml")
        let good = try finished(fixture, ["test", "--coverage", "--junit", "results.xml"])
        #expect(good.code == 0 && good.output.contains("ok    a push"), "\(good)")
        #expect(good.output.contains("a: no test has on.push.branches say no"))
        let report = try String(
            contentsOfFile: fixture.folder.appendingPathComponent("results.xml").path,
            encoding: .utf8)
        #expect(report.contains("failures=\"0\""))
        try fixture.write(
            rule.replacingOccurrences(
                of: "expect: {a: {PipelineName: p}}", with: "expect: {a: {PipelineName: q}}"),
            to: "rules/a.yaml")
        let bad = try finished(fixture, ["test"])
        #expect(bad.code == 1 && bad.output.contains("- PipelineName: \"q\""), "\(bad)")
        #expect(
            bad.output.contains("+ PipelineName: \"p\"")
                && bad.output.contains("0 passed, 1 failed"))
        #expect(try finished(fixture, ["test", "rules/none.yaml"]).code == 2)
        try fixture.write("rules: [{nam: a}]\n", to: "rules/b.yaml")
        #expect(try finished(fixture, ["test"]).code == 78)
    }

    @Test func `test --watch runs again when a rule, a payload or a broken file changes`() throws {
        let fixture = try configured()
        try fixture.write(push, to: "rules/push.json")
        try fixture.write(rule, to: "rules/a.yaml")
        let watcher = try fixture.run(["test", "--watch"])
        func runs(_ what: String) -> Int { watcher.output.components(separatedBy: what).count - 1 }
        func waitForRun(_ number: Int) throws {
            try waitUntil("run \(number): \(watcher.output)") {
                runs("waiting for a change") == number
            }
        }
        try waitForRun(1)
        #expect(runs("1 passed, 0 failed") == 1)
        // A payload that the rule does not want.
        try fixture.write(
            push.replacingOccurrences(of: "heads/main", with: "heads/dev"), to: "rules/push.json")
        try waitForRun(2)
        #expect(runs("0 passed, 1 failed") == 1, "\(watcher.output)")
        // A rule file that is none, and its repair.
        try fixture.write("rules: [", to: "rules/a.yaml")
        try waitForRun(3)
        #expect(watcher.errors.contains("rules/a.yaml:"), "\(watcher.errors)")
        try fixture.write(
            rule.replacingOccurrences(of: "[main]", with: "[main, dev]"), to: "rules/a.yaml")
        try waitForRun(4)
        #expect(runs("1 passed, 0 failed") == 2, "\(watcher.output)")
        #expect(watcher.isRunning)
        // The test's own threads have SIGTERM blocked, and hand that on.
        watcher.send(SIGKILL)
        _ = try watcher.waitForExit()
    }

    @Test(arguments: [
        ("expressionCost", "1000", "999", "range(100).map(x, x + 1).size() > 1", "limit of 1000"),
        (
            "expressionLength", "100", "99", "\(String(repeating: "true && ", count: 13))true",
            "longer than 100"
        ),
        ("expressionNesting", "10", "9", "((((((((((((1))))))))))))) == 1", "deeper than 10"),
        (
            "expressionStringBytes", "1KiB", "1023", "jsonString(body.list).size() > 1",
            "longer than 1024 bytes"
        ),
        (
            "expressionListElements", "100", "99", "lists.range(101).size() > 1",
            "more than 100 elements"
        ),
    ])
    func `each limit of expressions can be set, and ends one that passes it`(
        key: String, least: String, tooLittle: String, condition: String, message: String
    ) throws {
        let fixture = try configured()
        let configuration = try String(
            contentsOf: fixture.folder.appendingPathComponent("hookline.yaml"), encoding: .utf8)
        // `range` and the list are the payload's, so that nothing is computed when it is loaded.
        let numbers = (0..<600).map(String.init).joined(separator: ",")
        try fixture.write(
            push.replacingOccurrences(
                of: "\"commits\"", with: "\"list\": [\(numbers)], \"commits\""),
            to: "push.json")
        let condition = condition.replacingOccurrences(of: "range(100)", with: "body.list")
        let text = condition.replacingOccurrences(
            of: "lists.range(101)", with: "body.list.map(x, x)")
        try fixture.write(
            "rules:\n  - name: a\n    source: github\n    when: '\(text)'\n    start: {PipelineName: p}\n",
            to: "rules/a.yaml")
        let arguments = ["explain", "--source", "github", "--payload", "push.json"]
        #expect(try !finished(fixture, arguments).output.contains(message))
        try fixture.write(configuration + "limits: {\(key): \(least)}\n", to: "hookline.yaml")
        let limited = try finished(fixture, arguments)
        #expect((limited.output + limited.errors).contains(message), "\(limited)")
        try fixture.write(configuration + "limits: {\(key): \(tooLittle)}\n", to: "hookline.yaml")
        let refused = try finished(fixture, ["check"])
        #expect(refused.code == 1 && refused.errors.contains("hookline.yaml:4:"), "\(refused)")
    }

    @Test func `eval prints a value, or what is wrong with the expression`() throws {
        let fixture = try configured()
        try fixture.write(push, to: "push.json")
        #expect(try finished(fixture, ["eval", "1 + 2"]).output == "3\n")
        #expect(
            try finished(fixture, ["eval", "body.ref", "--payload", "push.json"]).output
                == "\"refs/heads/main\"\n")
        // A byte order mark in front, as the gateway takes it.
        try fixture.write("\u{FEFF}[7]", to: "marked.json")
        #expect(
            try finished(fixture, ["eval", "body[0]", "--payload", "marked.json"]).output == "7\n")
        let event = try finished(
            fixture, ["eval", "event.ref.name", "--payload", "push.json", "--source", "github"])
        #expect(event.output == "\"main\"\n", "\(event)")
        let wrong = try finished(fixture, ["eval", "foo + evnt"])
        #expect(
            wrong.code == 1 && wrong.errors.contains("1:1: unknown variable \"foo\""), "\(wrong)")
        #expect(wrong.errors.contains("1:7: unknown variable \"evnt\"; did you mean \"event\"?"))
        #expect(try finished(fixture, ["eval", "1 / 0"]).code == 1)
        #expect(try finished(fixture, ["eval"]).code == 2)
        #expect(try finished(fixture, ["eval", "1", "--payload", "none.json"]).code == 2)
    }

    @Test func `eval takes an expression that begins with a minus sign`() throws {
        let fixture = try GatewayFixture()
        try fixture.write(#"{"n": 2, "h": 3}"#, to: "n.json")
        let payload = ["--payload", "n.json"]
        for (arguments, value) in [
            (["-1"], "-1\n"), (["-2147483648"], "-2147483648\n"),
            (["--1"], "1\n"), (["-body.n + 1"] + payload, "-1\n"),
            (payload + ["-body.n + 1"], "-1\n"), (["-body.h"] + payload, "-3\n"),
            (["--payload=n.json", "--body.n"], "2\n"), (["-size(\"--lines\")"], "-7\n"),
            (["--", "-1"], "-1\n"), (payload + ["--", "--body.n == 2"], "true\n"),
        ] {
            let evaluated = try finished(fixture, ["eval"] + arguments)
            #expect(evaluated.output == value && evaluated.code == 0, "\(arguments): \(evaluated)")
        }
        // What can be an option is one.
        let misspelt = try finished(fixture, ["eval", "1", "--payloda", "n.json"])
        #expect(misspelt.code == 2 && misspelt.errors.contains("--payloda"), "\(misspelt)")
        for arguments in [["-1", "-2"], ["-1", "2"], ["-1", "--lines"], ["--payload", "-1"]] {
            #expect(try finished(fixture, ["eval"] + arguments).code == 2, "\(arguments)")
        }
        #expect(try finished(fixture, ["eval", "-x"]).code == 1)
        #expect(try finished(fixture, ["eval", "-h"]).code == 0)
    }

    @Test func `an answer that cannot be written is an exit of 1 that says why`() throws {
        let fixture = try configured()
        try fixture.write(push, to: "push.json")
        try fixture.write(#"{"expr":"1"}"#, to: "lines")
        for (arguments, input) in [
            ("eval 1", "/dev/null"), ("eval --lines", "lines"), ("check", "/dev/null"),
            ("schema rules", "/dev/null"), ("--help", "/dev/null"),
            ("explain --source github --payload push.json", "/dev/null"),
        ] {
            let shell = "exec \"$0\" \(arguments) >/dev/full <\(input)"
            let process = try fixture.run([], launcher: ["/bin/sh", "-c", shell])
            #expect(try process.waitForExit() == 1, "\(arguments)")
            #expect(
                process.errors.contains(
                    "standard output: cannot be written: No space left on device"),
                "\(arguments): \(process.errors)")
        }
    }

    @Test func `a rule that reads the query and the client can be tested and explained`() throws {
        let fixture = try configured()
        try fixture.write(push, to: "push.json")
        func rules(_ test: String, _ expect: String) throws {
            try fixture.write(
                """
                rules:
                  - name: near
                    source: github
                    when: client.address.startsWith("127.")
                    start: {PipelineName: p, PipelineParameters: {C: "${client.address}"}}
                  - {name: prod, source: github, when: query.?env.orValue("") == "a b&c", start: {PipelineName: p}}
                  - name: known
                    source: github
                    when: client.?names.orValue([]).exists(n, n == "x") && client.subject == "CN=x"
                    start: {PipelineName: p}
                tests: [{name: t, source: github, payload: ../push.json\(test), expect: {\(expect)}}]
                """, to: "rules/a.yaml")
        }
        for (test, expect) in [
            ("", "near: {PipelineParameters: {C: 127.0.0.1}}"),
            (", client: {address: 127.9.8.7}", "near: {PipelineParameters: {C: 127.9.8.7}}"),
            (", client: {address: \"::1\"}", ""),
            (", query: {env: \"a b&c\", other: 1}", "near: {}, prod: {}"),
            (", client: {subject: CN=x, names: [y, x]}", "near: {}, known: {}"),
        ] {
            try rules(test, expect)
            let tested = try finished(fixture, ["test"])
            #expect(tested.code == 0, "\(test): \(tested)")
        }
        try rules(", client: {names: [x], adress: y}, query: [a]", "")
        let refused = try finished(fixture, ["test"]).errors
        for message in ["names are a certificate's", "did you mean \"address\"", "not a list"] {
            #expect(refused.contains(message), "\(refused)")
        }
        try rules("", "near: {}")
        func matching(_ options: [String]) throws -> [String] {
            let explained = try finished(
                fixture, ["explain", "--source", "github", "--payload", "push.json"] + options)
            #expect(explained.code == 0, "\(explained)")
            return explained.output.split(separator: "\n").filter { $0.hasSuffix(": matches") }
                .map { String($0.dropFirst(5).dropLast(9)) }
        }
        #expect(try matching([]) == ["near"])
        #expect(try matching(["--client", "192.0.2.1", "--query", "env=a+b%26c"]) == ["prod"])
        #expect(
            try matching(["--client", "::1", "--client-subject", "CN=x", "--client-name", "x"])
                == ["known"])
        let value = try finished(
            fixture,
            [
                "eval", "query.env + client.address", "--payload", "push.json", "--source",
                "github", "--query", "env=x",
            ])
        #expect(value.output == "\"x127.0.0.1\"\n", "\(value)")
    }

    @Test func `new rule writes a rule whose test passes, and never over a file`() throws {
        let fixture = try configured()
        try fixture.write(push, to: "push.json")
        let arguments = [
            "new", "rule", "first", "--source", "github", "--payload", "push.json",
        ]
        let written = try finished(fixture, arguments)
        #expect(written.code == 0, "\(written)")
        let tested = try finished(fixture, ["test"])
        #expect(tested.code == 0 && tested.output.contains("1 passed, 0 failed"), "\(tested)")
        #expect(try finished(fixture, arguments).code == 1)
        #expect(
            try finished(
                fixture,
                [
                    "new", "rule", "Not_A_Name", "--source", "github", "--payload",
                    "push.json",
                ]
            ).code == 2)
    }

    @Test(arguments: [("rules/w.yaml", true), ("w.yaml", false)])
    func `new rule expects other rules only where they are loaded with it`(
        path: String, isLoaded: Bool
    ) throws {
        let fixture = try configured()
        try fixture.write(push, to: "push.json")
        try fixture.write(
            rule.replacing("payload: push.json", with: "payload: ../push.json"), to: "rules/a.yaml")
        let written = try finished(
            fixture,
            [
                "new", "rule", "w", "--source", "github", "--payload", "push.json", "--output",
                path,
            ])
        #expect(written.code == 0, "\(written)")
        #expect(written.errors.contains("does not name it") != isLoaded, "\(written)")
        let tested = try finished(fixture, ["test", path])
        #expect(tested.code == 0 && tested.output.contains("1 passed, 0 failed"), "\(tested)")
    }

    @Test(arguments: [("rules", "rules.schema.json"), ("configuration", "hookline.schema.json")])
    func `the schemas in deploy are those of the code`(word: String, file: String) throws {
        let fixture = try GatewayFixture()
        let printed = try finished(fixture, ["schema", word]).output
        let kept = try String(contentsOfFile: Self.root + "/deploy/schema/" + file, encoding: .utf8)
        #expect(printed == kept, "hookline schema \(word) > deploy/schema/\(file)")
    }
}
