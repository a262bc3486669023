package import OpenSSLCrypto

/// Standard Webhooks' symmetric signatures, version `v1`.
/// Source: standard-webhooks, "Standard Webhooks specification", signature scheme.
package enum StandardWebhooks {
    /// The key's length in bytes that the specification asks for.
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
