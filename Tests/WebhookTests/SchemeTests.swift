import OpenSSLCrypto
import Testing
import Webhook

private let now: Int64 = 1_700_000_000_000

private func signing(_ byte: UInt8 = 7) -> SigningSecret {
    SigningSecret(Secret([UInt8](repeating: byte, count: 32)))
}

private let token = SigningSecret(Secret("gl-token"), kind: .token)

private func refusal(
    _ scheme: Scheme, _ secrets: [SigningSecret], _ fields: [(name: String, value: String)],
    _ content: String = "{}", method: String = "POST", target: String = "/hooks/x"
) throws -> SignatureError? {
    do {
        _ = try Verifier(scheme, secrets: secrets).verify(
            fields, Array(content.utf8), at: now, method: method, target: target)
        return nil
    } catch let error as SignatureError {
        return error
    }
}

@Suite struct GitLabTests {
    private let tokenField = [(name: "X-Gitlab-Token", value: "gl-token")]

    private func signed(_ content: String = "{}") throws -> [(name: String, value: String)] {
        try Scheme.signature(.standardWebhooks).fields(
            for: UnsignedRequest(
                path: "/", content: Array(content.utf8), id: "d1", timestampMilliseconds: now),
            secrets: [signing()])
    }

    @Test func `either takes the signature where there is one, else the token`() throws {
        let secrets = [token, signing()]
        #expect(try refusal(.gitLab(.either), secrets, tokenField) == nil)
        #expect(try refusal(.gitLab(.either), secrets, try signed()) == nil)
        #expect(try refusal(.gitLab(.either), secrets, try signed() + tokenField) == nil)
        #expect(try refusal(.gitLab(.either), secrets, []) == .missing)
        // A signature that is wrong is not made good by the token.
        #expect(
            try refusal(.gitLab(.either), secrets, try signed("[]") + tokenField) == .mismatched)
    }

    @Test func `the other webhook fields decide nothing`() throws {
        // GitLab 19 sends these two with every delivery, signed or not.
        let unsigned = [(name: "webhook-id", value: "d1"), ("webhook-timestamp", "1")]
        #expect(try refusal(.gitLab(.either), [token, signing()], unsigned + tokenField) == nil)
    }

    @Test
    func `either without signing tokens looks at the token, and without tokens at the signature`()
        throws
    {
        #expect(try refusal(.gitLab(.either), [token], try signed() + tokenField) == nil)
        #expect(try refusal(.gitLab(.either), [token], try signed()) == .missing)
        #expect(try refusal(.gitLab(.either), [signing()], tokenField) == .missing)
    }

    @Test func `both wants both to be right`() throws {
        let secrets = [signing(), token]
        #expect(try refusal(.gitLab(.both), secrets, try signed() + tokenField) == nil)
        #expect(try refusal(.gitLab(.both), secrets, try signed()) == .missing)
        #expect(try refusal(.gitLab(.both), secrets, tokenField) == .missing)
        let other = [(name: "X-Gitlab-Token", value: "gl-tokem")]
        #expect(try refusal(.gitLab(.both), secrets, try signed() + other) == .mismatched)
        #expect(
            try refusal(.gitLab(.both), secrets, try signed("[]") + tokenField) == .mismatched)
    }

    @Test func `token and signature look at nothing else`() throws {
        let secrets = [signing(), token]
        #expect(try refusal(.gitLab(.token), secrets, try signed()) == .missing)
        #expect(try refusal(.gitLab(.token), secrets, try signed("[]") + tokenField) == nil)
        #expect(try refusal(.gitLab(.signature), secrets, tokenField) == .missing)
        #expect(try refusal(.gitLab(.signature), secrets, try signed()) == nil)
    }
}

@Suite struct GiteaSignatureTests {
    private let scheme = Scheme.signature(
        .gitea(["x-gitea-signature", "x-forgejo-signature", "x-gogs-signature"]))
    private let secret = SigningSecret(Secret("s"))
    private let json = #"{"ref":"a b&c=d+é%"}"#

    private var signature: String { hexEncoded(hmac(.sha256, key: [0x73], Array(json.utf8))) }
    private var encoded: String {
        String(decoding: FormFields.encoded(json.utf8), as: UTF8.self)
    }

    private let form = [
        (name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8")
    ]

    @Test func `a form's signature is over the JSON within it`() throws {
        let fields = form + [("X-Gitea-Signature", signature)]
        #expect(try refusal(scheme, [secret], fields, "payload=" + encoded) == nil)
        // What stands beside the signed field would be signed by nobody.
        for beside in ["a=1&payload=\(encoded)", "payload=\(encoded)&b=2"] {
            #expect(try refusal(scheme, [secret], fields, beside) == .malformed)
        }
        #expect(try refusal(scheme, [secret], fields, "payload=\(encoded)%20") == .mismatched)
        #expect(try refusal(scheme, [secret], fields, "Payload=" + encoded) == .malformed)
        #expect(try refusal(scheme, [secret], fields, "") == .malformed)
        #expect(
            try refusal(scheme, [secret], fields, "payload=%7B%7D&payload=\(encoded)")
                == .malformed)
        let overBody = hexEncoded(hmac(.sha256, key: [0x73], Array("payload=\(encoded)".utf8)))
        #expect(
            try refusal(
                scheme, [secret], form + [("X-Gitea-Signature", overBody)],
                "payload=" + encoded) == .mismatched)
    }

    @Test func `a GET request's signature is over the JSON in its query`() throws {
        let fields = [(name: "X-Gitea-Signature", value: signature)]
        #expect(
            try refusal(
                scheme, [secret], fields, "", method: "GET", target: "/x?payload=\(encoded)")
                == nil)
        #expect(
            try refusal(scheme, [secret], fields, "", method: "GET", target: "/x?payload=%7B%7D")
                == .mismatched)
        #expect(
            try refusal(scheme, [secret], fields, "", method: "GET", target: "/x") == .malformed)
    }

    @Test func `the first field that is there decides`() throws {
        #expect(try refusal(scheme, [secret], [("X-Gogs-Signature", signature)], json) == nil)
        let both = [(name: "X-Gitea-Signature", value: ""), ("X-Gogs-Signature", signature)]
        #expect(try refusal(scheme, [secret], both, json) == .malformed)
    }
}

