package import OpenSSLCrypto

/// A secret with the time in which it is valid.
package struct SigningSecret: Sendable, Equatable {
    /// What the bytes of a secret are.
    package enum Kind: Sendable {
        /// The key of a keyed hash.
        case symmetric
        /// Compared with what the request carries.
        case token
        /// The 32 bytes of an Ed25519 public key.
        case ed25519Public
        /// The 32 byte seed of an Ed25519 key: its public half verifies.
        case ed25519Seed
        /// A private RSA key in PEM: of no source, but of who plays its sender.
        case rsaPrivate
    }

    package let key: Secret
    package let kind: Kind
    /// In milliseconds since 1970-01-01T00:00:00Z; nil for always.
    package let notBeforeMilliseconds: Int64?
    /// In milliseconds since 1970-01-01T00:00:00Z; nil for always.
    package let notAfterMilliseconds: Int64?

    package init(
        _ key: Secret, kind: Kind = .symmetric, notBeforeMilliseconds: Int64? = nil,
        notAfterMilliseconds: Int64? = nil
    ) {
        precondition(!key.isEmpty, "an empty secret would accept anybody")
        self.key = key
        self.kind = kind
        self.notBeforeMilliseconds = notBeforeMilliseconds
        self.notAfterMilliseconds = notAfterMilliseconds
    }

    /// Whether the secret is valid; both ends count as inside.
    package func isLive(atMilliseconds now: Int64) -> Bool {
        if let notBeforeMilliseconds, now < notBeforeMilliseconds { return false }
        if let notAfterMilliseconds, now > notAfterMilliseconds { return false }
        return true
    }
}
