internal import SageMakerAPI

/// Finds the endpoint of a service in a region.
///
/// The configuration's own, else AWS_ENDPOINT_URL_SAGEMAKER (_STS, _SSO), else AWS_ENDPOINT_URL,
/// else the profile's (its `services` section, then its `endpoint_url`), else AWS's by the region.
/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves out all but the first and the last.
/// Source: "Service-specific endpoints", AWS SDKs reference guide; SageMaker's rule set in botocore.
package struct EndpointResolver: Sendable, Equatable {
    /// The endpoint that is used for every region, or nil.
    package let custom: Endpoint?
    private let service: AWSService
    private let isFIPS: Bool
    private let isDualStack: Bool

    /// - Parameter configured: The configuration's `aws.endpoint`, which is SageMaker's.
    /// - Throws: ``SageMakerClientError`` for a malformed endpoint, and for one together with
    ///   AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT.
    package init(
        configured: String?, environment: [String: String], shared: SharedConfiguration?,
        service: AWSService = .sageMaker
    ) throws(SageMakerClientError) {
        self.service = service
        func isOn(_ variable: String, _ setting: String) -> Bool {
            if environment.value(variable) != nil { return environment.isOn(variable) }
            return shared?.value(setting)?.lowercased() == "true"
        }
        isFIPS = isOn("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
        isDualStack = isOn("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
        var candidates = [("aws.endpoint", configured)]
        if !isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") {
            let own = "AWS_ENDPOINT_URL_\(service.variableSuffix)"
            let section = shared?.value("endpoint_url", ofService: service.settingsKey)
            candidates += [
                (own, environment.value(own)),
                ("AWS_ENDPOINT_URL", environment.value("AWS_ENDPOINT_URL")),
                (
                    "\(service.settingsKey) endpoint_url of profile \(shared?.profile ?? "")",
                    section
                ),
                (
                    "endpoint_url of profile \(shared?.profile ?? "")",
                    shared?.value("endpoint_url")
                ),
            ]
        }
        guard let (source, url) = candidates.first(where: { $0.1 != nil }), let url else {
            custom = nil
            return
        }
        if isFIPS || isDualStack { throw .endpointExcludesVariant(source: source) }
        custom = try Endpoint(url, from: source)
    }

    /// The endpoint of a region.
    /// - Throws: ``SageMakerClientError/invalidRegion(source:)`` for what cannot be a host's part.
    package func endpoint(region: String) throws(SageMakerClientError) -> Endpoint {
        guard isRegion(region) else { throw .invalidRegion(source: "region") }
        if let custom { return custom }
        let partition = Partition(region: region)
        let suffix = isDualStack ? partition.dualStackSuffix : partition.suffix
        let prefix = service.hostPrefix(
            isFIPS: isFIPS, isDualStack: isDualStack, partition)
        return Endpoint(awsHost: "\(prefix).\(region).\(suffix)")
    }
}
