package import OpenSSLCrypto

/// A secret with the time in which it is valid.
package struct SigningSecret: Sendable, Equatable {
    package let key: Secret
    /// In milliseconds since 1970-01-01T00:00:00Z; nil for always.
    package let notBeforeMilliseconds: Int64?
    /// In milliseconds since 1970-01-01T00:00:00Z; nil for always.
    package let notAfterMilliseconds: Int64?

    package init(
        _ key: Secret, notBeforeMilliseconds: Int64? = nil, notAfterMilliseconds: Int64? = nil
    ) {
        precondition(!key.isEmpty, "an empty secret would accept anybody")
        self.key = key
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
