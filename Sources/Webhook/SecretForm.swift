package import OpenSSLCrypto

/// How a sender writes its secrets, and so what the configured text stands for.
package enum SecretForm: String, Sendable {
    /// The key of a keyed hash, byte for byte.
    case text
    /// The key in base64 (Teams).
    case base64
    /// The key in hexadecimal digits.
    case hex
    /// `whsec_` and base64, `whpk_` for a public key, `whsk_` for a private one.
    case standardWebhooks
    /// A signing token with `whsec_`, or a text that is compared.
    case gitLab
    /// An Ed25519 public key in hexadecimal digits (Discord).
    case ed25519Hex
    /// A text that is compared.
    case token
    /// `user:password`
    case userPassword

    /// The secret that a text stands for; nil when it is not of the form.
    package func secret(_ text: Secret) -> (key: Secret, kind: SigningSecret.Kind)? {
        guard !text.isEmpty else { return nil }
        switch self {
        case .text: return (text, .symmetric)
        case .token: return (text, .token)
        case .base64: return base64Decoded(text.bytes).flatMap { key($0, .symmetric) }
        case .hex: return hexDecoded(text.bytes).flatMap { key($0, .symmetric) }
        case .standardWebhooks:
            return StandardWebhooks.secret(String(decoding: text.bytes, as: UTF8.self))
        case .gitLab:
            guard text.bytes.starts(with: "whsec_".utf8) else { return (text, .token) }
            return StandardWebhooks.secret(String(decoding: text.bytes, as: UTF8.self))
        case .ed25519Hex:
            guard let bytes = hexDecoded(text.bytes), Ed25519PublicKey(bytes) != nil else {
                return nil
            }
            return (Secret(bytes), .ed25519Public)
        case .userPassword:
            return text.bytes.contains(UInt8(ascii: ":")) ? (text, .token) : nil
        }
    }

    private func key(
        _ bytes: [UInt8], _ kind: SigningSecret.Kind
    ) -> (key: Secret, kind: SigningSecret.Kind)? {
        bytes.isEmpty ? nil : (Secret(bytes), kind)
    }

    /// What a secret looks like, for messages.
    package var expectation: String {
        switch self {
        case .text, .token: "a text"
        case .base64: "a key in base64"
        case .hex: "a key in hexadecimal digits"
        case .standardWebhooks:
            "whsec_ and base64 of \(StandardWebhooks.keyBytes.lowerBound) to "
                + "\(StandardWebhooks.keyBytes.upperBound) bytes, or a whpk_ or whsk_ key"
        case .gitLab: "a token, or whsec_ and base64 of a signing token"
        case .ed25519Hex: "a public key of 64 hexadecimal digits"
        case .userPassword: "user:password"
        }
    }
}
