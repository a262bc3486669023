import Events
import OpenSSLCrypto
import Rules
import SageMakerAPI
import Testing

@Suite struct RuleSetTests {
    private let start = "PipelineName: churn-training"

    /// The clause that says no to a push, or `start`, or the error.
    private func verdict(_ more: String, _ body: String, event name: String = "push") throws
        -> String
    {
        let delivery = try delivery(body, event: name)
        let rules = try ruleSet(rule(start, more.isEmpty ? "" : "    " + more))
        let event = try event(delivery)
        let trace = try #require(rules.explain(event, in: delivery).first)
        let outcomes = rules.match(event, in: delivery)
        // Both are one evaluation told in two ways.
        #expect(
            trace.matched == (trace.start != nil || (trace.error != nil && trace.clause == nil)))
        #expect((trace.start != nil || trace.error != nil) == !outcomes.isEmpty)
        if let start = trace.start { #expect(outcomes == [.start(start)]) }
        return trace.error ?? trace.clause ?? "start"
    }

    @Test(arguments: [
        ("", push(), "start"),
        ("on: push", push(), "start"), ("on: change", push(), "on"),
        ("on: {push: {branches: [main]}}", push(), "start"),
        ("on: {push: {branches: [dev]}}", push(), "on.push.branches"),
        ("on: {push: {branches: ['**', '!main']}}", push(), "on.push.branches"),
        ("on: {push: {branches-ignore: [main]}}", push(), "on.push.branches-ignore"),
        ("on: {push: {branches-ignore: [dev]}}", push(), "start"),
        // Only branches given: tags never match, and the reverse; neither: both.
        ("on: {push: {branches: ['**']}}", push(ref: "refs/tags/v1"), "on.push.branches"),
        (
            "on: {push: {branches-ignore: [x]}}", push(ref: "refs/tags/v1"),
            "on.push.branches-ignore"
        ),
        ("on: {push: {tags: ['**']}}", push(), "on.push.tags"),
        ("on: {push: {tags-ignore: [x]}}", push(), "on.push.tags-ignore"),
        ("on: {push: {tags: ['v*']}}", push(ref: "refs/tags/v1"), "start"),
        ("on: {push: {tags: ['v*']}}", push(ref: "refs/tags/x"), "on.push.tags"),
        ("on: {push: {branches: [main], tags: [v1]}}", push(), "start"),
        ("on: {push: {branches: [main], tags: [v1]}}", push(ref: "refs/tags/v1"), "start"),
        ("on: {push: {branches: [main], tags: [v1]}}", push(ref: "refs/tags/v2"), "on.push.tags"),
        ("on: push", push(ref: "refs/tags/v1"), "start"),
        ("on: tag", push(ref: "refs/tags/v1"), "start"), ("on: tag", push(), "on"),
        ("on: {tag: {tags: [x]}}", push(ref: "refs/tags/v1"), "on.tag.tags"),
        ("on: push", push(ref: "refs/notes/x"), "start"),
        ("on: {push: {branches: ['**']}}", push(ref: "refs/notes/x"), "on.push.branches"),
        ("on: {push: {tags: ['**']}}", push(ref: "refs/notes/x"), "on.push.tags"),
        ("on: {push: {branches: []}}", push(ref: "refs/tags/v1"), "start"),
        // Two keys that cover the same event: one is enough.
        ("on: {push: {branches: [x]}, tag: }", push(ref: "refs/tags/v1"), "start"),
        ("on: {push: {types: [updated]}}", push(), "start"),
        ("on: {push: {types: [created]}}", push(), "on.push.types"),
        // As at GitHub, a branch or tag that is gone starts nothing, unless it is asked for.
        ("on: push", push(after: zeros), "on.push.types"),
        ("on: {push: {branches: [main]}}", push(after: zeros), "on.push.types"),
        ("on: {push: {branches: [x]}}", push(after: zeros), "on.push.branches"),
        ("on: tag", push(ref: "refs/tags/v1", after: zeros), "on.tag.types"),
        ("on: {push: {types: [deleted]}}", push(after: zeros), "start"),
        ("on: {push: {types: [deleted, updated]}}", push(), "start"),
        // The first word that says no is named, in the order types, references, paths.
        ("on: {push: {paths: [x], branches: [x], types: [created]}}", push(), "on.push.types"),
        ("on: {push: {paths: [x], branches: [x]}}", push(), "on.push.branches"),
        ("on: {push: {paths: ['training/**']}}", push(), "start"),
        ("on: {push: {paths: ['docs/**']}}", push(), "on.push.paths"),
        ("on: {push: {paths: ['docs/**']}}", push(paths: ["a", "docs/b"]), "start"),
        ("on: {push: {paths: ['**', '!**/*.md']}}", push(paths: ["a/b.md"]), "on.push.paths"),
        (
            "on: {push: {paths-ignore: ['**/*.md']}}", push(paths: ["a.md", "b/c.md"]),
            "on.push.paths-ignore"
        ),
        ("on: {push: {paths-ignore: ['**/*.md']}}", push(paths: ["a.md", "b"]), "start"),
        ("on: {push: {paths: [x]}}", push(paths: []), "on.push.paths"),
        // Paths are not evaluated for tags.
        ("on: {push: {paths: [x]}}", push(ref: "refs/tags/v1"), "start"),
        ("on: {push: {paths: [x], tags: [v1]}}", push(ref: "refs/tags/v1"), "start"),
        ("when: event.ref.name == 'main'", push(), "start"),
        ("when: event.ref.name == 'dev'", push(), "when"),
        ("when: body.missing", push(), "when: no such key \"missing\""),
        ("when: body.epochs", push(), "when: must be true or false, is int"),
        ("when: event.?release.hasValue()", push(), "when"),
        ("when: event.release == null", push(), "start"),
    ])
    func `a push is matched, or the first clause that says no is named`(
        more: String, body: String, expected: String
    ) throws {
        #expect(try verdict(more, body) == expected)
    }

