/// The check of one request, begun from its head.
///
/// The content may be handed over while it arrives; what was not is taken at the end. A fault of the
/// head is kept to the end too, so that the answer comes when it comes for a wrong signature.
package protocol Verification: AnyObject {
    /// Takes the next piece of the content, in its order.
    func update(_ bytes: UnsafeRawBufferPointer)

    /// Ends the check.
    /// - Parameter content: The whole content, the pieces of ``update(_:)`` at its beginning.
    /// - Throws: ``SignatureError``.
    func finish(_ content: UnsafeRawBufferPointer) throws(SignatureError) -> Verified
}

/// By what a request was found to be its sender's.
package struct Verified: Sendable, Equatable {
    /// The algorithm and the secret's position, such as `hmac-sha256:0`.
    package let by: String
    /// The secret's position in the configuration, from 0; nil where there is none.
    package let secret: Int?

    package init(by: String, secret: Int?) {
        self.by = by
        self.secret = secret
    }
}
