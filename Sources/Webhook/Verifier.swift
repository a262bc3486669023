package import HTTP1
internal import OpenSSLCrypto

/// Verifies one source's requests; made for one thread.
package final class Verifier {
    private let scheme: Scheme
    private let toleranceMilliseconds: Int64
    private let signatureKeys: SignatureKeys
    private let tokens: [(position: Int, secret: SigningSecret)]
    private var publicKeys: [String: RSAPublicKey] = [:]
    /// Which of a scheme's key sets those are of; nil before the first.
    private var keysVersion: Int?

    /// - Parameters:
    ///   - secrets: Any of them that is valid is accepted; only JWT needs none.
    ///   - toleranceMilliseconds: How far a signed time may be from ours, both ways.
    package init(
        _ scheme: Scheme, secrets: [SigningSecret],
        toleranceMilliseconds: Int64 = WebhookLimits.toleranceMilliseconds
    ) {
        self.scheme = scheme
        self.toleranceMilliseconds = toleranceMilliseconds
        let needsSecrets = if case .jwt = scheme { false } else { true }
        precondition(
            !needsSecrets || !secrets.isEmpty, "a source without secrets has no verifier")
        signatureKeys = SignatureKeys(scheme.signatureScheme ?? .standardWebhooks, secrets)
        tokens = secrets.enumerated().filter { $0.element.kind == .token }
            .map { ($0.offset, $0.element) }
    }

    /// Begins the check of a request whose head is there.
    /// - Parameter now: Since 1970-01-01T00:00:00Z; the time of the whole check.
    package func begin(_ head: RequestHead, atMilliseconds now: Int64) -> any Verification {
        switch scheme {
        case .signature(let scheme): signature(scheme, head, now)
        case .token(let scheme):
            TokenVerification(scheme, tokens, head, atMilliseconds: now)
        case .gitLab(let requirement):
            GitLabVerification(
                requirement, hasSigningSecrets: !signatureKeys.keys.isEmpty,
                hasTokens: !tokens.isEmpty, signed: head.field("webhook-signature") != nil,
                signature: signature(.standardWebhooks, head, now),
                token: TokenVerification(
                    GitLabVerification.tokenScheme, tokens, head, atMilliseconds: now))
        case .jwt(let scheme):
            JWTVerification(
                scheme, currentKeys(scheme), head, atMilliseconds: now,
                toleranceMilliseconds: toleranceMilliseconds)
        }
    }

    /// Checks a whole request over the content as it came.
    /// - Throws: ``SignatureError``.
    package func verify(
        _ head: RequestHead, content: UnsafeRawBufferPointer, atMilliseconds now: Int64
    ) throws(SignatureError) -> Verified {
        try begin(head, atMilliseconds: now).finish(content)
    }

    private func currentKeys(_ scheme: JWTScheme) -> [String: RSAPublicKey] {
        let version = scheme.keys.version
        guard version != keysVersion else { return publicKeys }
        keysVersion = version
        publicKeys = [:]
        for key in scheme.keys.value.keys {
            publicKeys[key.id] = RSAPublicKey(modulus: key.modulus, exponent: key.exponent)
        }
        return publicKeys
    }

    private func signature(
        _ scheme: SignatureScheme, _ head: RequestHead, _ now: Int64
    ) -> SignatureVerification {
        SignatureVerification(
            scheme, signatureKeys, head, atMilliseconds: now,
            toleranceMilliseconds: toleranceMilliseconds)
    }
}

extension Scheme {
    fileprivate var signatureScheme: SignatureScheme? {
        switch self {
        case .signature(let scheme): scheme
        case .gitLab: .standardWebhooks
        case .token, .jwt: nil
        }
    }
}