    /// A new branch: what it changed cannot be known from the listed commits alone.
    @Test(arguments: [
        ("{paths: [x]}", ["y"], "start"), ("{paths: [x], whenPathsUnknown: run}", ["y"], "start"),
        ("{paths: [x], whenPathsUnknown: skip}", ["y"], "on.push.paths"),
        ("{paths: [x], whenPathsUnknown: skip}", ["x"], "start"),
        ("{paths-ignore: [x], whenPathsUnknown: skip}", ["x"], "on.push.paths-ignore"),
        ("{paths-ignore: [x]}", ["x"], "start"),
        ("{paths-ignore: [x], whenPathsUnknown: skip}", ["y"], "start"),
    ])
    func `unknown paths run or are skipped, unless what is known decides`(
        filter: String, paths: [String], expected: String
    ) throws {
        let zeros = String(repeating: "0", count: 40)
        let body = push(paths: paths, before: zeros)
        #expect(try verdict("on: {push: \(filter)}", body) == expected)
    }

    @Test func `a ping matches no rule without on`() throws {
        #expect(try verdict("", "{}", event: "ping") == "on")
        #expect(try verdict("on: ping", "{}", event: "ping") == "start")
        #expect(try verdict("", "{}", event: "star") == "start")
    }

    @Test func `reasons name the value and the patterns`() throws {
        func reason(_ more: String, _ body: String = push(), source: String = "github") throws
            -> String?
        {
            let delivery = try delivery(body, source: source)
            let rules = try ruleSet(rule(start, "    " + more))
            return rules.explain(try event(delivery), in: delivery).first?.reason
        }
        #expect(
            try reason("on: {push: {branches: [dev, 'r/*']}}")
                == "branch \"main\" does not match dev, r/*")
        #expect(
            try reason("on: {push: {branches-ignore: [m*]}}") == "branch \"main\" is ignored by m*")
        #expect(
            try reason("on: {push: {branches: [main]}}", push(ref: "refs/tags/v1"))
                == "\"refs/tags/v1\" is no branch, and branches is main")
        #expect(
            try reason("on: {push: {paths: [docs/*]}}")
                == "of what changed, \"training/model.py\", nothing matches docs/*")
        #expect(
            try reason("on: {push: {paths-ignore: ['**']}}", push(paths: ["a", "b"]))
                == "all changed, 2 paths, is ignored by **")
        #expect(
            try reason("on: {push: {types: [deleted]}}") == "action \"updated\" is none of deleted")
        #expect(
            try reason("on: push", push(after: zeros))
                == "a deletion matches only where types names deleted")
        #expect(try reason("on: [change, tag]") == "event kind \"push\" is none of change, tag")
        #expect(try reason("when: 1 == 2") == "the condition is false")
        #expect(
            try reason("on: push", source: "gitlab") == "source \"gitlab\" is not github")
    }

    @Test func `rules are asked by source, in their order`() throws {
        func one(_ name: String, _ source: String) -> String {
            "  - {name: \(name), source: \(source), start: {PipelineName: \(name)}}\n"
        }
        let rules = try ruleSet(
            "rules:\n" + one("a", "\"*\"") + one("b", "gitlab") + one("c", "[github, gitlab]")
                + one("d", "github") + one("e", "[x, \"*\"]"))
        func names(_ source: String) throws -> [String] {
            let delivery = try delivery(push(), source: source)
            return rules.match(try event(delivery), in: delivery).map { outcome in
                switch outcome {
                case .start(let start): start.rule
                case .failed(let rule, _): "failed \(rule)"
                }
            }
        }
        #expect(try names("github") == ["a", "c", "d", "e"])
        #expect(try names("gitlab") == ["a", "b", "c", "e"])
        #expect(try names("other") == ["a", "e"])
        #expect(RuleSet().rules.isEmpty)
    }

    @Test func `a rule that fails leaves the others alone`() throws {
        let rules = """
            rules:
              - {name: a, source: github, when: body.missing, start: {PipelineName: a}}
              - {name: b, source: github, start: {PipelineName: "${body.missing}"}}
              - {name: c, source: github, start: {PipelineName: c}}

            """
        let outcomes = try outcomes(rules)
        #expect(outcomes.count == 3)
        #expect(outcomes[0] == .failed(rule: "a", message: "when: no such key \"missing\""))
        #expect(
            outcomes[1]
                == .failed(
                    rule: "b", message: "PipelineName: ${body.missing}: no such key \"missing\""))
        guard case .start(let start) = outcomes[2] else {
            Issue.record("no start")
            return
        }
        #expect(start.rule == "c")
    }

    @Test func `the token says what is the same start`() throws {
        // printf 'github\0d-1\0000\0r' | sha256sum
        let token = "\(hexEncoded(sha256("github\u{0}d-1\u{0}0\u{0}r")))"
        #expect(
            StartRequest.token(source: "github", deliveryID: "d-1", eventIndex: 0, rule: "r")
                == token)
        #expect(
            StartRequest.token(source: "github", deliveryID: "d", eventIndex: 12, rule: "r")
                == hexEncoded(sha256("github\u{0}d\u{0}12\u{0}r")))
        guard case .start(let start)? = try outcomes(rule(self.start)).first else {
            Issue.record("no start")
            return
        }
        #expect(start.token == token)
        #expect(start.eventIndex == 0)
        #expect(start.region == nil)
        #expect(
            String(decoding: start.request, as: UTF8.self)
                == #"{"PipelineName":"churn-training","ClientRequestToken":"\#(token)"}"#)
    }

    @Test func `a token in start replaces the default one`() throws {
        let text = "PipelineName: p\nClientRequestToken: ${event.ref.name}-${event.after}"
        guard case .start(let start)? = try outcomes(rule(text)).first else {
            Issue.record("no start")
            return
        }
        #expect(start.token == "main-" + commit)
        #expect(
            String(decoding: start.request, as: UTF8.self)
                == #"{"PipelineName":"p","ClientRequestToken":"main-\#(commit)"}"#)
        #expect(
            try failure(rule("PipelineName: p\nClientRequestToken: ${event.ref.name}"))
                == "ClientRequestToken: must have 32 to 128 characters, has 4")
    }

    @Test func `the region is the rule's, else that of the ARN`() throws {
        func region(_ start: String, _ more: String = "") throws -> String? {
            guard case .start(let start)? = try outcomes(rule(start, more)).first else {
                throw TestFailure.outcome([])
            }
            return start.region
        }
        let arn = "PipelineName: arn:aws:sagemaker:us-east-1:123456789012:pipeline/p"
        #expect(try region("PipelineName: p") == nil)
        #expect(try region("PipelineName: p", "    region: eu-west-1") == "eu-west-1")
        #expect(try region(arn) == "us-east-1")
        let computed = arn.replacing("us-east-1", with: "${'us-east-2' + body.empty}")
        #expect(
            try failure(rule(computed, "    region: eu-west-1"))
                == "PipelineName: is in us-east-2, but the request goes to eu-west-1")
    }

    @Test func `the callback comes with the start`() throws {
        let more = "    callback: {url: https://x/y, on: [finished, started]}"
        guard case .start(let start)? = try outcomes(rule(start, more)).first else {
            Issue.record("no start")
            return
        }
        #expect(start.callback == RuleCallback(url: "https://x/y", on: [.started, .finished]))
    }
}
