/// Why a request was not accepted as its sender's.
///
/// All of them are answered alike; the reason is for our metrics and log only.
package enum SignatureError: String, Error, Sendable, CaseIterable {
    /// There is no signature or token.
    case missing
    /// There is more than one field of a kind that may be there once.
    case repeated
    /// The signature, its time or its message id is not of the form that the scheme has.
    case malformed
    /// The signed time is too far from ours, behind or ahead.
    case stale
    /// The signature or token is another message's, or another secret's.
    case mismatched
    /// No secret is valid at this time.
    case noLiveSecret
}