@Suite struct TokenTests {
    private let secret = SigningSecret(Secret("t0ken"), kind: .token)

    @Test func `a token may be in the content where the field is missing`() throws {
        let scheme = Scheme.token(
            TokenScheme(
                field: "authorization", form: .after(["token", "bearer"]), contentField: "token"))
        let form = [(name: "Content-Type", value: "application/x-www-form-urlencoded")]
        #expect(try refusal(scheme, [secret], form, "text=a&token=t0ken") == nil)
        #expect(try refusal(scheme, [secret], form, "text=a&token=t0ke") == .mismatched)
        #expect(try refusal(scheme, [secret], form, "text=a") == .missing)
        let json = [(name: "Content-Type", value: "application/json")]
        #expect(try refusal(scheme, [secret], json, #"{"token":"t0ken"}"#) == nil)
        #expect(try refusal(scheme, [secret], json, #"{"token":5}"#) == .missing)
        #expect(try refusal(scheme, [secret], json, #"{"token":"#) == .missing)
        #expect(
            try refusal(scheme, [secret], [], "", method: "GET", target: "/x?token=t0ken") == nil)
        let wrong = form + [("Authorization", "Token no")]
        #expect(try refusal(scheme, [secret], wrong, "token=t0ken") == .mismatched)
        for word in ["Token t0ken", "bearer t0ken", "BEARER  t0ken"] {
            #expect(try refusal(scheme, [secret], [("Authorization", word)]) == nil)
        }
        #expect(try refusal(scheme, [secret], [("Authorization", "Basic t0ken")]) == .malformed)
        #expect(try refusal(scheme, [secret], [("Authorization", "t0ken")]) == .malformed)
    }

    @Test func `an access token may be in the query, but not in two places`() throws {
        let scheme = Scheme.token(
            TokenScheme(
                field: "authorization", form: .after(["bearer"]), queryField: "access_token"))
        let target = "/x?a=1&access_token=t0ken"
        #expect(try refusal(scheme, [secret], [], target: target) == nil)
        #expect(try refusal(scheme, [secret], [], target: "/x?access_token=no") == .mismatched)
        #expect(
            try refusal(scheme, [secret], [("Authorization", "Bearer t0ken")], target: target)
                == .repeated)
        #expect(
            try refusal(scheme, [secret], [], target: target + "&access_token=t0ken") == .repeated)
        #expect(scheme.secretQueryField == "access_token")
    }
}

@Suite struct SecretFormTests {
    @Test func `a secret is what its sender writes`() throws {
        let key = [UInt8](repeating: 1, count: 32)
        let base64 = base64Encoded(key)
        let seed = try #require(Ed25519PrivateKey(seed: key))
        let pair = base64Encoded(key + seed.publicKey)
        let table: [(SecretForm, String, SigningSecret.Kind?)] = [
            (.text, "whsec_x", .symmetric), (.token, "x", .token), (.base64, base64, .symmetric),
            (.base64, "*", nil), (.hex, "00ff", .symmetric), (.hex, "0", nil),
            (.standardWebhooks, "whsec_" + base64, .symmetric),
            (.standardWebhooks, base64, .symmetric), (.standardWebhooks, "whsec_AAAA", nil),
            (.standardWebhooks, "whpk_" + base64Encoded(seed.publicKey), .ed25519Public),
            (.standardWebhooks, "whpk_AAAA", nil),
            (.standardWebhooks, "whsk_" + pair, .ed25519Seed),
            (.standardWebhooks, "whsk_" + base64Encoded(key + key), nil),
            (.gitLab, "abc", .token), (.gitLab, "whsec_" + base64, .symmetric),
            (.gitLab, "whsec_?", nil), (.ed25519Hex, hexEncoded(seed.publicKey), .ed25519Public),
            (.ed25519Hex, "00", nil), (.userPassword, "a:b", .token), (.userPassword, "ab", nil),
            (.text, "", nil),
        ]
        for (form, text, kind) in table {
            #expect(form.secret(Secret(text))?.kind == kind, "\(form) \(text)")
        }
    }
}

@Suite struct SignedTextTests {
    @Test func `a template has the content once, and known parts`() throws {
        #expect(try SignedText("v0:{ts}:{body}").usesTimestamp)
        #expect(try SignedText("{id}{body}").usesID)
        #expect(throws: SignedTextError.noContent) { try SignedText("{ts}") }
        #expect(throws: SignedTextError.repeatedContent) { try SignedText("{body}{body}") }
        #expect(throws: SignedTextError.unknown("x")) { try SignedText("{x}{body}") }
        #expect(throws: SignedTextError.unclosed) { try SignedText("{body}{") }
    }
}
