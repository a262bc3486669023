/// A partition of AWS: regions with accounts and host names of their own.
///
/// Source: botocore's partitions.json.
enum Partition: CaseIterable {
    case aws, china, europe, usGov, iso, isoB, isoE, isoF

    /// The partition that a region is in by its name, such as `cn-north-1`; `aws` for any other.
    init(region: String) {
        self = Self.allCases.first { $0.has(region) } ?? .aws
    }

    private func has(_ region: String) -> Bool {
        guard let prefix else { return false }
        if region == pseudoRegion { return true }
        guard region.hasPrefix(prefix) else { return false }
        // `\w+-\d+`, the form that every region has behind its partition's prefix.
        let steps = region.dropFirst(prefix.count)
            .split(separator: "-", omittingEmptySubsequences: false)
        return steps.count == 2 && !steps[0].isEmpty && number(steps[1].utf8.prefix(9)) != nil
    }

    private var prefix: String? {
        switch self {
        case .aws: nil
        case .china: "cn-"
        case .europe: "eusc-de-"
        case .usGov: "us-gov-"
        case .iso: "us-iso-"
        case .isoB: "us-isob-"
        case .isoE: "eu-isoe-"
        case .isoF: "us-isof-"
        }
    }

    /// What stands for a partition as a whole where a region is expected.
    private var pseudoRegion: String? {
        switch self {
        case .aws, .europe: nil
        case .china: "aws-cn-global"
        case .usGov: "aws-us-gov-global"
        case .iso: "aws-iso-global"
        case .isoB: "aws-iso-b-global"
        case .isoE: "aws-iso-e-global"
        case .isoF: "aws-iso-f-global"
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
