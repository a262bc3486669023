import CEL
import Events
import Rules
import Testing

/// Filters on events that no sender of this build makes yet.
@Suite struct EventFilterTests {
    /// Members of an event that a test gives.
    private final class Fields: EventFields {
        private let change: CELValue?
        let paths: ChangedPaths

        init(change: CELValue? = nil, paths: ChangedPaths = .unknown) {
            self.change = change
            self.paths = paths
        }

        func field(_ name: EventField) -> CELValue? { name == .change ? change : nil }
    }

    /// An object with given members.
    private final class Object: CELObject {
        private let members: [String: CELValue]
        init(_ members: [String: CELValue]) { self.members = members }
        func member(_ name: String) -> CELValue? { members[name] }
        var memberNames: [String] { members.keys.sorted() }
    }

    private func clause(_ on: String, _ event: Event) throws -> String? {
        let rules = try ruleSet(rule("PipelineName: p", "    on: \(on)"))
        return rules.explain(event, in: try delivery("{}")).first?.clause
    }

    private func change(to branch: String?, action: String = "opened") -> Event {
        let target = Object(branch.map { ["branch": .string($0)] } ?? [:])
        let change = Object(["target": .object(target)])
        return Event(
            index: 0, kind: .change, action: action, ref: GitReference(full: "refs/pull/1/head"),
            fields: Fields(change: .object(change)))
    }

    @Test func `a change is filtered by the branch it goes to`() throws {
        #expect(try clause("{change: {branches: [main]}}", change(to: "main")) == nil)
        #expect(
            try clause("{change: {branches: [main]}}", change(to: "dev")) == "on.change.branches")
        #expect(
            try clause("{change: {branches-ignore: [dev]}}", change(to: "dev"))
                == "on.change.branches-ignore")
        #expect(
            try clause("{change: {branches: ['**']}}", change(to: nil)) == "on.change.branches")
        #expect(try clause("change", change(to: nil)) == nil)
        #expect(try clause("{change: {types: [merged]}}", change(to: "a")) == "on.change.types")
        #expect(try clause("push", change(to: "main")) == "on")
    }

    @Test func `an event without an action or a reference fits no list of them`() throws {
        let event = Event(index: 3, kind: .release, action: nil, ref: nil, fields: Fields())
        #expect(try clause("{release: {types: [published]}}", event) == "on.release.types")
        #expect(try clause("release", event) == nil)
        let push = Event(index: 0, kind: .push, action: nil, ref: nil, fields: Fields())
        #expect(try clause("{push: {branches: ['**']}}", push) == "on.push.branches")
        #expect(try clause("{push: {tags: ['**']}}", push) == "on.push.tags")
    }

    @Test func `paths that a sender does not say run or are skipped`() throws {
        let event = Event(
            index: 0, kind: .push, action: "updated", ref: GitReference(full: "refs/heads/main"),
            fields: Fields())
        #expect(try clause("{push: {paths: [x]}}", event) == nil)
        #expect(
            try clause("{push: {paths: [x], whenPathsUnknown: skip}}", event) == "on.push.paths")
        #expect(
            try clause("{push: {paths-ignore: [x], whenPathsUnknown: skip}}", event)
                == "on.push.paths-ignore")
    }

    @Test(arguments: EventKind.allCases)
    func `every kind of event can be asked for, and finds its rule`(kind: EventKind) throws {
        let event = Event(index: 0, kind: kind, action: nil, ref: nil, fields: Fields())
        let rules = try ruleSet(rule("PipelineName: p", "    on: \(kind.rawValue)"))
        #expect(rules.match(event, in: try delivery("{}")).count == 1)
        let others = EventKind.allCases.filter { $0 != kind && !(kind == .tag && $0 == .push) }
        let list = others.map(\.rawValue).joined(separator: ", ")
        #expect(try clause("[\(list)]", event) == "on")
    }
}
