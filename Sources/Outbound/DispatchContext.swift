package import HTTPClient
package import Journal
package import Logging
package import OpenSSLCrypto
package import SageMakerClient

/// How callbacks are signed, and where they may go.
package struct CallbackSettings: Sendable {
    /// All of them sign.
    package let keys: [Secret]
    package let addressPolicy: AddressPolicy

    package init(keys: [Secret], addressPolicy: AddressPolicy) {
        self.keys = keys
        self.addressPolicy = addressPolicy
    }
}

/// How SageMaker is reached.
package struct ServiceAccess: Sendable {
    /// Fetches and renews credentials; asked for each request.
    package let credentials: CredentialStore
    package let endpoints: EndpointResolver
    /// The role of starts whose rule names none; nil for our own credentials.
    package let roleARN: String?
    /// The path of a PEM file of certificate authorities to trust instead of the system's.
    package let certificateAuthorities: String?

    package init(
        credentials: CredentialStore, endpoints: EndpointResolver, roleARN: String? = nil,
        certificateAuthorities: String? = nil
    ) {
        self.credentials = credentials
        self.endpoints = endpoints
        self.roleARN = roleARN
        self.certificateAuthorities = certificateAuthorities
    }
}

/// What the outbound loop works with.
package struct DispatchContext: Sendable {
    package var limits = DispatchLimits()
    /// The proxies of the environment.
    package var proxies = ProxySettings()
    package let writer: JournalWriter
    package let inbox: JobInbox
    package let service: ServiceAccess
    /// The callback settings in force, asked for each callback.
    package let callbacks: @Sendable () -> CallbackSettings
    package let metrics: DispatchMetrics
    package let logger: Logger
    package let userAgent: String
    package let clock: @Sendable () -> UnixTime

    package init(
        writer: JournalWriter, inbox: JobInbox, service: ServiceAccess,
        callbacks: @escaping @Sendable () -> CallbackSettings, metrics: DispatchMetrics,
        logger: Logger, userAgent: String, clock: @escaping @Sendable () -> UnixTime
    ) {
        self.writer = writer
        self.inbox = inbox
        self.service = service
        self.callbacks = callbacks
        self.metrics = metrics
        self.logger = logger
        self.userAgent = userAgent
        self.clock = clock
    }
}
