/// Credentials with what is known of them.
package struct ResolvedCredentials: Sendable, Equatable {
    package let credentials: Credentials
    /// When they end, in seconds since 1970; nil for those that do not, as far as is known.
    package let expiresAt: Int64?
    /// Where they are from, in words for the operator: `the environment`, `profile ci`.
    package let provider: String
    /// Whether they may be used past their end while their place gives no newer ones: the instance
    /// metadata service says so of its own, for the time of an outage.
    package let outlivesOutage: Bool

    package init(
        _ credentials: Credentials, expiresAt: Int64? = nil, provider: String,
        outlivesOutage: Bool = false
    ) {
        self.credentials = credentials
        self.expiresAt = expiresAt
        self.provider = provider
        self.outlivesOutage = outlivesOutage
    }
}

extension ResolvedCredentials {
    /// Whether they may be used: their end has not come, or may be outlived.
    /// - Parameter now: Seconds since 1970.
    func isValid(at now: Int64) -> Bool { outlivesOutage || expiresAt.map { $0 > now } ?? true }

    /// - Parameter now: Seconds since 1970.
    /// - Returns: These credentials.
    /// - Throws: ``SageMakerClientError`` for those that have ended.
    func valid(at now: Int64) throws(SageMakerClientError) -> ResolvedCredentials {
        guard let expiresAt, !isValid(at: now) else { return self }
        throw .credentialsUnavailable(
            source: provider,
            reason: "those it gives ended at \(timestamp(expiresAt)), and it is \(timestamp(now))")
    }
}

/// A place where credentials may be found.
package protocol CredentialProvider: Sendable {
    /// Looks the place up anew, as credentials are renewed behind our back. May wait for the network
    /// or for a process.
    /// - Throws: ``SageMakerClientError`` where credentials are given, but not usable.
    func lookUp() throws(SageMakerClientError) -> CredentialLookup
}

/// The answer of one place.
package enum CredentialLookup: Sendable, Equatable {
    case found(ResolvedCredentials)
    /// Nothing there; where it was looked at, in words for the operator.
    case absent(lookedAt: String)
}
