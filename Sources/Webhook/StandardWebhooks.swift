package import OpenSSLCrypto

/// Standard Webhooks' keys and signatures.
/// Source: standard-webhooks, "Standard Webhooks specification", signature scheme.
package enum StandardWebhooks {
    /// The length in bytes of a symmetric key that the specification asks for.
    package static let keyBytes = 24...64

    /// A signing secret as text: `whsec_` and base64.
    /// - Returns: The key, or nil when it is not base64 of 24 to 64 bytes.
    package static func key(_ text: String) -> Secret? {
        let encoded = text.hasPrefix("whsec_") ? text.dropFirst("whsec_".count) : text[...]
        guard let bytes = base64Decoded(encoded.utf8), keyBytes.contains(bytes.count) else {
            return nil
        }
        return Secret(bytes)
    }

    /// A secret of any kind: `whsec_`, `whpk_` for a public key, `whsk_` for a private one, or a
    /// symmetric key without its prefix. Nil for anything else.
    static func secret(_ text: String) -> (key: Secret, kind: SigningSecret.Kind)? {
        if text.hasPrefix("whpk_") {
            guard let bytes = base64Decoded(text.dropFirst("whpk_".count).utf8),
                Ed25519PublicKey(bytes) != nil
            else { return nil }
            return (Secret(bytes), .ed25519Public)
        }
        if text.hasPrefix("whsk_") {
            // The seed with the public key behind it.
            guard let bytes = base64Decoded(text.dropFirst("whsk_".count).utf8),
                bytes.count == 2 * Ed25519PublicKey.keyBytes,
                let key = Ed25519PrivateKey(seed: Array(bytes[..<Ed25519PublicKey.keyBytes])),
                key.publicKey == Array(bytes[Ed25519PublicKey.keyBytes...])
            else { return nil }
            return (Secret(Array(bytes[..<Ed25519PublicKey.keyBytes])), .ed25519Seed)
        }
        return key(text).map { ($0, .symmetric) }
    }

    /// The `webhook-signature` field: one signature a key, separated by spaces.
    /// - Parameters:
    ///   - id: The message id; it holds no full stop.
    ///   - timestampSeconds: Since 1970-01-01T00:00:00Z, as sent in `webhook-timestamp`.
    package static func signature(
        id: String, timestampSeconds: Int64, content: [UInt8], keys: [Secret]
    ) -> String {
        let signed = Array("\(id).\(timestampSeconds).".utf8) + content
        return keys.map { "v1," + base64Encoded(hmac(.sha256, key: $0.bytes, signed)) }
            .joined(separator: " ")
    }
}
