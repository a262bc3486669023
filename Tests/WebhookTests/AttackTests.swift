import OpenSSLCrypto
import Testing
import Webhook

/// A scheme with a secret that signs and another one that does not belong.
struct SchemeCase: CustomTestStringConvertible, Sendable {
    let name: String
    let scheme: Scheme
    let secret: SigningSecret
    let other: SigningSecret
    /// What verifies, where it is not the secret itself.
    var verifying: SigningSecret?

    var testDescription: String { name }
    var key: SigningSecret { verifying ?? secret }
}

private func text(_ text: String, _ kind: SigningSecret.Kind = .symmetric) -> SigningSecret {
    SigningSecret(Secret(text), kind: kind)
}

private func seed(_ byte: UInt8) -> SigningSecret {
    SigningSecret(Secret([UInt8](repeating: byte, count: 32)), kind: .ed25519Seed)
}

private func publicKey(_ seed: SigningSecret) -> SigningSecret {
    let key = Ed25519PrivateKey(seed: seed.key.bytes)
    return SigningSecret(Secret(key?.publicKey ?? [0]), kind: .ed25519Public)
}

private func custom(_ template: String, _ change: (inout SignatureScheme) -> Void) -> Scheme {
    var scheme = SignatureScheme(
        fields: ["x-signature"], versions: [.init("sig ", .hmac(.sha512))], encoding: .base64url)
    change(&scheme)
    if let signed = try? SignedText(template) { scheme.signed = signed }
    return .signature(scheme)
}

let signatureCases: [SchemeCase] =
    [
        ("github", Scheme.signature(.gitHub)), ("bitbucket", .signature(.bitbucket)),
        ("gitea", .signature(.gitea(["x-gitea-signature", "x-gogs-signature"]))),
        ("slack", .signature(.slack)), ("teams", .signature(.teams)),
        ("standard-webhooks", .signature(.standardWebhooks)), ("stripe", .signature(.stripe)),
        ("mlflow", .signature(.mlflow)), ("wandb", .signature(.wandb)),
        ("gitlab", .gitLab(.signature)),
        (
            "hmac",
            custom("{method} {path} {id}:{ts}:{body}!") {
                $0.timestampField = "x-time"
                $0.timeUnit = .rfc3339
                $0.idField = "x-id"
                $0.form = .list(separator: UInt8(ascii: ";"))
            }
        ),
        ("hmac-sha1", custom("{body}") { $0.versions = [.init("", .hmac(.sha1))] }),
    ].map { SchemeCase(name: $0.0, scheme: $0.1, secret: text("secret"), other: text("Secret")) }
    + [
        SchemeCase(
            name: "discord", scheme: .signature(.discord), secret: seed(1),
            other: publicKey(seed(2)), verifying: publicKey(seed(1))),
        SchemeCase(
            name: "standard-webhooks-v1a", scheme: .signature(.standardWebhooks), secret: seed(1),
            other: seed(2)),
    ]

let tokenCases: [SchemeCase] = [
    ("plain", Scheme.token(TokenScheme(field: "x-token")), "abc"),
    ("bearer", .token(TokenScheme(field: "authorization", form: .after(["bearer"]))), "abc"),
    ("basic", .token(TokenScheme(field: "authorization", form: .basic)), "user:pass:word"),
    ("prefixed", .token(TokenScheme(field: "x-key", form: .prefixed("Key="))), "abc"),
    ("gitlab token", .gitLab(.token), "abc"), ("gitlab either", .gitLab(.either), "abc"),
].map {
    SchemeCase(
        name: $0.0, scheme: $0.1, secret: text($0.2, .token), other: text($0.2 + "x", .token))
}

