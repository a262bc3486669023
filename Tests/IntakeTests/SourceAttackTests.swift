import Events
import Foundation
import Journal
import OpenSSLCrypto
import Synchronization
import Testing
import Webhook

/// A type of source with the secret that its sender signs with.
private struct SourceCase: CustomTestStringConvertible, Sendable {
    let name: String
    let type: String
    let scheme: Scheme
    let secret: SigningSecret
    let other: SigningSecret
    var verifying: SigningSecret?

    var testDescription: String { name }

    /// Whether the proof covers what is sent.
    var signsContent: Bool {
        switch scheme {
        case .signature: true
        case .gitLab(let requirement): requirement == .signature || requirement == .both
        case .token, .jwt: false
        }
    }
}

private func text(_ text: String) -> SigningSecret { SigningSecret(Secret(text)) }
private func token(_ text: String) -> SigningSecret { SigningSecret(Secret(text), kind: .token) }

private func seed(_ byte: UInt8) -> SigningSecret {
    SigningSecret(Secret([UInt8](repeating: byte, count: 32)), kind: .ed25519Seed)
}

private func publicKey(_ byte: UInt8) -> SigningSecret {
    let key = Ed25519PrivateKey(seed: [UInt8](repeating: byte, count: 32))
    return SigningSecret(Secret(key?.publicKey ?? [0]), kind: .ed25519Public)
}

private let customScheme: Scheme = {
    var scheme = SignatureScheme(
        fields: ["x-sig"], versions: [.init("v=", .hmac(.sha512))], encoding: .base64url)
    scheme.timestampField = "x-time"
    scheme.timeUnit = .milliseconds
    scheme.idField = "x-id"
    if let signed = try? SignedText("{method} {path} {id} {ts} {body}") { scheme.signed = signed }
    return .signature(scheme)
}()

/// Every type that proves something but Google Chat, whose proof is no secret of ours.
private let cases: [SourceCase] = {
    var cases = Sender.all.values.sorted { $0.type < $1.type }.compactMap { sender -> SourceCase? in
        switch (sender.type, sender.scheme) {
        case ("google-chat", _), ("dockerhub", _): return nil
        case ("discord", let scheme?):
            return SourceCase(
                name: "discord", type: "discord", scheme: scheme, secret: seed(1),
                other: publicKey(2), verifying: publicKey(1))
        case ("hmac", _):
            return SourceCase(
                name: "hmac", type: "hmac", scheme: customScheme, secret: text("secret"),
                other: text("Secret"))
        case (let type, .token(let scheme)?):
            return SourceCase(
                name: type, type: type, scheme: .token(scheme), secret: token("user:secret"),
                other: token("user:Secret"))
        case (let type, .signature(let scheme)?):
            return SourceCase(
                name: type, type: type, scheme: .signature(scheme), secret: text("secret"),
                other: text("Secret"))
        case ("gitlab", _): return nil
        default: preconditionFailure("\(sender.type) is in no table of attacks")
        }
    }
    cases += [
        SourceCase(
            name: "gitlab token", type: "gitlab", scheme: .gitLab(.either), secret: token("secret"),
            other: token("Secret")),
        SourceCase(
            name: "gitlab signature", type: "gitlab", scheme: .gitLab(.signature),
            secret: text("secret"), other: text("Secret")),
        SourceCase(
            name: "standard-webhooks v1a", type: "standard-webhooks",
            scheme: .signature(.standardWebhooks), secret: seed(1), other: publicKey(2),
            verifying: publicKey(1)),
    ]
    return cases
}()

