/// A role's credentials for a token of an identity provider: IAM roles for service accounts (IRSA).
///
/// AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME. The file is read at each
/// look-up, since Kubernetes renews it.
package struct WebIdentityCredentials: CredentialProvider {
    private let tools: CredentialTools

    package init(_ tools: CredentialTools) { self.tools = tools }

    package func lookUp() throws(SageMakerClientError) -> CredentialLookup {
        let source = "the web identity of the environment"
        let environment = tools.environment
        guard let path = environment.value("AWS_WEB_IDENTITY_TOKEN_FILE") else {
            return .absent(lookedAt: "\(source) (AWS_WEB_IDENTITY_TOKEN_FILE)")
        }
        guard let arn = environment.value("AWS_ROLE_ARN") else {
            throw .incompleteCredentials(source: source, missing: "AWS_ROLE_ARN")
        }
        var role = RoleRequest(roleARN: arn)
        if let name = environment.value("AWS_ROLE_SESSION_NAME") { role.sessionName = name }
        return .found(
            try webIdentityCredentials(
                role, tokenFile: path, tools, shared: nil, source: "\(source), \(arn)"))
    }
}

/// Exchanges a token that is in a file now for credentials.
func webIdentityCredentials(
    _ role: RoleRequest, tokenFile: String, _ tools: CredentialTools,
    shared: SharedConfiguration?, source: String
) throws(SageMakerClientError) -> ResolvedCredentials {
    if let fault = role.fault { throw .credentialsUnavailable(source: source, reason: fault) }
    let token = try tokenText(tokenFile, source: source, read: tools.read)
    let service = try SecurityTokenService(tools, shared: shared)
    return try service.assume(role, webIdentity: token, provider: source)
}
