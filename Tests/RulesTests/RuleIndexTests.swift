import Events
import Rules
import Testing

/// The index of rules by source and kind of event.
@Suite struct RuleIndexTests {
    /// A thousand rules over four sources and every kind of event.
    private static let text = {
        let kinds = EventKind.allCases.map(\.rawValue)
        let rules = (0..<1000).map { number in
            let sources = ["github", "gitlab", "[gitea, github]", "\"*\""]
            let kind = kinds[number % kinds.count]
            let on = [
                ", on: \(kind)", ", on: [push, \(kind)]", "", ", on: {push: {branches: [main]}}",
            ]
            return "  - {name: r-\(number), source: \(sources[number / 4 % 4])\(on[number % 4]), "
                + "start: {PipelineName: p}}\n"
        }
        return "rules:\n" + rules.joined()
    }()

    @Test func `only rules of the event's source and kind are asked`() throws {
        let set = try ruleSet(Self.text)
        #expect(set.rules.count == 1000)
        for source in ["github", "gitlab", "gitea", "nobody"] {
            for kind in EventKind.allCases {
                let asked = set.candidates(for: kind, from: source).map(\.name)
                let foreign = set.rules.filter { rule in
                    asked.contains(rule.name)
                        && !(rule.sources?.contains { $0.text == source } ?? true)
                }
                #expect(foreign.isEmpty, "\(source) \(kind)")
                // Half of the rules look at pushes, whatever else they want.
                #expect(asked.count < (kind == .push || kind == .tag ? 700 : 350))
            }
        }
        let few = try ruleSet(
            """
            rules:
              - {name: a, source: github, on: push, start: {PipelineName: p}}
              - {name: b, source: gitlab, on: push, start: {PipelineName: p}}
              - {name: c, source: github, on: release, start: {PipelineName: p}}
              - {name: d, source: "*", on: [release, push], start: {PipelineName: p}}
            """)
        #expect(few.candidates(for: .push, from: "github").map(\.name) == ["a", "d"])
        #expect(few.candidates(for: .release, from: "github").map(\.name) == ["c", "d"])
        #expect(few.candidates(for: .push, from: "gitlab").map(\.name) == ["b", "d"])
        #expect(few.candidates(for: .push, from: "nobody").map(\.name) == ["d"])
        #expect(few.candidates(for: .ping, from: "github").isEmpty)
    }

    @Test func `the index leaves out nothing that an explanation, which asks every rule, finds`()
        throws
    {
        let set = try ruleSet(Self.text)
        for (name, body) in [
            ("push", push()), ("push", push(ref: "refs/tags/v1")), ("ping", "{\"zen\": \"x\"}"),
            ("release", "{\"action\": \"published\", \"release\": {\"tag_name\": \"v1\"}}"),
            ("star", "{}"),
        ] {
            let delivery = try delivery(body, event: name)
            let event = try event(delivery)
            let found = set.explain(event, in: delivery).filter { $0.start != nil }.map(\.rule)
            let started = set.match(event, in: delivery).compactMap { outcome in
                if case .start(let start) = outcome { start.rule } else { nil }
            }
            #expect(started == found, "\(name)")
            #expect(name == "ping" || !found.isEmpty)
        }
    }
}
