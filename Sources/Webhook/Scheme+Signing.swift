internal import JSON
package import OpenSSLCrypto

/// A request that is to be signed as its sender would.
package struct UnsignedRequest: Sendable {
    package let method: String
    /// The path of the target, without its query.
    package let path: String
    package let content: [UInt8]
    /// The message id, for schemes that sign one.
    package let id: String
    package let timestampMilliseconds: Int64
    /// The JSON of a form field `payload`, where it is that which is signed.
    package let payload: [UInt8]?

    package init(
        method: String = "POST", path: String, content: [UInt8], id: String,
        timestampMilliseconds: Int64, payload: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.content = content
        self.id = id
        self.timestampMilliseconds = timestampMilliseconds
        self.payload = payload
    }
}

/// Why a request could not be signed.
package enum SigningError: Error, Equatable, CustomStringConvertible {
    /// The secret is a public key: only its private half signs.
    case publicKeyOnly
    /// The sender's tokens are signed by somebody else's key.
    case foreignIssuer
    /// The private key is none whose public half the source has.
    case keyNotInSet
    /// No secret is of the kind that the scheme signs with.
    case noSecret

    package var description: String {
        switch self {
        case .publicKeyOnly: "the configured secret is a public key, which cannot sign"
        case .foreignIssuer: "the sender's tokens are signed with Google's key, which only it has"
        case .keyNotInSet: "the private key is not RSA's, or none of those that the source has"
        case .noSecret: "no secret is valid now"
        }
    }
}

extension Scheme {
    /// The header fields that prove a request to be the sender's.
    /// - Parameter secrets: The first that can sign is used.
    /// - Throws: ``SigningError``.
    package func fields(
        for request: UnsignedRequest, secrets: [SigningSecret]
    ) throws(SigningError) -> [(name: String, value: String)] {
        let live = secrets.filter { $0.isLive(atMilliseconds: request.timestampMilliseconds) }
        switch self {
        case .signature(let scheme): return try scheme.fields(for: request, live)
        case .token(let scheme):
            guard let token = live.first(where: { $0.kind == .token }) else { throw .noSecret }
            return [(scheme.field, scheme.value(of: token.key))]
        case .gitLab(let requirement):
            var fields: [(name: String, value: String)] = []
            let token = live.first { $0.kind == .token }
            if let token, requirement != .signature {
                fields.append(("x-gitlab-token", String(decoding: token.key.bytes, as: UTF8.self)))
            }
            if requirement != .token, live.contains(where: { $0.kind == .symmetric }) {
                fields += try SignatureScheme.standardWebhooks.fields(for: request, live)
            }
            guard !fields.isEmpty else { throw .noSecret }
            return fields
        case .jwt(let scheme): return try scheme.fields(for: request, live)
        }
    }
}

extension JWTScheme {
    /// A token as Chat signs it for a project's number; of use where the key set is one's own.
    fileprivate func fields(
        for request: UnsignedRequest, _ secrets: [SigningSecret]
    ) throws(SigningError) -> [(name: String, value: String)] {
        guard let secret = secrets.first(where: { $0.kind == .rsaPrivate }) else {
            throw .foreignIssuer
        }
        guard let key = RSAPrivateKey(pem: secret.key.bytes),
            let id = keys.value.keys.first(where: { $0.modulus == key.modulus })?.id
        else { throw .keyNotInSet }
        let signed = "\(Self.header(id)).\(claims(request.timestampMilliseconds / 1000))"
        let signature = base64URLEncoded(key.sign(Array(signed.utf8)))
        return [("authorization", "Bearer \(signed).\(signature)")]
    }

    private static func header(_ keyID: String) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("alg", "RS256")
        writer.member("kid", keyID)
        writer.member("typ", "JWT")
        writer.endObject()
        return base64URLEncoded(writer.bytes)
    }

    private func claims(_ seconds: Int64) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("iss", email)
        writer.member("aud", audience)
        writer.name("iat")
        writer.int(seconds)
        writer.name("exp")
        writer.int(seconds + 3600)
        writer.endObject()
        return base64URLEncoded(writer.bytes)
    }
}

extension TokenScheme {
    func value(of token: Secret) -> String {
        let text = String(decoding: token.bytes, as: UTF8.self)
        switch form {
        case .plain: return text
        case .after(let words):
            let word = words.first ?? ""
            return word.prefix(1).uppercased() + word.dropFirst() + " " + text
        case .prefixed(let prefix): return prefix + text
        case .basic: return "Basic " + base64Encoded(token.bytes)
        }
    }
}

extension SignatureScheme {
    /// The signature of a message by its first version, as the field has it.
    package func sign(_ message: [UInt8], with key: Secret) -> String {
        guard case .hmac(let function) = versions[0].algorithm else {
            preconditionFailure("a keyed hash is asked of a scheme that has none")
        }
        return versions[0].prefix + encode(hmac(function, key: key.bytes, message))
    }

    func fields(
        for request: UnsignedRequest, _ secrets: [SigningSecret]
    ) throws(SigningError) -> [(name: String, value: String)] {
        guard let secret = secrets.first(where: { version(for: $0) != nil }),
            let version = version(for: secret)
        else { throw .noSecret }
        let time = timestamp(request.timestampMilliseconds)
        let message = message(of: request, time)
        var value = versions[version].prefix + encode(try bytes(message, version, secret))
        if form == .timestamped { value = "t=\(time),\(value)" }
        var fields = [(name: self.fields[0], value: value)]
        if let timestampField { fields.append((timestampField, time)) }
        if let idField { fields.append((idField, request.id)) }
        return fields
    }

    private func bytes(
        _ message: [UInt8], _ version: Int, _ secret: SigningSecret
    ) throws(SigningError) -> [UInt8] {
        switch versions[version].algorithm {
        case .hmac(let function): return hmac(function, key: secret.key.bytes, message)
        case .ed25519:
            guard secret.kind == .ed25519Seed, let key = Ed25519PrivateKey(seed: secret.key.bytes)
            else { throw .publicKeyOnly }
            return key.sign(message)
        }
    }

    private func encode(_ bytes: [UInt8]) -> String {
        switch encoding {
        case .hex: hexEncoded(bytes)
        case .base64, .hexOrBase64: base64Encoded(bytes)
        case .base64url: base64URLEncoded(bytes)
        }
    }

    private func timestamp(_ milliseconds: Int64) -> String {
        switch timeUnit {
        case .seconds: "\(milliseconds / 1000)"
        case .milliseconds: "\(milliseconds)"
        case .rfc3339: Timestamp(milliseconds: milliseconds).text
        }
    }

    private func message(of request: UnsignedRequest, _ time: String) -> [UInt8] {
        func bytes(_ parts: [SignedText.Part]) -> [UInt8] {
            parts.flatMap { part -> [UInt8] in
                switch part {
                case .literal(let text): text
                case .content: []
                case .id: Array(request.id.utf8)
                case .timestamp: Array(time.utf8)
                case .method: Array(request.method.utf8)
                case .path: Array(request.path.utf8)
                }
            }
        }
        let content = signsPayloadField ? request.payload ?? request.content : request.content
        return bytes(signed.before) + content + bytes(signed.after)
    }
}
