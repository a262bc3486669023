import Events
import JSON
import Rules

/// What asking rules about a push takes when one of them could want it, beside `count - 1` that look
/// at other sources or other kinds of events. That one's condition is false, so nothing is rendered.
func ruleSet(of count: Int) throws -> RuleSet {
    let others = (1..<max(count, 1)).map { number in
        """
          - name: other-\(number)
            source: \(number.isMultiple(of: 2) ? "github" : "gitlab")
            on: {\(number.isMultiple(of: 2) ? "release: {types: [published]}" : "push: {branches: [main]}")}
            when: body.ref == "refs/heads/main"
            start: {PipelineName: other}
        """
    }
    let text = """
        rules:
          - name: own
            source: github
            on: {push: {branches: [main]}}
            when: body.ref == "refs/heads/other"
            start: {PipelineName: own}
        \(others.joined(separator: "\n"))
        """
    let problems = ProblemList()
    let file = RuleFile(Array(text.utf8), name: "rules.yaml", problems: problems)
    try problems.throwIfAny()
    return RuleSet(file.rules)
}

/// The push of this benchmark as a delivery of GitHub's, and its event.
func delivered(_ body: JSONValue) throws -> (Delivery, Event)? {
    let delivery = Delivery(
        source: "github", deliveryID: "1", headers: FieldDictionary(["x-github-event": "push"]),
        query: FieldDictionary([:]), body: body, receivedAtMilliseconds: 0,
        clientAddress: "192.0.2.1")
    guard let event = Sender.all["github"]?.normalise(delivery).first else { return nil }
    return (delivery, event)
}
