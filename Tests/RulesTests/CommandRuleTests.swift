import CEL
import Events
import JSON
import Rules
import Testing

/// The event of a comment on GitHub.
private func comment(_ text: String) throws -> (event: Event, delivery: Delivery) {
    let body =
        #"{"action":"created","issue":{"number":3,"pull_request":{}},"comment":{"body":"\#(text)"}}"#
    let delivery = Delivery(
        source: "github", deliveryID: "d",
        headers: FieldDictionary(["x-github-event": "issue_comment"]), query: FieldDictionary(),
        body: try JSONDocument(parsing: Array(body.utf8)).root, receivedAtMilliseconds: 0,
        clientAddress: "")
    return (try event(delivery), delivery)
}

private func ruleText(_ on: String, _ more: String = "") -> String {
    """
    rules:
      - name: train
        source: github
        on: \(on)
        start: {PipelineName: p}
        \(more)

    """
}

private func problemText(_ text: String) -> String { problems(text).joined(separator: "\n") }

@Suite struct CommandRuleTests {
    @Test func `a rule on commands takes comments that carry one, and no others`() throws {
        let rules = try ruleSet(ruleText("command"))
        let (command, delivery) = try comment("/train churn")
        #expect(rules.match(command, in: delivery).count == 1)
        let (plain, other) = try comment("please train")
        #expect(rules.match(plain, in: other).isEmpty)
        #expect(rules.explain(plain, in: other).first?.clause == "on")
        // Both are comments.
        let comments = try ruleSet(ruleText("comment"))
        #expect(comments.match(command, in: delivery).count == 1)
        #expect(comments.match(plain, in: other).count == 1)
    }

    @Test func `a rule with both kinds starts once for an event`() throws {
        let (command, delivery) = try comment("/train churn")
        let rules = try ruleSet(ruleText("[comment, command]"))
        #expect(rules.match(command, in: delivery).count == 1)
        let typed = try ruleSet(ruleText("{command: {types: [edited]}}"))
        #expect(typed.explain(command, in: delivery).first?.clause == "on.command.types")
    }

    @Test func `a change's unknown paths run unless they are to be skipped`() throws {
        let body = #"{"action":"opened","pull_request":{"base":{"ref":"main"}}}"#
        let delivery = Delivery(
            source: "github", deliveryID: "d",
            headers: FieldDictionary(["x-github-event": "pull_request"]),
            query: FieldDictionary(), body: try JSONDocument(parsing: Array(body.utf8)).root,
            receivedAtMilliseconds: 0, clientAddress: "")
        let change = try event(delivery)
        let run = try ruleSet(ruleText("{change: {branches: [main], paths: [x]}}"))
        #expect(run.match(change, in: delivery).count == 1)
        let skip = try ruleSet(
            ruleText("{change: {branches: [main], paths: [x], whenPathsUnknown: skip}}"))
        #expect(skip.explain(change, in: delivery).first?.clause == "on.change.paths")
    }

    @Test func `the kinds that a source's rules want are known`() throws {
        let rules = try ruleSet(ruleText("[push, command]"))
        #expect(rules.kinds(ofSource: "github") == [.push, .command])
        #expect(rules.kinds(ofSource: "other") == [])
        let all = try ruleSet("rules: [{name: a, source: '*', start: {PipelineName: p}}]\n")
        #expect(all.kinds(ofSource: "other") == nil)
    }
}

@Suite struct ReplyTests {
    private func reply(_ yaml: String, _ text: String = "/train churn") throws -> RuleOutcome? {
        let (command, delivery) = try comment(text)
        return try ruleSet(ruleText("command", "reply: \(yaml)")).match(command, in: delivery)
            .first
    }

    private func rendered(_ yaml: String) throws -> RenderedReply? {
        guard case .start(let start)? = try reply(yaml) else { return nil }
        return start.reply
    }

    @Test func `a reply is a text with expressions, for one or for all`() throws {
        let plain = try rendered("Training ${event.command.argv[0]} (${event.change.number})")
        #expect(plain?.text == "Training churn (3)")
        #expect(plain?.isPublic == false)
        #expect(try rendered("${event.command.args}")?.text == "churn")
        #expect(try rendered("{text: hello, visibility: public}")?.isPublic == true)
        #expect(try rendered("{text: 5, visibility: ephemeral}")?.text == "5")
        #expect(try rendered("$${x}")?.text == "${x}")
    }

    @Test func `a reply that fails is its rule's failure`() throws {
        guard case .failed(let rule, let message)? = try reply("${event.command.argv[1]}") else {
            Issue.record("the rule started")
            return
        }
        #expect(rule == "train")
        #expect(message.hasPrefix("reply: "))
    }

    @Test func `what is no reply is told where it stands`() {
        #expect(problemText(ruleText("command", "reply: ${")).contains("r.yaml:6:12: "))
        #expect(problemText(ruleText("command", "reply: ${nope}")).contains("nope"))
        #expect(
            problemText(ruleText("command", "reply: {visibility: public}")).contains("\"text\""))
        #expect(
            problemText(ruleText("command", "reply: {text: a, visibility: all}"))
                .contains("visibility cannot be \"all\""))
        #expect(problemText(ruleText("command", "reply: [a]")).contains("r.yaml:6:12: "))
    }
}
