/// A service of AWS that Hookline talks to.
package enum AWSService: Sendable, CaseIterable {
    case sageMaker
    /// Security Token Service: a role or a web identity to credentials.
    case sts
    /// The portal of IAM Identity Center: a person's session to credentials.
    case sso
    /// The sign-in of IAM Identity Center: a session's token to a newer one.
    case ssoOIDC

    /// The end of AWS_ENDPOINT_URL_…
    var variableSuffix: String {
        switch self {
        case .sageMaker: "SAGEMAKER"
        case .sts: "STS"
        case .sso: "SSO"
        case .ssoOIDC: "SSO_OIDC"
        }
    }

    /// The service's key in a `services` section of the config file.
    var settingsKey: String { variableSuffix.lowercased() }

    /// The front of the host's name, before the region.
    ///
    /// Source: the services' rule sets in botocore.
    func hostPrefix(isFIPS: Bool, isDualStack: Bool, _ partition: Partition) -> String {
        switch self {
        case .sageMaker:
            // The two partitions that had FIPS endpoints first name them differently, but only in
            // the form without dual stack.
            guard isFIPS else { return "api.sagemaker" }
            let isFirst = partition == .aws || partition == .usGov
            return isFirst && !isDualStack ? "api-fips.sagemaker" : "api.sagemaker-fips"
        case .sts: return variant("sts", isFIPS: isFIPS, isDualStack, partition)
        case .sso: return variant("portal.sso", isFIPS: isFIPS, isDualStack, partition)
        case .ssoOIDC: return variant("oidc", isFIPS: isFIPS, isDualStack, partition)
        }
    }

    /// In GovCloud the plain endpoints are FIPS endpoints.
    private func variant(
        _ name: String, isFIPS: Bool, _ isDualStack: Bool, _ partition: Partition
    ) -> String {
        isFIPS && (isDualStack || partition != .usGov) ? name + "-fips" : name
    }
}
