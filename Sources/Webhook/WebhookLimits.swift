/// Bounds on what a request may carry for its verification and on how it wraps its payload.
package enum WebhookLimits {
    /// The most signatures in one field: a sender that rotates its secrets sends a few.
    package static let signaturesMax = 32
    /// The longest message id that is read, in bytes.
    package static let idBytesMax = 512
    /// The most fields of a form.
    package static let formFieldsMax = 1000
    /// The longest JSON Web Token, in bytes.
    package static let tokenBytesMax = 8 << 10
    /// The largest difference between a signed time and ours, where nothing else is set.
    /// Source: Standard Webhooks' and Stripe's libraries; Slack, "Verifying requests".
    package static let toleranceMilliseconds: Int64 = 300_000
}
