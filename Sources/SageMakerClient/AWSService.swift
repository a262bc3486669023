/// A service of AWS that Hookline talks to.
package enum AWSService: Sendable, CaseIterable {
    case sageMaker
    /// Security Token Service: a role or a web identity to credentials.
    case sts
    /// The portal of IAM Identity Center: a person's session to credentials.
    case sso

    /// The end of AWS_ENDPOINT_URL_…
    var variableSuffix: String {
        switch self {
        case .sageMaker: "SAGEMAKER"
        case .sts: "STS"
        case .sso: "SSO"
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
        case .sts, .sso:
            let name = self == .sts ? "sts" : "portal.sso"
            // In GovCloud the plain endpoints are FIPS endpoints.
            return isFIPS && (isDualStack || partition != .usGov) ? name + "-fips" : name
        }
    }
}
