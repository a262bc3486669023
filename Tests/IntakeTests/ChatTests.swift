import Foundation
import OpenSSLCrypto
import Testing
import Webhook

private let form = "application/x-www-form-urlencoded"

private func token(_ text: String) -> SigningSecret {
    SigningSecret(Secret(text), kind: .token)
}

@Suite(.timeLimit(.minutes(1))) struct SlackTests {
    private let command =
        "token=t&team_id=T1&channel_id=C1&user_id=U1&user_name=ada&command=%2Ftrain"
        + "&text=churn+lr%3D0.1+%26lt%3Bx%26gt%3B&response_url=https%3A%2F%2Fhooks.slack.com%2Fx"
        + "&trigger_id="

    @Test func `a slash command is told what it started, hidden or for all`() throws {
        let rules = SenderFixture.rule(on: "command", when: #"event.command.name == "train""#)
        let fixture = try SenderFixture("slack", rules: rules)
        let answer = try fixture.send(command + "1", type: form)
        #expect(answer.status == 200)
        #expect(answer.json["response_type"] as? String == "ephemeral")
        #expect((answer.json["text"] as? String)?.hasPrefix("Starting train (") == true)
        #expect(fixture.deliveryIDs == ["1"])
        let again = try fixture.send(command + "1", type: form)
        #expect((again.json["text"] as? String)?.contains("was started before") == true)
        #expect(fixture.startCount == 1)
    }

    @Test func `a rule may answer in its own words`() throws {
        let reply = #"reply: {text: "Training ${event.command.args}", visibility: public}"#
        let fixture = try SenderFixture(
            "slack", rules: SenderFixture.rule(on: "command", reply: reply))
        let answer = try fixture.send(command + "1", type: form)
        #expect(answer.json["response_type"] as? String == "in_channel")
        // The text is Slack's markup again.
        #expect(answer.json["text"] as? String == "Training churn lr=0.1 &lt;x&gt;")
    }

    @Test func `a reply with nothing to see is none`() throws {
        let fixture = try SenderFixture(
            "slack",
            rules: SenderFixture.rule(
                on: "command", reply: #"reply: '${body.?nothing.orValue("")} '"#))
        let answer = try fixture.send(command + "1", type: form)
        #expect((answer.json["text"] as? String)?.hasPrefix("Starting train (") == true)
    }

    @Test func `a command that starts nothing is told why`() throws {
        let fixture = try SenderFixture(
            "slack", rules: SenderFixture.rule(on: "command", when: "1 > 2"))
        let answer = try fixture.send(command + "1", type: form)
        #expect(answer.status == 200)
        #expect(
            answer.json["text"] as? String
                == "Nothing was started:\ntrain: when: the condition is false")
        let other = try SenderFixture("slack", rules: SenderFixture.rule(on: "push"))
        let none = try other.send(command + "1", type: form)
        #expect(none.json["text"] as? String == "Nothing was started: no rule is for this.")
    }

    @Test func `the challenge is echoed only to Slack`() throws {
        let fixture = try SenderFixture("slack", rules: SenderFixture.rule(on: "command"))
        let body = #"{"token":"t","challenge":"3eZbrw1aB","type":"url_verification"}"#
        #expect(try fixture.send(body).content == "3eZbrw1aB")
        #expect(try fixture.send(body, isSigned: false).status == 401)
        let long =
            #"{"challenge":"\#(String(repeating: "a", count: 513))","type":"url_verification"}"#
        #expect(try fixture.send(long).status == 400)
    }

    @Test func `an event is started once, whatever is retried`() throws {
        let fixture = try SenderFixture("slack", rules: SenderFixture.rule(on: "command"))
        let body =
            #"{"type":"event_callback","event_id":"Ev1","event":"#
            + #"{"type":"app_mention","text":"<@U9> train churn","user":"U1","channel":"C1"}}"#
        let first = try fixture.send(body)
        #expect(first.status == 202)
        let retry = try fixture.send(
            body, fields: [("X-Slack-Retry-Num", "1"), ("X-Slack-Retry-Reason", "http_timeout")])
        #expect(retry.status == 200)
        #expect(fixture.startCount == 1)
        #expect(fixture.deliveryIDs == ["Ev1", "Ev1"])
    }

    @Test func `interactivity is answered in the form that each kind takes`() throws {
        let fixture = try SenderFixture("slack", rules: SenderFixture.rule(on: "other"))
        func send(_ json: String) throws -> SenderFixture.Answer {
            let encoded = String(decoding: FormFields.encoded(json.utf8), as: UTF8.self)
            return try fixture.send("payload=" + encoded, type: form)
        }
        let button = try send(#"{"type":"block_actions","trigger_id":"1","user":{"id":"U"}}"#)
        #expect((button.json["text"] as? String)?.hasPrefix("Starting train") == true)
        let modal = try send(#"{"type":"view_submission","trigger_id":"2","view":{}}"#)
        #expect(modal.json["response_action"] as? String == "update")
        let options = try send(#"{"type":"block_suggestion","trigger_id":"3"}"#)
        #expect(options.content == #"{"options":[]}"#)
        #expect(try send("{").status == 400)
        #expect(try fixture.send("a=1&b=2", type: form).status == 200)
        #expect(try fixture.send("", type: form).status == 400)
    }
}

@Suite(.timeLimit(.minutes(1))) struct DiscordTests {
    private let seed = SigningSecret(
        Secret([UInt8](repeating: 3, count: 32)), kind: .ed25519Seed)

    private func fixture(_ kinds: String = "command") throws -> SenderFixture {
        try SenderFixture("discord", rules: SenderFixture.rule(on: kinds), secrets: [seed])
    }

    @Test func `both pings are answered, and a bad signature is 401`() throws {
        let fixture = try fixture()
        let ping = try fixture.send(#"{"type":1,"id":"1","token":"t"}"#)
        #expect(ping.status == 200)
        #expect(ping.content == #"{"type":1}"#)
        #expect(ping.head.contains("Content-Type: application/json"))
        let event = try fixture.send(#"{"type":0,"application_id":"1"}"#)
        #expect(event.status == 204)
        #expect(event.head.contains("Content-Type: application/json"))
        #expect(event.content.isEmpty)
        #expect(try fixture.send(#"{"type":1}"#, isSigned: false).status == 401)
    }

    @Test func `a command is answered with a hidden message that mentions nobody`() throws {
        let fixture = try fixture()
        let body =
            #"{"type":2,"id":"77","channel_id":"5","member":{"user":{"id":"1","username":"ada"}},"#
            + #""data":{"name":"train","options":[{"name":"model","value":"churn"},"#
            + #"{"name":"opts","options":[{"name":"lr","value":0.1}]}]}}"#
        let answer = try fixture.send(body)
        #expect(answer.status == 200)
        #expect(answer.json["type"] as? Int == 4)
        let data = try #require(answer.json["data"] as? [String: Any])
        #expect((data["content"] as? String)?.hasPrefix("Starting train") == true)
        #expect(data["flags"] as? Int == 64)
        #expect((data["allowed_mentions"] as? [String: [String]])?["parse"] == [])
        #expect(fixture.deliveryIDs == ["77"])
    }

    @Test func `an answer is never longer than Discord takes`() throws {
        for piece in ["a", "e\u{301}", "😀", "e" + String(repeating: "\u{301}", count: 2500)] {
            let text = String(repeating: piece, count: 2500 / piece.unicodeScalars.count + 1)
            let fixture = try SenderFixture(
                "discord",
                rules: SenderFixture.rule(on: "command", reply: "reply: ${event.command.args}"),
                secrets: [seed])
            let answer = try fixture.send(
                #"{"type":2,"id":"1","data":{"name":"t","options":[{"name":"o","value":"\#(text)"}]}}"#
            )
            let content = (answer.json["data"] as? [String: Any])?["content"] as? String ?? ""
            #expect((1000...2000).contains(content.utf16.count))
            #expect(content.hasSuffix("…"))
        }
    }

    @Test func `a webhook event of type 1 is no ping`() throws {
        let fixture = try fixture("other")
        let body = #"{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE"}}"#
        #expect(try fixture.send(body).status == 204)
        #expect(fixture.startCount == 1)
        let choices = try self.fixture("other").send(#"{"type":4,"id":"1"}"#)
        #expect(choices.content == #"{"type":8,"data":{"choices":[]}}"#)
    }
}

@Suite(.timeLimit(.minutes(1))) struct OtherChatTests {
    @Test func `Teams gets a message at once`() throws {
        let fixture = try SenderFixture(
            "teams", rules: SenderFixture.rule(on: "command", when: #"event.command.args == "x""#))
        let answer = try fixture.send(
            #"{"type":"message","id":"1","text":"<at>Hookline</at>&nbsp;train x\n"}"#)
        #expect(answer.status == 200)
        #expect(answer.json["type"] as? String == "message")
        #expect((answer.json["text"] as? String)?.hasPrefix("Starting train") == true)
        #expect(try fixture.send("").status == 401)
    }

    @Test func `Mattermost's commands come by form, JSON or query`() throws {
        let fixture = try SenderFixture(
            "mattermost", rules: SenderFixture.rule(on: "command"), secrets: [token("tok")])
        let fields = "command=%2Ftrain&text=churn&user_id=u&channel_id=c&token=tok&trigger_id="
        let slash = try fixture.send(fields + "1", type: form, isSigned: false)
        #expect(slash.json["response_type"] as? String == "ephemeral")
        let query = try fixture.request("GET", "/hooks/s?\(fields)2", [])
        #expect((query.json["text"] as? String)?.hasPrefix("Starting train") == true)
        let hook = #"{"token":"tok","trigger_word":"train","text":"train churn","post_id":"3"}"#
        let answer = try fixture.send(hook, isSigned: false)
        #expect(answer.json["response_type"] as? String == "comment")
        #expect(fixture.deliveryIDs == ["1", "2", "3"])
        #expect(try fixture.request("GET", "/hooks/s?command=x", []).status == 401)
        // Two tokens are one too many, whichever of them is right.
        for (first, second) in [("tok", "x"), ("x", "tok"), ("tok", "tok")] {
            let tokens = "token=\(first)&command=x&token=\(second)"
            #expect(try fixture.send(tokens, type: form, isSigned: false).status == 401)
            #expect(try fixture.request("GET", "/hooks/s?" + tokens, []).status == 401)
            let json = #"{"token":"\#(first)","text":"x","token":"\#(second)"}"#
            #expect(try fixture.send(json, isSigned: false).status == 401)
        }
        #expect(try fixture.request("PUT", "/hooks/s", []).status == 405)
    }

    @Test func `Telegram is answered with a call, and never refused for what it cannot help`()
        throws
    {
        let fixture = try SenderFixture(
            "telegram", rules: SenderFixture.rule(on: "command"), secrets: [token("tok")])
        let update = #"{"update_id":9,"message":{"chat":{"id":-5},"text":"/train@OurBot churn"}}"#
        let answer = try fixture.send(update)
        #expect(answer.json["method"] as? String == "sendMessage")
        #expect(answer.json["chat_id"] as? Int == -5)
        #expect(fixture.deliveryIDs == ["9"])
        let edited = #"{"update_id":10,"edited_message":{"chat":{"id":-5},"text":"/train"}}"#
        let quiet = try fixture.send(edited)
        #expect(quiet.status == 200)
        #expect(quiet.json["method"] == nil)
        #expect(try fixture.send("{").status == 200)
        #expect(try fixture.send("{", isSigned: false).status == 401)
        #expect(fixture.startCount == 1)
    }
}