/// Attacks on each type of source, from outside: all of them get the same answer.
@Suite(.timeLimit(.minutes(2))) struct SourceAttackTests {
    private typealias Fields = [(name: String, value: String)]

    private let content = #"{"type":"x","id":"1","text":"train"}"#
    private let rules = SenderFixture.rule(on: "[other, command, push, model, artifact, dataset]")

    private func fields(
        _ test: SourceCase, at time: Int64 = SenderFixture.now, id: String = "m1"
    ) throws -> Fields {
        try test.scheme.fields(
            for: UnsignedRequest(
                path: "/hooks/s", content: Array(content.utf8), id: id,
                timestampMilliseconds: time), secrets: [test.secret])
    }

    @Test func `every type is in the table`() {
        let missing = Set(Sender.all.keys).subtracting(cases.map(\.type))
        #expect(missing == ["google-chat", "dockerhub"])
    }

    @Test(arguments: cases)
    private func `only what the sender itself sends is accepted`(_ test: SourceCase) throws {
        let fixture = try SenderFixture(
            test.type, rules: rules, scheme: test.scheme, secrets: [test.verifying ?? test.secret])
        let good = try fields(test)
        #expect(try (200...202).contains(post(fixture, good).status))
        var refusals: Set<String> = []
        for (what, fields, content) in try attacks(test, good) {
            let answer = try post(fixture, fields, content)
            #expect(answer.status == 401, "\(test.name), \(what): \(answer.status)")
            refusals.insert(withoutDate(answer.head) + answer.content)
        }
        #expect(refusals.count == 1, "\(refusals)")
        #expect(refusals.first?.contains("WWW-Authenticate: Signature realm=\"s\"") == true)
        // And none of it has spoiled anything.
        #expect(try (200...202).contains(post(fixture, good).status))
        let stranger = try SenderFixture(
            test.type, rules: rules, scheme: test.scheme, secrets: [test.other])
        #expect(try post(stranger, good).status == 401)
    }

    private func post(
        _ fixture: SenderFixture, _ fields: Fields, _ content: String? = nil
    ) throws -> SenderFixture.Answer {
        try fixture.request(
            "POST", "/hooks/s", [("Content-Type", "application/json")] + fields,
            content ?? self.content)
    }

    private func withoutDate(_ head: String) -> String {
        head.split(separator: "\r\n").filter { !$0.hasPrefix("Date:") }.joined(separator: "\n")
    }

    private func attacks(
        _ test: SourceCase, _ good: Fields
    ) throws -> [(what: String, fields: Fields, content: String?)] {
        var attacks: [(String, Fields, String?)] = []
        for (what, value) in proofs(good[0].value) {
            attacks.append((what, [(good[0].name, value)] + good.dropFirst(), nil))
        }
        attacks.append(("none", [], nil))
        attacks.append(("twice the same", good + [good[0]], nil))
        attacks.append(("two", [(good[0].name, "x")] + good, nil))
        attacks.append(
            (
                "two in one",
                [(good[0].name, "\(good[0].value), \(good[0].value)")]
                    + good.dropFirst(), nil
            ))
        attacks.append(
            (
                "another letter case of the name",
                good + [
                    (good[0].name.uppercased(), good[0].value)
                ], nil
            ))
        for extra in good.indices.dropFirst() {
            var fewer = good
            fewer.remove(at: extra)
            attacks.append(("without \(good[extra].name)", fewer, nil))
            attacks.append(("two \(good[extra].name)", good + [good[extra]], nil))
            var other = good
            other[extra].value += "1"
            attacks.append(("another \(good[extra].name)", other, nil))
            other[extra].value = ""
            attacks.append(("an empty \(good[extra].name)", other, nil))
        }
        if test.scheme.signsTime, test.signsContent {
            let limit: Int64 = 300_000
            for time in [-limit - 1000, limit + 1000, -SenderFixture.now, 86_400_000] {
                attacks.append(
                    ("\(time) ms off", try fields(test, at: SenderFixture.now + time), nil))
            }
        }
        guard test.signsContent else { return attacks }
        for (what, content) in [
            ("a flipped byte", content.replacing("train", with: "tra`n")),
            ("cut content", String(content.dropLast())), ("longer content", content + " "),
            ("no content", ""),
        ] { attacks.append((what, good, content)) }
        return attacks
    }

    /// What is near the right proof and is not it.
    private func proofs(_ value: String) -> [(String, String)] {
        let middle = value.index(value.startIndex, offsetBy: value.count / 2)
        var flipped = value
        flipped.replaceSubrange(middle...middle, with: value[middle] == "e" ? "d" : "e")
        return [
            ("a flipped character", flipped), ("cut by one", String(value.dropLast())),
            ("cut in half", String(value[..<middle])), ("empty", ""), ("a blank", " "),
            ("longer", value + "0"), ("a wrong prefix", "x" + value),
            ("without its beginning", String(value.dropFirst())),
            ("zeros", String(repeating: "0", count: value.count)),
            ("very long", String(repeating: value, count: 40)),
        ]
    }

    @Test func `Docker Hub proves nothing, so all that is known is the path`() throws {
        let fixture = try SenderFixture("dockerhub", rules: rules, verified: false)
        let push = #"{"push_data":{"tag":"v1"},"repository":{"repo_name":"a/b"}}"#
        #expect(try post(fixture, [], push).status == 202)
        #expect(try post(fixture, [("Authorization", "Bearer x")], push).status == 200)
        let type = [(name: "Content-Type", value: "application/json")]
        for path in ["/hooks/S", "/hooks/s/", "/hooks", "/hooks/s%2F", "/hooks/dockerhub"] {
            #expect(try fixture.request("POST", path, type, push).status == 404)
        }
        #expect(fixture.startCount == 1)
    }

    /// What is called a form and is JSON as well, with a field that was signed once.
    @Test(arguments: ["gitea", "forgejo"])
    func `only the text that was signed is read`(_ type: String) throws {
        let fixture = try SenderFixture(type, rules: rules)
        let json = #"{"ref":"refs/heads/main"}"#
        let encoded = String(decoding: FormFields.encoded(json.utf8), as: UTF8.self)
        let event = [(name: "X-Gitea-Event", value: "push")]
        let forged = #"{"ref":"refs/heads/evil","z":"&payload=\#(encoded)&"}"#
        let answer = try fixture.send(
            forged, type: "application/x-www-form-urlencoded", fields: event, payload: json)
        #expect(answer.status == 202)
        let kept = fixture.content.state.withLock { $0.deliveries.map(\.events) }
        #expect(kept.count == 1)
        for events in kept {
            let text = String(decoding: events, as: UTF8.self)
            #expect(text.contains("refs/heads/main"))
            #expect(!text.contains("evil"))
        }
    }
}
