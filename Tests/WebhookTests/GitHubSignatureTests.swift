import HTTP1
import OpenSSLCrypto
import Testing
import Webhook

@Suite struct GitHubSignatureTests {
    // docs.github.com, "Validating webhook deliveries".
    private let secret = "It's a Secret to Everybody"
    private let content = "Hello, World!"
    private let published =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    private func verify(
        _ fields: [String], content: String? = nil, secrets: [SigningSecret]? = nil,
        at now: Int64 = 0
    ) throws -> Int? {
        var parser = RequestParser()
        let lines = fields.map { "X-Hub-Signature-256: \($0)\r\n" }.joined()
        let (step, _) = try Array("POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n".utf8)
            .withUnsafeBytes { try parser.next($0) }
        guard case .head(let head) = step else { throw SignatureError.malformed }
        let verifier = Verifier(
            .signature(.gitHub), secrets: secrets ?? [SigningSecret(Secret(secret))])
        return try Array((content ?? self.content).utf8).withUnsafeBytes {
            try verifier.verify(head, content: $0, atMilliseconds: now).secret
        }
    }

    @Test func `GitHub's published vector verifies, and is what sign makes`() throws {
        #expect(try verify([published]) == 0)
        #expect(SignatureScheme.gitHub.sign(Array(content.utf8), with: Secret(secret)) == published)
    }

    @Test func `hexadecimal digits may be upper-case`() throws {
        #expect(try verify(["sha256=" + published.dropFirst(7).uppercased()]) == 0)
    }

    @Test func `attacks are refused, each for its reason`() {
        let table: [([String], SignatureError)] = [
            ([], .missing), ([published, published], .repeated), ([""], .malformed),
            (["sha256="], .malformed), ([String(published.dropFirst(7))], .malformed),
            (["sha1=" + published.dropFirst(7)], .malformed),
            (["SHA256=" + published.dropFirst(7)], .malformed),
            ([String(published.dropLast())], .malformed), ([published + "0"], .malformed),
            ([published.replacing("757107", with: "g57107")], .malformed),
            (["\(published), \(published)"], .malformed),
            ([published.replacing("757107", with: "857107")], .mismatched),
            (["sha256=" + String(repeating: "0", count: 64)], .mismatched),
        ]
        for (fields, reason) in table {
            #expect(throws: reason) { try verify(fields) }
        }
        #expect(throws: SignatureError.mismatched) { try verify([published], content: "Hello") }
        #expect(throws: SignatureError.mismatched) { try verify([published], content: "") }
        #expect(throws: SignatureError.mismatched) {
            try verify([published], secrets: [SigningSecret(Secret("other"))])
        }
    }

    @Test func `several secrets are accepted while they are valid`() throws {
        let old = SigningSecret(Secret(secret), notBeforeMilliseconds: 5, notAfterMilliseconds: 10)
        let secrets = [SigningSecret(Secret("new")), old]
        #expect(try verify([published], secrets: secrets, at: 5) == 1)
        #expect(try verify([published], secrets: secrets, at: 10) == 1)
        #expect(throws: SignatureError.mismatched) {
            try verify([published], secrets: secrets, at: 4)
        }
        #expect(throws: SignatureError.mismatched) {
            try verify([published], secrets: secrets, at: 11)
        }
        #expect(throws: SignatureError.noLiveSecret) {
            try verify([published], secrets: [old], at: 11)
        }
    }
}

@Suite struct StandardWebhooksTests {
    // standard-webhooks/standard-webhooks libraries/javascript/src/webhook.test.ts
    @Test func `signs the published vector`() throws {
        let key = try #require(StandardWebhooks.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        #expect(
            StandardWebhooks.signature(
                id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestampSeconds: 1_614_265_330,
                content: Array(#"{"test": 2432232314}"#.utf8), keys: [key])
                == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `every key signs`() throws {
        let key = try #require(StandardWebhooks.key("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let value = StandardWebhooks.signature(
            id: "m", timestampSeconds: 1, content: [], keys: [key, key])
        let parts = value.split(separator: " ")
        #expect(parts.count == 2)
        #expect(parts[0] == parts[1])
    }

    @Test func `a key has 24 to 64 bytes`() {
        func encoded(_ count: Int) -> String { base64Encoded([UInt8](repeating: 1, count: count)) }
        #expect(StandardWebhooks.key("whsec_" + encoded(23)) == nil)
        #expect(StandardWebhooks.key("whsec_" + encoded(24)) != nil)
        #expect(StandardWebhooks.key("whsec_" + encoded(64)) != nil)
        #expect(StandardWebhooks.key("whsec_" + encoded(65)) == nil)
        #expect(StandardWebhooks.key("whsec_!") == nil)
    }
}
