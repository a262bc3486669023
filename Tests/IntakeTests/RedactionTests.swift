import Foundation
import Journal
import OpenSSLCrypto
import Synchronization
import Testing
import Webhook

private let formType = "application/x-www-form-urlencoded"

private func encoded(_ text: String) -> String {
    String(decoding: FormFields.encoded(text.utf8), as: UTF8.self)
}

/// A payload with a secret in it, as a sender sends it.
private struct Case: CustomTestStringConvertible, Sendable {
    let type: String
    let content: String
    var form = false
    var kind = "other"
    /// What rules see in place of the secret.
    var path: String
    /// What is left as it is.
    var kept: String

    var testDescription: String { "\(type) \(path)" }
}

private let slackButton =
    #"{"type":"block_actions","trigger_id":"7","token":"S3CRET","#
    + #""response_url":"https://hooks.slack.com/actions/S3CRET","#
    + #""response_urls":[{"response_url":"https://S3CRET"}],"bot_access_token":"S3CRET"}"#

private let cases: [Case] = [
    Case(
        type: "slack",
        content: "token=S3CRET&command=%2ftrain&text=a+b&trigger_id=7&response_url="
            + encoded("https://hooks.slack.com/commands/S3CRET"),
        form: true, kind: "command", path: "body.response_url",
        kept: "token=%3Credacted%3E&command=%2ftrain&text=a+b&trigger_id=7&response_url="
            + "%3Credacted%3E"),
    Case(
        type: "slack", content: "payload=" + encoded(slackButton), form: true,
        path: "body.response_urls[0].response_url", kept: "payload=%7B%22type%22"),
    Case(
        type: "slack",
        content: #"{"token":"S3CRET", "type":"event_callback","event_id":"7","#
            + #""event":{"type":"function_executed","bot_access_token":"S3CRET"}}"#,
        path: "body.event.bot_access_token", kept: #"{"token":"<redacted>", "type""#),
    Case(
        type: "discord",
        content: #"{"type":2,"id":"7","application_id":"5","token":"S3CRET","data":{"name":"x"}}"#,
        kind: "command", path: "body.token", kept: #""token":"<redacted>","data":{"name":"x"}}"#),
    Case(
        type: "mattermost",
        content: "command=%2Ftrain&trigger_id=7&token=S3CRET&response_url=http%3A%2F%2FS3CRET",
        form: true, kind: "command", path: "body.token",
        kept: "command=%2Ftrain&trigger_id=7&token=%3Credacted%3E&response_url=%3Credacted%3E"),
    Case(
        type: "mattermost",
        content: #"{"token":"S3CRET","trigger_word":"train","text":"train x","post_id":"7"}"#,
        kind: "command", path: "body.token", kept: #"{"token":"<redacted>","trigger_word""#),
    Case(
        type: "label-studio",
        content: #"{"action":"TASKS_CREATED","project":{"id":7,"token":"S3CRET"}}"#,
        kind: "dataset", path: "body.project.token",
        kept: #"{"action":"TASKS_CREATED","project":{"id":7,"token":"<redacted>"}}"#),
    Case(
        type: "gitea", content: "{\n  \"secret\": \"S3CRET\",\n  \"ref\": \"refs/heads/a\"\n}",
        path: "body.secret", kept: "{\n  \"secret\": \"<redacted>\",\n  \"ref\""),
    Case(
        type: "forgejo", content: "payload=" + encoded(#"{"secret":"S3CRET","a":"+ü"}"#),
        form: true, path: "body.secret",
        kept: "payload=" + encoded(#"{"secret":"<redacted>","a":"+ü"}"#)),
    Case(
        type: "google-chat",
        content:
            #"{"type":"X","token":"S3CRET","authorizationEventObject":{"systemIdToken":"S3CRET","#
            + #""userOAuthToken":"S3CRET"},"chat":{"m":{"configCompleteRedirectUri":"S3CRET"}}}"#,
        path: "body.authorizationEventObject.systemIdToken",
        kept: #"{"type":"X","token":"<redacted>","authorizationEventObject""#),
    Case(
        type: "dockerhub", content: #"{"callback_url":"https://S3CRET/","push_data":{"tag":"a"}}"#,
        kind: "artifact", path: "body.callback_url", kept: #"{"callback_url":"<redacted>","push"#),
    Case(
        type: "stripe",
        content: #"{"id":"7","type":"x","data":{"object":{"client_secret":"S3CRET"}}}"#,
        path: "body.data.object.client_secret", kept: #"{"client_secret":"<redacted>"}}}"#),
]

@Suite(.timeLimit(.minutes(1))) struct RedactionTests {
    @Test(arguments: cases)
    private func `a token in a payload is in no record, request, answer or log`(
        _ test: Case
    ) throws {
        let rule = """
            rules:
              - name: train
                source: s
                on: \(test.kind)
                when: '\(test.path) == "<redacted>"'
                start: {PipelineName: churn, PipelineParameters: {Seen: "${\(test.path)}"}}
              - name: broken
                source: s
                when: '\(test.path).endsWith("redacted>") && int(\(test.path)) == 1'
                start: {PipelineName: churn}

            """
        let isVerified = !["google-chat", "dockerhub"].contains(test.type)
        let secret: SigningSecret =
            switch test.type {
            case "discord":
                SigningSecret(Secret([UInt8](repeating: 3, count: 32)), kind: .ed25519Seed)
            case "mattermost", "label-studio": SigningSecret(Secret("S3CRET"), kind: .token)
            default: SigningSecret(Secret("S3CRET"))
            }
        let fixture = try SenderFixture(
            test.type, rules: rule, secrets: [secret], verified: isVerified)
        let payload =
            test.form
            ? FormFields(Array(test.content.utf8)[...])?.first("payload") : nil
        let answer = try fixture.send(
            test.content, type: test.form ? formType : "application/json",
            payload: payload.map { String(decoding: $0, as: UTF8.self) })
        #expect((200...202).contains(answer.status), "\(answer.content)")
        #expect(!(answer.head + answer.content).contains("S3CRET"))
        let (records, requests) = fixture.content.state.withLock { state in
            (state.deliveries, state.starts.map(\.start.request))
        }
        #expect(requests.count == 1)
        let kept = try #require(records.first)
        #expect(String(decoding: kept.payload, as: UTF8.self).contains(test.kept))
        let everything = [kept.payload, kept.headers, kept.events, kept.errors] + requests
        for bytes in everything {
            #expect(!String(decoding: bytes, as: UTF8.self).contains("S3CRET"))
        }
        #expect(String(decoding: kept.errors, as: UTF8.self).contains("broken"))
        #expect(!fixture.logs.lines.joined().contains("S3CRET"))
    }

    @Test func `a query has no tokens for rules either`() throws {
        let fixture = try SenderFixture(
            "mattermost",
            rules: SenderFixture.rule(
                on: "command",
                when: #"!("token" in query) && !("response_url" in query) && query.text == "x""#),
            secrets: [SigningSecret(Secret("S3CRET"), kind: .token)])
        let answer = try fixture.request(
            "GET", "/hooks/s?command=train&text=x&token=S3CRET&response_url=http://S3CRET/", [])
        #expect((answer.json["text"] as? String)?.hasPrefix("Starting train") == true)
        let kept = fixture.content.state.withLock { $0.deliveries.map(\.payload) }
        #expect(kept.count == 1)
        #expect(!kept.contains { String(decoding: $0, as: UTF8.self).contains("S3CRET") })
    }

    @Test func `a payload within a query has no secrets for rules either`() throws {
        let fixture = try SenderFixture(
            "gitea",
            rules: SenderFixture.rule(
                on: "push",
                when: #"query.payload.contains("<redacted>") && !query.payload.contains("S3CRET")"#
            ))
        let json = #"{"secret":"S3CRET","ref":"refs/heads/main","after":"a"}"#
        let answer = try fixture.send(
            "", method: "GET", target: "/hooks/s?payload=" + encoded(json),
            fields: [("X-Gitea-Event", "push")], payload: json)
        #expect(answer.status == 202, "\(answer.content)")
    }

    @Test func `what has no tokens is kept byte for byte`() throws {
        let fixture = try SenderFixture(
            "slack", rules: SenderFixture.rule(on: "other"))
        let json = "{ \"type\" : \"x\",\r\n\"token\":null }"
        #expect(try fixture.send(json).status == 200)
        let form = "payload=" + encoded(#"{"type":"y"}"#) + "&a=%zz"
        #expect(try fixture.send(form, type: formType).status == 200)
        let kept = fixture.content.state.withLock { $0.deliveries.map(\.payload) }
        #expect(kept == [Array(json.utf8), Array(form.utf8)])
    }
}
