import Foundation
import Intake
import Journal
import OpenSSLCrypto
import Synchronization
import Testing
import Webhook

private let formType = "application/x-www-form-urlencoded"

private func json(_ message: LaterMessage) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(message.content)) as? [String: Any] ?? [:]
}

@Suite(.timeLimit(.minutes(1))) struct LaterAnswerTests {
    private let seed = SigningSecret(
        Secret([UInt8](repeating: 3, count: 32)), kind: .ed25519Seed)
    private let command =
        #"{"type":2,"id":"77","application_id":"5","token":"aW50-_.x","#
        + #""data":{"name":"train"},"user":{"id":"1"}}"#

    private func slack(_ json: String) -> String {
        "payload=" + String(decoding: FormFields.encoded(json.utf8), as: UTF8.self)
    }

    @Test func `Discord's answer is put off while the journal takes long, and follows`() throws {
        let fixture = try SenderFixture(
            "discord", rules: SenderFixture.rule(on: "command"), secrets: [seed], patience: .zero)
        let first = try fixture.content.gate.withLock { _ in try fixture.send(command) }
        // The commit has not happened, so nothing is promised.
        #expect(first.status == 200)
        #expect(first.content == #"{"type":5,"data":{"flags":64}}"#)
        let later = try fixture.later.first()
        #expect(later.url == "https://discord.com/api/v10/webhooks/5/aW50-_.x/messages/@original")
        #expect(later.isChange)
        #expect(later.expiresAtMilliseconds == SenderFixture.now + 900_000)
        let message = try json(later)
        #expect((message["content"] as? String)?.hasPrefix("Starting train (") == true)
        #expect((message["allowed_mentions"] as? [String: [String]])?["parse"] == [])
        #expect(fixture.startCount == 1)
        #expect("\(String(reflecting: later))".contains("aW50") == false)
    }

    @Test func `an answer for all is put off for all`() throws {
        let reply = "reply: {text: hello, visibility: public}"
        let fixture = try SenderFixture(
            "discord", rules: SenderFixture.rule(on: "command", reply: reply), secrets: [seed],
            patience: .zero)
        let first = try fixture.content.gate.withLock { _ in try fixture.send(command) }
        #expect(first.content == #"{"type":5}"#)
        #expect(try json(try fixture.later.first())["content"] as? String == "hello")
    }

    @Test func `an answer that comes in time is given once`() throws {
        let messages = LaterMessages(clock: { UnixTime(milliseconds: 0) }) { _ in }
        #expect(messages.patience == .milliseconds(1500))
        let fixture = try SenderFixture(
            "discord", rules: SenderFixture.rule(on: "command"), secrets: [seed])
        #expect(try fixture.send(command).json["type"] as? Int == 4)
        #expect(try fixture.send(command).json["type"] as? Int == 4)
        #expect(fixture.later.all.isEmpty)
    }

    @Test func `what could not be kept is told later too`() throws {
        let fixture = try SenderFixture(
            "discord", rules: SenderFixture.rule(on: "command"), secrets: [seed], patience: .zero)
        fixture.content.state.withLock { $0.fails = true }
        let first = try fixture.content.gate.withLock { _ in try fixture.send(command) }
        #expect(first.content.hasPrefix(#"{"type":5"#))
        let text = try json(try fixture.later.first())["content"] as? String
        #expect(text == "Nothing was started: the store cannot commit. Try again later.")
        #expect(fixture.startCount == 0)
    }

    @Test func `an answer that cannot be put off is given when the journal has committed`() throws {
        let discord = try SenderFixture(
            "discord", rules: #"rules: [{name: r, source: "*", start: {PipelineName: churn}}]"#,
            secrets: [seed], patience: .zero)
        let choices = try discord.send(command.replacing(#""type":2"#, with: #""type":4"#))
        #expect(choices.json["type"] as? Int == 8)
        #expect(discord.startCount == 1)
        let address = #""response_url":"https://hooks.slack.com/actions/1/2""#
        for kind in ["view_submission", "block_suggestion", "dialog_suggestion"] {
            let slack = try SenderFixture(
                "slack", rules: #"rules: [{name: r, source: "*", start: {PipelineName: churn}}]"#,
                patience: .zero)
            let answer = try slack.send(
                self.slack(#"{"type":"\#(kind)","trigger_id":"1",\#(address)}"#), type: formType)
            #expect(answer.status == 200, "\(kind)")
            #expect(slack.startCount == 1)
            #expect(slack.later.all.isEmpty)
        }
    }

    @Test func `a slash command is acknowledged in time and told at its address`() throws {
        let fixture = try SenderFixture(
            "slack", rules: SenderFixture.rule(on: "command"), patience: .zero)
        let form =
            "command=%2Ftrain&trigger_id=1&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1"
        let first = try fixture.content.gate.withLock { _ in
            try fixture.send(form, type: formType)
        }
        #expect(first.status == 200)
        #expect(first.json["response_type"] as? String == "ephemeral")
        #expect(first.json["text"] as? String == "Working on it…")
        let later = try fixture.later.first()
        #expect(later.url == "https://hooks.slack.com/commands/1")
        #expect(!later.isChange)
        let message = try json(later)
        #expect(message["response_type"] as? String == "ephemeral")
        #expect(message["replace_original"] as? Bool == false)
        #expect((message["text"] as? String)?.hasPrefix("Starting train (") == true)
    }

    @Test func `a press of a button is told at its address, for its answer is not shown`() throws {
        let fixture = try SenderFixture("slack", rules: SenderFixture.rule(on: "other"))
        let button = slack(
            #"{"type":"block_actions","trigger_id":"1","#
                + #""response_url":"https://hooks.slack.com/actions/1/2"}"#)
        #expect(try fixture.send(button, type: formType).status == 200)
        let message = try json(try fixture.later.first())
        #expect((message["text"] as? String)?.hasPrefix("Starting train (") == true)
        #expect(message["replace_original"] as? Bool == false)
    }

    @Test func `a button that a rule was asked about and that starts nothing is told why`() throws {
        let fixture = try SenderFixture(
            "slack", rules: SenderFixture.rule(on: "other", when: "1 > 2"))
        let button = slack(
            #"{"type":"block_actions","trigger_id":"1","#
                + #""response_url":"https://hooks.slack.com/actions/1/2"}"#)
        #expect(try fixture.send(button, type: formType).status == 200)
        let text = try json(try fixture.later.first())["text"] as? String
        #expect(text == "Nothing was started:\ntrain: when: the condition is false")
        // One that is nobody's business is not.
        let quiet = try SenderFixture("slack", rules: SenderFixture.rule(on: "push"))
        #expect(try quiet.send(button, type: formType).status == 200)
        #expect(quiet.later.all.isEmpty)
    }

    @Test(arguments: [
        "http://hooks.slack.com/1", "https://hooks.slack.com.evil.example/1",
        "https://hooks.slack.com@evil.example/1", "https://evil.example/hooks.slack.com/",
        "https://169.254.169.254/latest", "https://hooks.slack.com:8443/1",
        "https://hooks.slack.com/1 2", "HTTPS://HOOKS.SLACK.COM/1", "",
        "https://hooks.slack.com/\u{7F}", "https://hooks.slack.com/ü",
    ])
    func `only Slack's own hosts are posted to`(_ url: String) throws {
        let fixture = try SenderFixture("slack", rules: SenderFixture.rule(on: "other"))
        let button = slack(
            #"{"type":"block_actions","trigger_id":"1","response_url":"\#(url)"}"#)
        let answer = try fixture.send(button, type: formType)
        #expect((answer.json["text"] as? String)?.hasPrefix("Starting train (") == true)
        #expect(fixture.later.all.isEmpty)
    }

    @Test(arguments: [
        #""application_id":"5/../6","token":"t""#, #""application_id":"5","token":"../t""#,
        #""application_id":"5","token":"t?x""#, #""application_id":"..","token":"t""#,
        #""application_id":5,"token":"t""#, #""application_id":"5","token":"""#,
        #""application_id":"5","token":"t/é""#, #""application_id":"5""#,
    ])
    func `nothing of an interaction makes another address`(_ members: String) throws {
        let fixture = try SenderFixture(
            "discord", rules: SenderFixture.rule(on: "command"), secrets: [seed], patience: .zero)
        let answer = try fixture.send(#"{"type":2,"id":"1",\#(members),"data":{"name":"train"}}"#)
        #expect(answer.json["type"] as? Int == 4)
        #expect(fixture.later.all.isEmpty)
    }

    @Test func `what Slack wants no content for gets none`() throws {
        let fixture = try SenderFixture("slack", rules: SenderFixture.rule(on: "other"))
        for kind in ["shortcut", "view_closed", "dialog_submission", "dialog_cancellation"] {
            let answer = try fixture.send(
                slack(#"{"type":"\#(kind)","trigger_id":"\#(kind)"}"#), type: formType)
            #expect(answer.status == 200)
            #expect(answer.content.isEmpty)
        }
        let old = try fixture.send(
            slack(#"{"type":"interactive_message","trigger_id":"9"}"#), type: formType)
        #expect(old.json["replace_original"] as? Bool == false)
        #expect(fixture.startCount == 5)
    }
}
