internal import HTTP1
internal import JSON
internal import OpenSSLCrypto

/// A bearer token that the sender's identity provider has signed (RFC 7519, `RS256`).
///
/// It proves who sends, not what: the content is not covered.
package struct JWTScheme: Sendable, Equatable {
    /// The audience that a token must be for.
    package let audience: String
    /// Who may have issued it.
    package let issuers: [String]
    /// The verified address that a token of a shared issuer must be of.
    package let email: String
    package let keys: CurrentKeySet

    package init(audience: String, issuers: [String], email: String, keys: CurrentKeySet) {
        self.audience = audience
        self.issuers = issuers
        self.email = email
        self.keys = keys
    }

    /// Google Chat: an ID token of Google's for an HTTP endpoint, or one that Chat signs itself for
    /// a project's number. Source: developers.google.com, "Verify requests from Google Chat".
    package static func googleChat(audience: String, keys: CurrentKeySet) -> JWTScheme {
        let chat = "chat@system.gserviceaccount.com"
        return JWTScheme(
            audience: audience,
            issuers: [chat, "https://accounts.google.com", "accounts.google.com"],
            email: chat, keys: keys)
    }
}

/// Public RSA keys by their id, as a JSON Web Key Set has them (RFC 7517).
package struct KeySet: Sendable, Equatable {
    package struct Key: Sendable, Equatable {
        let id: String
        let modulus: [UInt8]
        let exponent: [UInt8]
    }

    package private(set) var keys: [Key] = []

    /// No key at all: every token is refused.
    package static let none = KeySet()

    private init() {}

    /// The most keys that are read; Google has two or three.
    private static let keysMax = 100

    /// Reads a key set; keys of other kinds are passed over.
    /// - Returns: Nil for what is no key set, or has no RSA key.
    package init?(_ json: [UInt8]) {
        guard let root = JSONText.document(json)?.root, let list = root["keys"] else { return nil }
        keys = list.elements.prefix(Self.keysMax).compactMap { key in
            guard key["kty"]?.equals("RSA") == true, let id = key["kid"]?.string,
                let modulus = key["n"].flatMap({ base64URLDecoded($0.utf8) }),
                let exponent = key["e"].flatMap({ base64URLDecoded($0.utf8) }),
                RSAPublicKey(modulus: modulus, exponent: exponent) != nil
            else { return nil }
            return Key(id: id, modulus: modulus, exponent: exponent)
        }
        if keys.isEmpty { return nil }
    }
}

/// The check of a signed bearer token.
final class JWTVerification: Verification {
    private let scheme: JWTScheme
    private let keys: [String: RSAPublicKey]
    private let claim: Result<[UInt8]?, SignatureError>
    private let now: Int64
    private let toleranceMilliseconds: Int64

    init(
        _ scheme: JWTScheme, _ keys: [String: RSAPublicKey], _ head: RequestHead,
        atMilliseconds now: Int64, toleranceMilliseconds: Int64
    ) {
        self.scheme = scheme
        self.keys = keys
        self.now = now
        self.toleranceMilliseconds = toleranceMilliseconds
        let bearer = TokenScheme(field: "authorization", form: .after(["bearer"]))
        do throws(SignatureError) {
            claim = .success(try bearer.token(head))
        } catch {
            claim = .failure(error)
        }
    }

    func update(_ bytes: UnsafeRawBufferPointer) {}

    func finish(_ content: UnsafeRawBufferPointer) throws(SignatureError) -> Verified {
        let parsed = Result { () throws(SignatureError) in
            guard let token = try claim.get() else { throw .missing }
            guard let parts = Parts(token) else { throw .malformed }
            return parts
        }
        // Something is verified in any case, for the time's sake.
        let isSigned = isSigned(try? parsed.get())
        let parts = try parsed.get()
        guard isSigned else { throw .mismatched }
        guard let claims = Self.json(parts.claims) else { throw .malformed }
        try check(claims.root)
        return Verified(by: "jwt-rs256", secret: nil)
    }

    private func isSigned(_ parts: Parts?) -> Bool {
        let named = parts.flatMap { keys[$0.keyID] }
        guard let key = named ?? keys.first?.value else { return false }
        let isRight = key.verify(
            parts?.signature ?? [UInt8](repeating: 0, count: 256), over: parts?.signed ?? [])
        return named != nil && isRight
    }

    /// A token in JWS's compact form (RFC 7515 §7.1).
    private struct Parts {
        let keyID: String
        let signed: [UInt8]
        let claims: ArraySlice<UInt8>
        let signature: [UInt8]

        init?(_ token: [UInt8]) {
            guard token.count <= WebhookLimits.tokenBytesMax else { return nil }
            let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard parts.count == 3, let header = JWTVerification.json(parts[0])?.root,
                let signature = base64URLDecoded(parts[2]),
                // The algorithm is ours; a token that says another one is nobody's we know. What is
                // critical and unknown makes a token invalid (§4.1.11).
                header["alg"]?.equals("RS256") == true, header["crit"] == nil,
                let keyID = header["kid"]?.string
            else { return nil }
            self.keyID = keyID
            self.signature = signature
            claims = parts[1]
            signed = Array(token[..<(parts[2].startIndex - 1)])
        }
    }

    private func check(_ claims: JSONValue) throws(SignatureError) {
        guard let issuer = claims["iss"]?.string, scheme.issuers.contains(issuer),
            claims["aud"]?.string == scheme.audience
        else { throw .mismatched }
        // Google's ID tokens are everybody's who has a Google account; the address says it is Chat.
        if issuer != scheme.email {
            guard claims["email"]?.string == scheme.email, claims["email_verified"]?.bool == true
            else { throw .mismatched }
        }
        guard let expires = claims["exp"]?.int, let issued = claims["iat"]?.int else {
            throw .malformed
        }
        let seconds = now / 1000
        let tolerance = toleranceMilliseconds / 1000
        let (latest, overflow) = expires.addingReportingOverflow(tolerance)
        let notBefore = claims["nbf"].map { $0.int ?? .max } ?? issued
        guard overflow || seconds <= latest, issued <= seconds + tolerance,
            notBefore <= seconds + tolerance
        else { throw .stale }
    }

    private static func json(_ part: ArraySlice<UInt8>) -> JSONDocument? {
        base64URLDecoded(part).flatMap { JSONText.document($0) }
    }
}
