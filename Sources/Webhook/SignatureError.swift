/// Why a request was not accepted as its sender's.
///
/// All of them are answered alike; the reason is for our metrics and log only.
package enum SignatureError: String, Error, Sendable, CaseIterable {
    /// There is no signature field.
    case missing
    /// There is more than one signature field.
    case repeated
    /// The signature is not of the form that the scheme has.
    case malformed
    /// The signature is another message's, or another secret's.
    case mismatched
    /// No secret is valid at this time.
    case noLiveSecret
}
