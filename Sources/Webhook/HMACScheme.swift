package import OpenSSLCrypto

/// A signature that is the keyed hash of the content, sent in one header field.
package struct HMACScheme: Sendable, Equatable {
    /// The field's name, lower-case.
    package let field: String
    package let function: HashFunction
    /// What stands in front of the hexadecimal digits, such as `sha256=`.
    package let prefix: String

    package init(field: String, function: HashFunction, prefix: String) {
        self.field = field
        self.function = function
        self.prefix = prefix
    }

    /// GitHub: `X-Hub-Signature-256: sha256=HEX` over the body as sent.
    /// Source: docs.github.com, "Validating webhook deliveries".
    package static let gitHub = HMACScheme(
        field: "x-hub-signature-256", function: .sha256, prefix: "sha256=")

    /// The scheme's name in records, such as `hmac-sha256`.
    package var name: String { "hmac-\(function.rawValue)" }

    /// The field's value for a message.
    package func sign(_ content: [UInt8], with key: Secret) -> String {
        prefix + hexEncoded(hmac(function, key: key.bytes, content))
    }
}
