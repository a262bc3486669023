import Foundation
import OpenSSLCrypto
import Testing
import Webhook

/// Published vectors. The few that stand here make the suite mean something by itself; the shared
/// data, where it is beside the project, has the others and whole payloads with their signatures.
@Suite struct VectorTests {
    @Test func `Slack's own example verifies`() throws {
        // docs.slack.dev, "Verifying requests from Slack".
        let body =
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
            + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
            + "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
            + "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
            + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        let verifier = Verifier(
            .signature(.slack),
            secrets: [SigningSecret(Secret("8f742231b10e8888abcd99yyyzzz85a5"))])
        let verified = try verifier.verify(
            [
                (
                    "X-Slack-Signature",
                    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
                ), ("X-Slack-Request-Timestamp", "1531420618"),
            ], Array(body.utf8), at: 1_531_420_618_000)
        #expect(verified.by == "hmac-sha256:0")
    }

    @Test(.enabled(if: SharedData.isThere))
    func `every published vector of the shared data verifies`() throws {
        let object = try SharedData.object("webhook-vectors.json")
        let vectors = try #require(object["vectors"] as? [[String: Any]])
        var checked = 0
        for vector in vectors {
            guard let scheme = vector["scheme"] as? String, let kind = VectorScheme(scheme),
                let value = vector["value"] as? String,
                let name = vector["header"] as? String, vector["recomputed"] as? Bool == true
            else { continue }
            var body = Array((vector["body"] as? String ?? "").utf8)
            if let file = vector["body_file"] as? String { body = try SharedData.bytes(file) }
            let time = vector["timestamp"] as? String
            var fields = [(name: name, value: value)]
            if let time, scheme.hasPrefix("slack") {
                fields.append(("X-Slack-Request-Timestamp", time))
            } else if let time, let id = vector["msg_id"] as? String {
                fields += [("webhook-id", id), ("webhook-timestamp", time)]
            }
            let text =
                vector["secret_utf8"] as? String ?? vector["secret"] as? String
                ?? vector["public_key"] as? String ?? ""
            let secret = try #require(kind.form.secret(Secret(text)))
            let now = time.flatMap { Int64($0) }.map { $0 * 1000 } ?? 0
            let verifier = Verifier(
                kind.scheme, secrets: [SigningSecret(secret.key, kind: secret.kind)])
            #expect(try verifier.verify(fields, body, at: now).secret == 0, "\(scheme)")
            #expect(throws: SignatureError.mismatched) {
                try verifier.verify(fields, body + [0], at: now)
            }
            checked += 1
        }
        #expect(checked >= 7)
    }

    private struct VectorScheme {
        let scheme: Scheme
        let form: SecretForm

        init?(_ name: String) {
            switch name {
            case "github-sha256": (scheme, form) = (.signature(.gitHub), .text)
            case "bitbucket-cloud": (scheme, form) = (.signature(.bitbucket), .text)
            case "slack-v0": (scheme, form) = (.signature(.slack), .text)
            case "standard-webhooks-v1", "standard-webhooks-v1a":
                (scheme, form) = (.signature(.standardWebhooks), .standardWebhooks)
            default: return nil
            }
        }
    }
}
