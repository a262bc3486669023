/// How a source's requests prove whom they come from.
package enum Scheme: Sendable, Equatable {
    case signature(SignatureScheme)
    case token(TokenScheme)
    case gitLab(GitLabRequirement)
    case jwt(JWTScheme)

    /// Whether requests carry a signed time, which has a tolerance.
    package var signsTime: Bool {
        switch self {
        case .signature(let scheme): scheme.signsTime
        case .token: false
        case .gitLab(let requirement): requirement != .token
        case .jwt: true
        }
    }

    /// The header fields that carry signatures or secrets, lower-case.
    package var secretFields: [String] {
        switch self {
        case .signature(let scheme): scheme.fields
        case .token(let scheme): [scheme.field]
        case .gitLab: [GitLabVerification.tokenScheme.field, "webhook-signature"]
        case .jwt: ["authorization"]
        }
    }

    /// The field of the query that carries a secret.
    package var secretQueryField: String? {
        guard case .token(let scheme) = self else { return nil }
        return scheme.queryField
    }
}
