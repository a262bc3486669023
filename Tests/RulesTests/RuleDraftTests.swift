import Events
import JSON
import Rules
import Testing

/// What `hookline new rule` writes.
@Suite struct RuleDraftTests {
    /// A push of a reference, or its deletion, as a draft.
    private func draft(ref: String, after: String = commit) throws -> (String, Event, Delivery) {
        let delivery = try delivery(push(ref: ref, after: after))
        let event = try event(delivery)
        let draft = RuleDraft(
            name: "a", source: "github", pipeline: "p", event: event,
            headers: [("x-github-event", "push"), ("user-agent", "x"), ("ce-type", "t")],
            payload: "push.json", hasDeliveryID: true, others: ["b"])
        return (draft.text, event, delivery)
    }

    @Test(arguments: [
        "refs/heads/main", "refs/heads/feature/a+b", "refs/heads/!odd]", "refs/tags/v1.0+build",
        "refs/notes/commits", "refs/heads/a\u{85}b", "refs/tags/\u{FEFF}a", "refs/heads/a\u{2028}b",
        "refs/heads/", "refs/heads/" + String(repeating: "a", count: 512),
        "refs/heads/" + String(repeating: "a", count: 513),
        "refs/tags/" + String(repeating: "+", count: 300),
    ])
    func `the rule takes the event it was made from`(ref: String) throws {
        for after in [commit, zeros] {
            let (text, event, delivery) = try draft(ref: ref, after: after)
            let own = text.replacing("      b: {}\n", with: "")
            #expect(problems(own) == [], "\(text)")
            #expect(try ruleSet(own).match(event, in: delivery).count == 1, "\(text)")
        }
    }

    @Test func `the pattern of a branch takes no other`() throws {
        let (text, _, _) = try draft(ref: "refs/heads/a+b")
        let rules = try ruleSet(text.replacing("      b: {}\n", with: ""))
        let other = try delivery(push(ref: "refs/heads/aab"))
        #expect(rules.match(try event(other), in: other).isEmpty)
    }

    @Test func `the test has the fields that name the event, and the rules that start too`() throws
    {
        let (text, _, _) = try draft(ref: "refs/heads/main")
        #expect(text.contains("headers: {x-github-event: push, ce-type: t}\n"))
        #expect(text.contains("      b: {}\n") && !text.contains("user-agent"))
    }
}
