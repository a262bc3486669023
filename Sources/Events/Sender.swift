package import Webhook

/// What Hookline knows of one kind of sender.
package struct Sender: Sendable {
    /// The source's `type` in the configuration.
    package let type: String
    /// The most content the sender sends, in bytes: the source's default limit.
    package let contentBytesMax: Int
    package let scheme: HMACScheme
    /// The header field with the sender's delivery id, lower-case.
    package let deliveryIDField: String
    /// Header fields that carry signatures or secrets, lower-case; rules and records lack them.
    package let secretFields: Set<String>
    package let normalise: @Sendable (Delivery) -> [Event]

    /// Every sender, by type.
    package static let all: [String: Sender] = Dictionary(
        uniqueKeysWithValues: [Sender.gitHub].map { ($0.type, $0) })

    /// Fields that carry somebody's credentials whatever the sender is.
    static let credentialFields: Set<String> = ["authorization", "proxy-authorization", "cookie"]
}

extension Sender {
    static let gitHub = Sender(
        type: "github",
        contentBytesMax: 25 << 20,  // docs.github.com, "Webhook events and payloads", payload cap
        scheme: .gitHub,
        deliveryIDField: "x-github-delivery",
        secretFields: credentialFields.union(["x-hub-signature", "x-hub-signature-256"]),
        normalise: GitHub.normalise)
}
