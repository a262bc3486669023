internal import HTTP1

/// What a GitLab webhook must prove itself with.
package enum GitLabRequirement: String, Sendable, CaseIterable {
    /// By the signature where there is one, else by the token.
    case either
    /// By both at once.
    case both
    /// By `X-Gitlab-Token`.
    case token
    /// By `webhook-signature`.
    case signature
}

/// The check of a GitLab webhook, which may carry a token, a signature, or both.
final class GitLabVerification: Verification {
    private let signature: SignatureVerification?
    private let token: TokenVerification?

    /// GitLab's shared text. Source: docs.gitlab.com, "Webhooks", secret token.
    static let tokenScheme = TokenScheme(field: "x-gitlab-token")

    /// - Parameter signed: Whether there is a `webhook-signature`: it alone decides, for GitLab 19
    ///   sends `webhook-id` and `webhook-timestamp` with every delivery.
    init(
        _ requirement: GitLabRequirement, hasSigningSecrets: Bool, hasTokens: Bool, signed: Bool,
        signature: @autoclosure () -> SignatureVerification,
        token: @autoclosure () -> TokenVerification
    ) {
        let wantsSignature: Bool
        switch requirement {
        case .both: wantsSignature = true
        case .signature: wantsSignature = true
        case .token: wantsSignature = false
        case .either: wantsSignature = hasSigningSecrets && (signed || !hasTokens)
        }
        let wantsToken = requirement == .both || !wantsSignature
        self.signature = wantsSignature ? signature() : nil
        self.token = wantsToken ? token() : nil
    }

    func update(_ bytes: UnsafeRawBufferPointer) { signature?.update(bytes) }

    func finish(_ content: UnsafeRawBufferPointer) throws(SignatureError) -> Verified {
        // The token's verdict waits for the signature's, so that both take their time.
        let byToken = Result { () throws(SignatureError) in try token?.finish(content) }
        let bySignature = try signature?.finish(content)
        let tokenVerdict = try byToken.get()
        guard let verdict = bySignature ?? tokenVerdict else { throw .missing }
        return verdict
    }
}
