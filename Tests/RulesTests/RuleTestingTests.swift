import Events
import JSON
import Testing

@testable import Rules

/// `let`, traces, and what tests make of them.
@Suite struct RuleTestingTests {
    private func ruleSet(_ text: String) throws -> (RuleSet, [RuleTest]) {
        let list = ProblemList()
        let file = RuleFile(Array(text.utf8), name: "r.yaml", problems: list)
        try list.throwIfAny()
        return (RuleSet(file.rules), file.tests)
    }

    private func traces(_ text: String) throws -> ([RuleTrace], [RuleTest]) {
        let (rules, tests) = try ruleSet(text)
        let delivery = try delivery(push())
        return (rules.explain(try event(delivery), in: delivery), tests)
    }

    private func rule(_ lets: String, when: String = "true", start: String = "{PipelineName: p}")
        -> String
    {
        """
        rules:
          - name: a
            source: "*"
            let: \(lets)
            when: '\(when)'
            start: \(start)
        """
    }

    @Test func `names are read by later names, conditions and templates`() throws {
        let text = rule(
            "{x: event.kind, y: 'x + \"-\" + x'}", when: #"y == "push-push""#,
            start: "{PipelineName: 'p-${y}'}")
        let (traces, _) = try traces(text)
        let start = try #require(traces[0].start)
        #expect(String(decoding: start.request, as: UTF8.self).contains("p-push-push"))
        let shown = traces[0].clauses.map { "\($0.clause) \($0.verdict) \($0.detail ?? "")" }
        #expect(
            shown.contains("let x value \"push\"") && shown.contains("let y value \"push-push\""),
            "\(shown)")
    }

    @Test func `an error in a name is told with it, and only where it is read`() throws {
        let (failing, _) = try traces(rule("{x: body.nothing_here}", when: "x == 1"))
        #expect(failing[0].error == #"when: x: no such key "nothing_here""#)
        let (unread, _) = try traces(rule("{x: body.nothing_here}", when: "true || x == 1"))
        #expect(unread[0].matched)
    }

    @Test(arguments: [
        ("{1x: '1'}", "begins with no digit"), ("{in: '1'}", "is a word of CEL"),
        ("{event: '1'}", "is a variable already"), ("{x: y, y: '1'}", "unknown variable \"y\""),
        ("{x: '1 +'}", "expected an expression"), ("[x]", "as a mapping"),
        ("{x: ''}", "not an empty text"),
        ("{x: '1', z: 'x + \"a\"'}", "+ is not defined for int and string"),
    ])
    func `what is wrong with a name is told`(lets: String, expected: String) {
        let found = problems(rule(lets))
        #expect(found.count == 1 && found.first?.contains(expected) == true, "\(found)")
    }

    @Test func `every error of a rule is told`() {
        let found = problems(
            rule("{x: a}", when: "b == c", start: "{PipelineName: 'x${d}${e}'}"))
        #expect(found.count == 5, "\(found)")
    }

    @Test func `a trace tells each part of a condition`() throws {
        let (traces, _) = try traces(
            rule("{x: '1'}", when: "event.kind == \"push\" && x == 2 && body.nope"))
        let verdicts = traces[0].clauses.map { "\($0.verdict) \($0.clause)" }
        #expect(
            verdicts == [
                "yes source", "value let x", "yes event.kind == \"push\"", "no x == 2",
                "error body.nope", "no when",
            ], "\(verdicts)")
        #expect(traces[0].clause == "when" && !traces[0].matched)
    }

    private let tested = """
        rules:
          - {name: a, source: "*", on: {push: {branches: [main]}}, start: {PipelineName: p, PipelineParameters: {X: 1, Y: 2}}}
          - {name: b, source: "*", on: {push: {branches: [other]}}, start: {PipelineName: p}}
          - {name: c, source: "*", on: {push: {branches: [other]}}, when: body.x, start: {PipelineName: p}}
        tests:
        """

    private func result(_ expect: String) throws -> [RuleTestResult.Failure] {
        let (traces, tests) = try traces(
            tested + "\n  - {name: t, source: github, body: {}, expect: \(expect)}")
        return try #require(tests.first).result(of: traces).failures
    }

    @Test func `a test passes when exactly the expected rules start, with what is expected`() throws
    {
        #expect(try result("{a: {}}") == [])
        #expect(try result("{a: {PipelineName: p, PipelineParameters: {Y: 2}}}") == [])
        #expect(try result("{a: {PipelineParameters: [{Name: Y, Value: '2'}]}}") == [])
    }

    @Test func `a test tells what is different`() throws {
        #expect(try result("{}") == [.unexpected(rule: "a")])
        #expect(
            try result("{a: {PipelineName: q, PipelineParameters: {X: 3, Z: 1}}}") == [
                .differs(
                    rule: "a",
                    [
                        .init(path: "PipelineName", expected: "\"q\"", actual: "\"p\""),
                        .init(path: "PipelineParameters.X", expected: "\"3\"", actual: "\"1\""),
                        .init(path: "PipelineParameters.Z", expected: "\"1\"", actual: nil),
                    ])
            ])
        guard case .notStarted("b", let reasons)? = try result("{a: {}, b: {}}").first else {
            Issue.record("b was expected")
            return
        }
        #expect(reasons.count == 1 && reasons[0].hasPrefix("on.push.branches says no"))
    }

    /// A push of three branches, each an event.
    private let pushes = """
        {"push": {"changes": [
          {"new": {"type": "branch", "name": "a", "target": {"hash": "1"}}, "old": null},
          {"new": {"type": "branch", "name": "b", "target": {"hash": "2"}}, "old": null},
          {"new": {"type": "branch", "name": "c", "target": {"hash": "3"}}, "old": null}]}}
        """

    private func failures(
        _ expect: String, name: String = "p-${event.ref.name}"
    ) throws -> [RuleTestResult.Failure] {
        let (rules, tests) = try ruleSet(
            """
            rules: [{name: a, source: "*", on: push, start: {PipelineName: '\(name)'}}]
            tests: [{name: t, source: bitbucket, body: {}, expect: {a: \(expect)}}]
            """)
        let delivery = Delivery(
            source: "bitbucket", deliveryID: "d",
            headers: FieldDictionary(["x-event-key": "repo:push"]), query: FieldDictionary(),
            body: try JSONDocument(parsing: Array(pushes.utf8)).root, receivedAtMilliseconds: 0,
            clientAddress: "")
        let events = try #require(Sender.all["bitbucket"]).normalise(delivery)
        #expect(events.count == 3)
        let traces = events.flatMap { rules.explain($0, in: delivery) }
        return try #require(tests.first).result(of: traces).failures
    }

    private func difference(_ expected: String, _ actual: String) -> RuleTestResult.Difference {
        .init(path: "PipelineName", expected: "\"\(expected)\"", actual: "\"\(actual)\"")
    }

    @Test func `a request that is expected is expected of every event that starts the rule`() throws
    {
        #expect(try failures("{}") == [])
        #expect(
            try failures("{PipelineName: p-a}") == [
                .differs(rule: "a", event: 1, [difference("p-a", "p-b")]),
                .differs(rule: "a", event: 2, [difference("p-a", "p-c")]),
            ])
    }

    @Test func `a list of requests is one for each event that starts the rule`() throws {
        let three = "{PipelineName: p-a}, {}, {PipelineName: p-c}"
        #expect(try failures("[\(three)]") == [])
        #expect(
            try failures("[\(three), {}]") == [.count(rule: "a", expected: 4, actual: 3)])
        #expect(
            try failures("[{PipelineName: p-b}]") == [
                .count(rule: "a", expected: 1, actual: 3),
                .differs(rule: "a", event: 0, [difference("p-b", "p-a")]),
            ])
        let none = problems("tests: [{name: t, source: s, body: {}, expect: {a: []}}]")
        #expect(
            none.contains { $0.hasSuffix("expected a request for each start, not none") },
            "\(none)")
    }

    @Test func `a rule that fails for one of several events fails the test`() throws {
        let name = #"p-${event.ref.name == "b" ? body.nope : "x"}"#
        guard case .failed("a", let message)? = try failures("{}", name: name).first else {
            Issue.record("the failure was expected")
            return
        }
        #expect(message.contains("no such key \"nope\""))
    }

    @Test func `a rule that fails fails the test`() throws {
        let (traces, tests) = try traces(
            """
            rules: [{name: a, source: "*", when: body.nope, start: {PipelineName: p}}]
            tests: [{name: t, source: github, body: {}, expect: {}}]
            """)
        let failures = try #require(tests.first).result(of: traces).failures
        #expect(failures == [.failed(rule: "a", message: #"when: no such key "nope""#)])
    }

    @Test func `coverage names rules that never start and clauses that never say no`() throws {
        let (rules, _) = try ruleSet(tested + " []")
        let (traces, _) = try traces(tested + " []")
        var coverage = RuleCoverage()
        coverage.record(traces)
        let gaps = coverage.gaps(in: rules.rules).map { $0.split(separator: ": ", maxSplits: 1)[1] }
        #expect(
            gaps == [
                "a: no test has on.push.branches say no", "b: no test starts it",
                "c: no test starts it", "c: no test has when say no",
            ], "\(gaps)")
        #expect(coverage.summary(of: rules.rules) == "1 of 3 rules started, 2 of 4 clauses said no")
    }

    @Test func `a report for CI escapes what XML would read`() {
        var report = JUnitReport()
        report.add(file: "a.yaml", line: 3, name: "x < \"y\" & z", failure: nil)
        report.add(file: "a.yaml", line: 9, name: "t", failure: "first\nsecond \u{1}")
        #expect(report.text.contains("tests=\"2\" failures=\"1\""))
        #expect(report.text.contains("name=\"x &lt; &quot;y&quot; &amp; z\""))
        #expect(
            report.text.contains("<failure message=\"first\">first&#10;second \u{FFFD}</failure>"))
    }
}
