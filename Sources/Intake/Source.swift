package import Events
package import Webhook

/// A configured sender endpoint.
package struct Source: Sendable {
    /// How requests prove whom they come from.
    package enum Verification: Sendable {
        /// By the source's scheme, with any of these secrets.
        case signature([SigningSecret])
        /// Not at all, because the configuration says so.
        case none
    }

    package let name: String
    package let path: String
    package let sender: Sender
    package let verification: Verification
    package let contentBytesMax: Int
    /// How requests are signed; nil only for a source that is not verified.
    package let scheme: Scheme?
    package var toleranceMilliseconds = WebhookLimits.toleranceMilliseconds
    /// The most form content, in bytes: percent-encoding makes JSON up to three times longer.
    package var formBytesMax: Int
    /// The field with the delivery's id that the configuration names, lower-case.
    package var idField: String?
    /// Who may ask whether events may be sent here (CloudEvents' web hooks); `*` for anybody.
    package var allowedOrigins: [String] = []
    /// Header fields that rules and records lack, lower-case.
    package let secretFields: Set<String>
    package var access = AccessPolicy()

    /// - Parameter scheme: The sender's own where it is nil.
    package init(
        name: String, path: String, sender: Sender, verification: Verification,
        contentBytesMax: Int, scheme: Scheme? = nil
    ) {
        self.name = name
        self.path = path
        self.sender = sender
        self.verification = verification
        self.contentBytesMax = contentBytesMax
        formBytesMax = contentBytesMax
        self.scheme = scheme ?? sender.scheme
        secretFields = sender.secretFields.union(self.scheme?.secretFields ?? [])
    }

    /// A verifier for one thread; nil for a source that is not verified.
    package var verifier: Verifier? {
        guard case .signature(let secrets) = verification else { return nil }
        // Without a scheme there would be no check at all.
        guard let scheme else { preconditionFailure("a verified source has a scheme") }
        return Verifier(scheme, secrets: secrets, toleranceMilliseconds: toleranceMilliseconds)
    }
}
