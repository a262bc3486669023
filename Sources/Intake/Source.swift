package import Events
package import Webhook

/// A configured sender endpoint.
package struct Source: Sendable {
    /// How requests prove whom they come from.
    package enum Verification: Sendable {
        /// By the sender's signature, with any of these secrets.
        case signature([SigningSecret])
        /// Not at all, because the configuration says so.
        case none
    }

    package let name: String
    package let path: String
    package let sender: Sender
    package let verification: Verification
    package let contentBytesMax: Int
    package var access = AccessPolicy()

    package init(
        name: String, path: String, sender: Sender, verification: Verification,
        contentBytesMax: Int
    ) {
        self.name = name
        self.path = path
        self.sender = sender
        self.verification = verification
        self.contentBytesMax = contentBytesMax
    }
}