@Suite struct AttackTests {
    private let content = Array(#"{"ref":"refs/heads/main"}"#.utf8)
    private let now: Int64 = 1_700_000_000_000

    private func fields(
        _ test: SchemeCase, at time: Int64? = nil
    ) throws -> [(name: String, value: String)] {
        try test.scheme.fields(
            for: UnsignedRequest(
                path: "/hooks/x", content: content, id: "msg_1",
                timestampMilliseconds: time ?? now), secrets: [test.secret])
    }

    private func refusal(
        _ test: SchemeCase, _ fields: [(name: String, value: String)], _ content: [UInt8]? = nil,
        secrets: [SigningSecret]? = nil
    ) throws -> SignatureError? {
        let verifier = Verifier(test.scheme, secrets: secrets ?? [test.key])
        do {
            _ = try verifier.verify(fields, content ?? self.content, at: now)
            return nil
        } catch let error as SignatureError {
            return error
        }
    }

    @Test(arguments: signatureCases + tokenCases)
    func `what the sender signs verifies, whole and in pieces`(_ test: SchemeCase) throws {
        let verifier = Verifier(test.scheme, secrets: [test.other, test.key])
        let fields = try fields(test)
        for split in 0...content.count {
            let check = verifier.begin(try head(fields), atMilliseconds: now)
            let verified = try content.withUnsafeBytes { bytes in
                check.update(UnsafeRawBufferPointer(rebasing: bytes[..<(split / 2)]))
                check.update(UnsafeRawBufferPointer(rebasing: bytes[(split / 2)..<split]))
                return try check.finish(bytes)
            }
            #expect(verified.secret == 1)
            #expect(verified.by.hasSuffix(":1"))
        }
    }

    @Test func `two requests at once do not disturb each other`() throws {
        let test = try #require(signatureCases.first)
        let verifier = Verifier(test.scheme, secrets: [test.key])
        let first = verifier.begin(try head(try fields(test)), atMilliseconds: now)
        let second = verifier.begin(try head(try fields(test)), atMilliseconds: now)
        let other = Array("{}".utf8)
        try content.withUnsafeBytes { bytes in
            first.update(UnsafeRawBufferPointer(rebasing: bytes[..<5]))
            other.withUnsafeBytes { other in
                second.update(other)
                #expect(throws: SignatureError.mismatched) { try second.finish(other) }
            }
            let verified = try first.finish(bytes)
            #expect(verified.secret == 0)
        }
    }

    @Test(arguments: signatureCases)
    func `content that was changed is refused`(_ test: SchemeCase) throws {
        let fields = try fields(test)
        for position in content.indices {
            var changed = content
            changed[position] ^= 1
            #expect(try refusal(test, fields, changed) == .mismatched)
        }
        #expect(try refusal(test, fields, Array(content.dropLast())) == .mismatched)
        #expect(try refusal(test, fields, content + [0x20]) == .mismatched)
        #expect(try refusal(test, fields, []) != nil)
    }

    @Test(arguments: signatureCases + tokenCases)
    func `a proof that was changed is refused`(_ test: SchemeCase) throws {
        let fields = try fields(test)
        let value = try #require(fields.first).value
        var changed: [String] = ["", " ", value + "0", "x" + value, value + "," + value + "!"]
        for position in value.indices {
            changed.append(String(value[..<position]))
            guard value[position] != "=" || test.name == "plain" else { continue }
            var characters = Array(value)
            let offset = value.distance(from: value.startIndex, to: position)
            characters[offset] = characters[offset] == "e" ? "d" : "e"
            // A scheme's word may be written in another case, and nothing else.
            changed.append(String(characters))
        }
        for proof in changed where proof.lowercased() != value.lowercased() {
            var forged = fields
            forged[0].value = proof
            // Stripe's other entries are passed over, so one may be appended.
            let passes = try refusal(test, forged) == nil
            #expect(!passes, "\(test.name): \(proof)")
        }
    }

    @Test(arguments: signatureCases + tokenCases)
    func `no proof, an empty one, and two of them are refused`(_ test: SchemeCase) throws {
        let fields = try fields(test)
        #expect(try refusal(test, []) == .missing)
        #expect(try refusal(test, [(fields[0].name, "")] + fields.dropFirst()) == .malformed)
        #expect(try refusal(test, fields + [fields[0]]) == .repeated)
        #expect(try refusal(test, fields + [(fields[0].name, "x")]) == .repeated)
        for missing in fields.indices.dropFirst() {
            var fewer = fields
            fewer.remove(at: missing)
            #expect(try refusal(test, fewer) == .missing)
            #expect(try refusal(test, fields + [fields[missing]]) == .repeated)
        }
    }

    @Test(arguments: signatureCases + tokenCases)
    func `another's secret, and one before or after its time, are refused`(
        _ test: SchemeCase
    ) throws {
        let fields = try fields(test)
        #expect(try refusal(test, fields, secrets: [test.other]) == .mismatched)
        let later = SigningSecret(
            test.key.key, kind: test.key.kind, notBeforeMilliseconds: now + 1)
        let earlier = SigningSecret(
            test.key.key, kind: test.key.kind, notAfterMilliseconds: now - 1)
        let live = SigningSecret(
            test.key.key, kind: test.key.kind, notBeforeMilliseconds: now,
            notAfterMilliseconds: now)
        #expect(try refusal(test, fields, secrets: [later]) == .noLiveSecret)
        #expect(try refusal(test, fields, secrets: [earlier, test.other]) == .mismatched)
        #expect(try refusal(test, fields, secrets: [earlier, live]) == nil)
    }

    @Test(arguments: signatureCases.filter { $0.scheme.signsTime })
    func `a time more than 300 s off is refused, both ways`(_ test: SchemeCase) throws {
        let tolerance = WebhookLimits.toleranceMilliseconds
        #expect(tolerance == 300_000)
        #expect(try refusal(test, try fields(test, at: now - tolerance)) == nil)
        #expect(try refusal(test, try fields(test, at: now - tolerance - 1000)) == .stale)
        #expect(try refusal(test, try fields(test, at: now + tolerance)) == nil)
        #expect(try refusal(test, try fields(test, at: now + tolerance + 1000)) == .stale)
    }

    @Test(arguments: ["", "-1", "+1700000000", "1.7e9", "1700000000 ", "٣", "99999999999999999999"])
    func `a time that is no number of seconds is refused`(_ time: String) throws {
        let test = try #require(signatureCases.first { $0.name == "slack" })
        var fields = try fields(test)
        fields[1].value = time
        let trimmed = time.last == " "
        #expect(try refusal(test, fields) == (trimmed ? nil : .malformed))
    }

    @Test func `a message id that could end elsewhere is refused`() throws {
        let test = try #require(signatureCases.first { $0.name == "standard-webhooks" })
        let scheme = test.scheme
        let fields = try scheme.fields(
            for: UnsignedRequest(
                path: "/", content: content, id: "a.1", timestampMilliseconds: now),
            secrets: [test.secret])
        #expect(try refusal(test, fields) == .malformed)
    }

    @Test func `a sender cannot choose the algorithm`() throws {
        // Bitbucket and GitHub share the name of a field; one signs with SHA-1 in it.
        let signature = hexEncoded(hmac(.sha1, key: Array("secret".utf8), content))
        let bitbucket = try #require(signatureCases.first { $0.name == "bitbucket" })
        #expect(try refusal(bitbucket, [("X-Hub-Signature", "sha1=" + signature)]) == .malformed)
        let gitHub = try #require(signatureCases.first { $0.name == "github" })
        #expect(try refusal(gitHub, [("X-Hub-Signature", "sha1=" + signature)]) == .missing)
        #expect(
            try refusal(gitHub, [("X-Hub-Signature-256", "sha256=" + signature)]) == .malformed)
    }

