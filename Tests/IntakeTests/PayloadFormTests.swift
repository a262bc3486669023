import Foundation
import Intake
import Journal
import Metrics
import OpenSSLCrypto
import Synchronization
import Testing
import Webhook

private let formType = "application/x-www-form-urlencoded"

private func encoded(_ text: String) -> String {
    String(decoding: FormFields.encoded(text.utf8), as: UTF8.self)
}

private func push(_ ref: String = "refs/heads/main") -> String {
    let (older, newer) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
    return #"{"ref":"\#(ref)","before":"\#(older)","after":"\#(newer)"}"#
}

@Suite(.timeLimit(.minutes(1))) struct PayloadFormTests {
    @Test func `GitHub signs its form, and the payload is within`() throws {
        let fixture = try SenderFixture("github", rules: SenderFixture.rule(on: "push"))
        let event = [(name: "X-GitHub-Event", value: "push"), ("X-GitHub-Delivery", "d1")]
        let body = "payload=" + encoded(push("refs/heads/a+b&c=ü%"))
        #expect(try fixture.send(body, type: formType, fields: event).status == 202)
        let kept = fixture.content.state.withLock { $0.deliveries.first }
        #expect(kept?.payload == Array(body.utf8))
        let events = String(decoding: kept?.events ?? [], as: UTF8.self)
        #expect(events.contains(#""full":"refs/heads/a+b&c=ü%""#))
        #expect(try fixture.send("other=1", type: formType, fields: event).status == 400)
        #expect(try fixture.send("payload=%7B", type: formType, fields: event).status == 400)
        #expect(try fixture.send("payload=", type: formType, fields: event).status == 400)
    }

    @Test func `form content may be three times as long as JSON`() throws {
        let fixture = try SenderFixture(
            "github", rules: SenderFixture.rule(on: "push"), contentBytesMax: 200
        ) { $0.formBytesMax = 600 }
        let event = [(name: "X-GitHub-Event", value: "push")]
        func padded(_ count: Int) -> String {
            "payload=" + String(repeating: "+", count: count - 8)
        }
        #expect(try fixture.send(padded(600), type: formType, fields: event).status == 400)
        #expect(try fixture.send(padded(601), type: formType, fields: event).status == 413)
        let json = String(repeating: " ", count: 201)
        #expect(try fixture.send(json, fields: event).status == 413)
    }

    @Test func `GitHub's 25 MiB are taken, and one byte more is not`() throws {
        let fixture = try SenderFixture("github", rules: SenderFixture.rule(on: "push"))
        let event = [(name: "X-GitHub-Event", value: "push")]
        let text = String(push().dropLast()) + ",\"x\":\""
        let filler = String(repeating: "x", count: 26_214_400 - text.utf8.count - 2)
        #expect(try fixture.send(text + filler + "\"}", fields: event).status == 202)
        #expect(try fixture.send(text + filler + "x\"}", fields: event).status == 413)
    }

    @Test func `JSON may be 1,000 deep, and not endlessly`() throws {
        let fixture = try SenderFixture("github", rules: SenderFixture.rule(on: "push"))
        let event = [(name: "X-GitHub-Event", value: "push")]
        func nested(_ depth: Int) -> String {
            String(push().dropLast()) + ",\"x\":" + String(repeating: "[", count: depth)
                + String(repeating: "]", count: depth) + "}"
        }
        #expect(try fixture.send(nested(1000), fields: event).status == 202)
        #expect(try fixture.send(nested(100_000), fields: event).status == 400)
    }

    @Test func `Gitea's three ways come to the same event`() throws {
        let fixture = try SenderFixture("gitea", rules: SenderFixture.rule(on: "push"))
        let json = push()
        func fields(_ id: String) -> [(name: String, value: String)] {
            [("X-Gitea-Event", "push"), ("X-Gitea-Delivery", id)]
        }
        #expect(try fixture.send(json, fields: fields("1")).status == 202)
        #expect(
            try fixture.send(
                "payload=" + encoded(json), type: formType, fields: fields("2"), payload: json
            ).status == 202)
        let query = try fixture.send(
            "", method: "GET", target: "/hooks/s?payload=" + encoded(json), fields: fields("3"),
            payload: json)
        #expect(query.status == 202)
        #expect(fixture.deliveryIDs == ["1", "2", "3"])
        let payloads = fixture.content.state.withLock { $0.deliveries.map(\.payload) }
        #expect(payloads.last == Array(json.utf8))
        // Without a secret Gitea sends the fields empty.
        let empty = [(name: "X-Gitea-Signature", value: ""), ("X-Hub-Signature-256", "sha256=")]
        #expect(try fixture.send(json, fields: empty, isSigned: false).status == 401)
    }

    @Test func `of names that are given twice rules see the first, and each name once`() throws {
        let condition = #"""
            jsonString(query) == "{\"a\":\"1\",\"b\":\" x\"}" && query.map(k, k) == ["a", "b"]
                  && headers["x-multi"] == "1" && jsonString(headers).split("x-multi").size() == 2
            """#
        let fixture = try SenderFixture(
            "github", rules: SenderFixture.rule(on: "push", when: condition))
        let fields = [
            (name: "X-GitHub-Event", value: "push"), ("X-Multi", "1"), ("X-Multi", "2"),
        ]
        let answer = try fixture.send(push(), target: "/hooks/s?a=1&a=2&b=%20x", fields: fields)
        #expect(answer.status == 202, "\(answer.content)")
    }

    @Test func `a byte order mark is no part of the JSON`() throws {
        let fixture = try SenderFixture(
            "azure-devops", rules: SenderFixture.rule(on: "push"),
            secrets: [SigningSecret(Secret("u:p"), kind: .token)])
        let ids = (String(repeating: "0", count: 40), String(repeating: "b", count: 40))
        let body =
            "\u{FEFF}{\r\n\"id\":\"1\",\"subscriptionId\":\"2\",\"eventType\":\"git.push\","
            + "\"resource\":{\"refUpdates\":[{\"name\":\"refs/heads/a\",\"oldObjectId\":"
            + "\"\(ids.0)\",\"newObjectId\":\"\(ids.1)\"}]}}"
        #expect(try fixture.send(body).status == 202)
        #expect(fixture.deliveryIDs == ["1/2"])
    }

    @Test func `CloudEvents come in three modes`() throws {
        let fixture = try SenderFixture(
            "cloudevents", rules: SenderFixture.rule(on: "other"),
            secrets: [SigningSecret(Secret("tok"), kind: .token)])
        let binary = [
            (name: "ce-specversion", value: "1.0"), ("ce-id", "a%20b"), ("ce-source", "/s"),
            ("ce-type", "x"),
        ]
        #expect(try fixture.send("{}", fields: binary).status == 202)
        let event = #"{"specversion":"1.0","id":"1","source":"/s","type":"x","data":{}}"#
        let structured = "application/cloudevents+json; charset=utf-8"
        #expect(try fixture.send(event, type: structured).status == 202)
        let batch = "application/CloudEvents-Batch+JSON"
        #expect(try fixture.send("[\(event),\(event)]", type: batch).status == 202)
        let empty = try fixture.send("[]", type: batch)
        #expect(empty.status == 200)
        #expect(
            (empty.json["notes"] as? [String])?.first?.contains("nothing that happened") == true)
        // What is no batch would be lost if it were acknowledged.
        #expect(try fixture.send(event, type: batch).status == 400)
        #expect(fixture.startCount == 4)
        #expect(fixture.deliveryIDs.prefix(2) == ["/s/a b", "/s/1"])
        let target = "/hooks/s?access_token=tok&a=1"
        let byQuery = try fixture.send(event, type: structured, target: target, isSigned: false)
        #expect(byQuery.status == 200)
        #expect(try fixture.send(event, type: structured, target: target).status == 401)
    }

    @Test func `content without a type is taken for JSON, and no other type is`() throws {
        for type in ["github", "standard-webhooks"] {
            let fixture = try SenderFixture(type, rules: SenderFixture.rule(on: "other"))
            let event = [(name: "X-GitHub-Event", value: "star")]
            #expect(try fixture.send("{}", type: nil, fields: event, isSigned: false).status == 401)
            #expect(try fixture.send("", type: nil, fields: event, isSigned: false).status == 401)
            #expect(try fixture.send("{}", type: nil, fields: event).status == 202)
            #expect(try fixture.send("payload=%7B%7D", type: nil, fields: event).status == 400)
            for other in ["text/plain", "", "application/json5"] {
                #expect(try fixture.send("{}", type: other, fields: event).status == 415)
            }
        }
    }

    @Test func `a declared length above the limit is told before anything else of the content`()
        throws
    {
        // Of a form its JSON is limited to the same, but not what that is written as.
        let fixture = try SenderFixture(
            "github", rules: SenderFixture.rule(on: "push"), contentBytesMax: 100
        ) { $0.formBytesMax = 300 }
        func status(_ type: String?, _ length: Int, _ coding: String? = nil) throws -> Int {
            var fields: [(name: String, value: String)] = []
            if let type { fields.append(("Content-Type", type)) }
            if let coding { fields.append(("Content-Encoding", coding)) }
            // All of it, so that what is within the limit is answered too.
            return try fixture.request(
                "POST", "/hooks/s", fields, String(repeating: " ", count: length)
            ).status
        }
        #expect(try status(nil, 101) == 413)
        #expect(try status(nil, 100) == 401)
        #expect(try status("application/json", 101) == 413)
        #expect(try status("application/json", 100) == 401)
        #expect(try status(formType, 301) == 413)
        #expect(try status(formType, 300) == 401)
        #expect(try status("text/plain", 301) == 413)
        #expect(try status("text/plain", 300) == 415)
        #expect(try status("application/json", 101, "gzip") == 413)
        #expect(try status("application/json", 100, "gzip") == 415)
    }

    @Test func `a CloudEvent whose attributes are fields may have no data`() throws {
        let fixture = try SenderFixture(
            "cloudevents", rules: SenderFixture.rule(on: "other", when: "body == null"),
            secrets: [SigningSecret(Secret("tok"), kind: .token)])
        func fields(_ id: String) -> [(name: String, value: String)] {
            [
                ("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", "/s"), ("ce-type", "x"),
                ("Authorization", "Bearer tok"),
            ]
        }
        #expect(try fixture.send("", fields: fields("1"), isSigned: false).status == 202)
        #expect(try fixture.request("POST", "/hooks/s", fields("2")).status == 202)
        #expect(fixture.deliveryIDs == ["/s/1", "/s/2"])
        let kept = fixture.content.state.withLock { $0.deliveries.map(\.payload) }
        #expect(kept == [Array("null".utf8), Array("null".utf8)])
        // Only these: nothing else is without content.
        let structured = "application/cloudevents+json"
        let empty = try fixture.send(
            "", type: structured, fields: fields("3"), isSigned: false)
        #expect(empty.status == 400)
        let other = Array(fields("4").dropFirst())
        #expect(try fixture.request("POST", "/hooks/s", other).status == 400)
    }

    @Test func `the handshake is answered for configured origins only`() throws {
        let fixture = try SenderFixture(
            "cloudevents", rules: SenderFixture.rule(on: "other"),
            secrets: [SigningSecret(Secret("tok"), kind: .token)]
        ) { $0.allowedOrigins = ["eventgrid.azure.net"] }
        func ask(_ origin: String) throws -> SenderFixture.Answer {
            try fixture.request(
                "OPTIONS", "/hooks/s",
                [
                    ("WebHook-Request-Origin", origin),
                    ("WebHook-Request-Callback", "http://169.254.169.254/"),
                ])
        }
        let good = try ask("EventGrid.azure.net")
        #expect(good.status == 200)
        #expect(good.head.contains("WebHook-Allowed-Origin: EventGrid.azure.net"))
        let bad = try ask("evil.example")
        #expect(bad.status == 403)
        #expect(!bad.head.contains("WebHook-Allowed"))
        let closed = try SenderFixture(
            "cloudevents", rules: SenderFixture.rule(on: "other"),
            secrets: [SigningSecret(Secret("tok"), kind: .token)])
        #expect(try closed.request("OPTIONS", "/hooks/s", []).status == 405)
    }
}

@Suite(.timeLimit(.minutes(1))) struct SourceTests {
    @Test func `Data Center's test is answered, proves nothing and starts nothing`() throws {
        let fixture = try SenderFixture("bitbucket-dc", rules: SenderFixture.rule(on: "ping"))
        let ping = [(name: "X-Event-Key", value: "diagnostics:ping")]
        let unsigned = try fixture.send(#"{"test":true}"#, fields: ping, isSigned: false)
        #expect(unsigned.status == 200)
        #expect(unsigned.content == "{}")
        #expect(fixture.startCount == 0)
        let forged = ping + [("X-Hub-Signature", "sha256=00")]
        #expect(try fixture.send("{}", fields: forged, isSigned: false).status == 401)
        #expect(try fixture.send("{}", isSigned: false).status == 401)
        #expect(try fixture.send(#"{"test":true}"#, fields: ping).status == 202)
    }

    @Test func `GitHub's ping says what is wrong with the webhook`() throws {
        let fixture = try SenderFixture("github", rules: SenderFixture.rule(on: "[change, push]"))
        let event = [(name: "X-GitHub-Event", value: "ping")]
        let answer = try fixture.send(
            #"{"zen":"z","hook":{"events":["push"],"config":{"content_type":"form","#
                + #""insecure_ssl":"1"}}}"#, fields: event)
        #expect(answer.status == 200)
        let notes = try #require(answer.json["notes"] as? [String])
        #expect(notes.count == 3)
        #expect(notes[0].contains("content type is form"))
        #expect(notes[1].contains("SSL verification"))
        #expect(notes[2].contains("does not send pull_request"))
        let fine = try fixture.send(
            #"{"zen":"z","hook":{"events":["*"],"config":{"content_type":"json"}}}"#,
            fields: event)
        #expect(fine.json["notes"] == nil)
    }

    @Test func `the signed id of GitLab goes before the unsigned`() throws {
        let key = [UInt8](repeating: 1, count: 32)
        let fixture = try SenderFixture(
            "gitlab", rules: SenderFixture.rule(on: "other"), scheme: .gitLab(.either),
            secrets: [SigningSecret(Secret(key))])
        let fields = [(name: "Idempotency-Key", value: "unsigned")]
        #expect(try fixture.send(#"{"object_kind":"x"}"#, fields: fields).status == 202)
        #expect(try fixture.send(#"{"object_kind":"x"}"#, fields: fields).status == 200)
        #expect(fixture.deliveryIDs == ["m1", "m1"])
    }

    @Test func `which secret matched is counted, and an older one is told once`() throws {
        let old = SigningSecret(Secret("old"))
        let fixture = try SenderFixture(
            "github", rules: SenderFixture.rule(on: "push"),
            secrets: [SigningSecret(Secret("new")), old])
        let event = [(name: "X-GitHub-Event", value: "push")]
        _ = try fixture.send(push(), fields: event)
        #expect(fixture.logs.lines.isEmpty)
        let signature = SignatureScheme.gitHub.sign(Array(push().utf8), with: old.key)
        for _ in 0..<2 {
            let answer = try fixture.send(
                push(), fields: event + [("X-Hub-Signature-256", signature)], isSigned: false)
            #expect(answer.status == 200)
        }
        #expect(fixture.metrics.verified.counter("s", "0").value == 1)
        #expect(fixture.metrics.verified.counter("s", "1").value == 2)
        #expect(fixture.logs.lines.count == 1)
        #expect(fixture.logs.lines.first?.contains("older secret") == true)
        _ = try fixture.send(push(), isSigned: false)
        #expect(fixture.metrics.unverified.counter("s", "missing").value == 1)
    }

    @Test func `a secret is an older one only where the sender could have a newer`() throws {
        func warnings(_ first: SigningSecret) throws -> Int {
            let fixture = try SenderFixture(
                "github", rules: SenderFixture.rule(on: "push"),
                secrets: [first, SigningSecret(Secret("current"))])
            let signature = SignatureScheme.gitHub.sign(
                Array(push().utf8), with: Secret("current"))
            let answer = try fixture.send(
                push(), fields: [("X-Hub-Signature-256", signature)], isSigned: false)
            #expect(answer.status == 200)
            return fixture.logs.lines.count
        }
        let now = SenderFixture.now
        let next = SigningSecret(Secret("next"), notBeforeMilliseconds: now + 1)
        #expect(try warnings(next) == 0)
        let past = SigningSecret(Secret("past"), notAfterMilliseconds: now - 1)
        #expect(try warnings(past) == 0)
        #expect(try warnings(SigningSecret(Secret("new"), notBeforeMilliseconds: now)) == 1)
    }

    @Test func `secrets are in neither the rules' variables nor the records`() throws {
        let rule = SenderFixture.rule(
            on: "other",
            when: #"!("x-secret" in headers) && !("access_token" in query) && query.a == "1""#)
        let fixture = try SenderFixture(
            "token", rules: rule,
            scheme: .token(TokenScheme(field: "x-secret", queryField: "access_token")),
            secrets: [SigningSecret(Secret("tok"), kind: .token)])
        #expect(try fixture.send("{}", target: "/hooks/s?a=1").status == 202)
        let byQuery = try fixture.send(
            #"{"b":1}"#, target: "/hooks/s?a=1&access_token=tok", isSigned: false)
        #expect(byQuery.status == 202)
        let headers = fixture.content.state.withLock { $0.deliveries.map(\.headers) }
        #expect(!headers.contains { String(decoding: $0, as: UTF8.self).contains("tok\"") })
    }
}
