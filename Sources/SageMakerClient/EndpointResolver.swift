/// Finds the endpoint of SageMaker in a region.
///
/// The configuration's own, else AWS_ENDPOINT_URL_SAGEMAKER, else AWS_ENDPOINT_URL, else the
/// profile's (its `services` section, then its `endpoint_url`), else AWS's by the region.
/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves out all but the first and the last.
/// Source: "Service-specific endpoints", AWS SDKs reference guide; SageMaker's rule set in botocore.
package struct EndpointResolver: Sendable, Equatable {
    /// The endpoint that is used for every region, or nil.
    package let custom: Endpoint?
    private let isFIPS: Bool
    private let isDualStack: Bool

    /// - Parameter configured: The configuration's `aws.endpoint`.
    /// - Throws: ``SageMakerClientError`` for a malformed endpoint, and for one together with
    ///   AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT.
    package init(
        configured: String?, environment: [String: String], shared: SharedConfiguration?
    ) throws(SageMakerClientError) {
        func isOn(_ variable: String, _ setting: String) -> Bool {
            if environment.value(variable) != nil { return environment.isOn(variable) }
            return shared?.value(setting)?.lowercased() == "true"
        }
        isFIPS = isOn("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
        isDualStack = isOn("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
        var candidates = [("aws.endpoint", configured)]
        if !isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") {
            let service = "AWS_ENDPOINT_URL_SAGEMAKER"
            let section = shared?.value("endpoint_url", ofService: "sagemaker")
            candidates += [
                (service, environment.value(service)),
                ("AWS_ENDPOINT_URL", environment.value("AWS_ENDPOINT_URL")),
                ("sagemaker endpoint_url of profile \(shared?.profile ?? "")", section),
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
        // The two partitions that had FIPS endpoints first name them differently, but only in the
        // form without dual stack.
        let host =
            switch (isFIPS, isDualStack, partition) {
            case (false, _, _): "api.sagemaker.\(region)"
            case (true, false, .aws), (true, false, .usGov): "api-fips.sagemaker.\(region)"
            case (true, _, _): "api.sagemaker-fips.\(region)"
            }
        return Endpoint(awsHost: "\(host).\(suffix)")
    }
}

/// A partition of AWS: regions with accounts and host names of their own.
///
/// Source: botocore's partitions.json.
enum Partition: CaseIterable {
    case aws, china, europe, usGov, iso, isoB, isoE, isoF

    /// The partition that a region is in by the beginning of its name; `aws` for new ones.
    init(region: String) {
        self = Self.allCases.first { $0.prefix.map(region.hasPrefix) ?? false } ?? .aws
    }

    private var prefix: String? {
        switch self {
        case .aws: nil
        case .china: "cn-"
        case .europe: "eusc-"
        case .usGov: "us-gov-"
        case .iso: "us-iso-"
        case .isoB: "us-isob-"
        case .isoE: "eu-isoe-"
        case .isoF: "us-isof-"
        }
    }

    var suffix: String {
        switch self {
        case .aws, .usGov: "amazonaws.com"
        case .china: "amazonaws.com.cn"
        case .europe: "amazonaws.eu"
        case .iso: "c2s.ic.gov"
        case .isoB: "sc2s.sgov.gov"
        case .isoE: "cloud.adc-e.uk"
        case .isoF: "csp.hci.ic.gov"
        }
    }

    var dualStackSuffix: String {
        switch self {
        case .aws, .usGov: "api.aws"
        case .china: "api.amazonwebservices.com.cn"
        case .europe: "api.amazonwebservices.eu"
        case .iso: "api.aws.ic.gov"
        case .isoB: "api.aws.scloud"
        case .isoE: "api.cloud-aws.adc-e.uk"
        case .isoF: "api.aws.hci.ic.gov"
        }
    }
}