    @Test func `Teams signs no empty message`() throws {
        let test = try #require(signatureCases.first { $0.name == "teams" })
        let fields = try test.scheme.fields(
            for: UnsignedRequest(path: "/", content: [], id: "", timestampMilliseconds: now),
            secrets: [test.secret])
        #expect(try refusal(test, fields, []) == .malformed)
    }

    @Test(arguments: [
        ("standard-webhooks", " ", ["v1a,abc", "v1,AAAA", "v1,", "v1", "v1a,", "x"]),
        ("standard-webhooks-v1a", " ", ["v1,abc", "v1a,AAAA", "v1a,", "x"]),
        ("stripe", ",", ["v1=xx", "v1=", "v0=xx", "v1"]), ("hmac", ";", ["sig zz", "sig ", "x"]),
    ])
    func `a good signature suffices, whatever is beside it`(
        _ name: String, _ separator: String, _ others: [String]
    ) throws {
        let test = try #require(signatureCases.first { $0.name == name })
        for other in others {
            var fields = try fields(test)
            let good = fields[0].value
            fields[0].value = other + separator + good
            #expect(try refusal(test, fields) == nil, "\(other)")
            fields[0].value = good + separator + other
            #expect(try refusal(test, fields) == nil, "\(other)")
            fields[0].value = other
            #expect(try refusal(test, fields) == .malformed, "\(other)")
        }
    }

    @Test func `two fields that a proxy has made one are no list`() throws {
        let test = try #require(signatureCases.first { $0.name == "standard-webhooks" })
        var fields = try fields(test)
        let good = fields[0].value
        for joined in ["\(good), v1,x", "v1,x, \(good)", "\(good), \(good)", "v2,x , \(good)"] {
            fields[0].value = joined
            #expect(try refusal(test, fields) == .malformed)
        }
    }

    @Test func `a list has at most 32 signatures, the good one anywhere`() throws {
        let test = try #require(signatureCases.first { $0.name == "standard-webhooks" })
        let fields = try fields(test)
        let good = fields[0].value
        let bad = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
        for (count, isFine) in [(31, true), (32, false)] {
            var longer = fields
            longer[0].value = (Array(repeating: bad, count: count) + [good]).joined(separator: " ")
            #expect(try refusal(test, longer) == (isFine ? nil : .malformed))
        }
    }
}
