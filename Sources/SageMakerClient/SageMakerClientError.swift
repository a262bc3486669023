/// Why a request cannot be addressed or signed, told to the operator who can change that.
///
/// No case carries a secret or the value of a setting that may be one.
package enum SageMakerClientError: Error, Equatable, CustomStringConvertible {
    case noRegion(lookedAt: [String])
    case invalidRegion(source: String)
    /// A rule names one region and its pipeline's ARN another.
    case regionMismatch(rule: String, pipeline: String)
    case invalidEndpoint(source: String, expected: String)
    /// AWS has no FIPS or dual-stack variant of an endpoint of one's own.
    case endpointExcludesVariant(source: String)
    case noCredentials(lookedAt: [String])
    case incompleteCredentials(source: String, missing: String)
    case invalidCredentials(source: String, part: String)
    /// A place that is set up to give credentials does not; the reason repeats no content of a reply
    /// but an error's code and message.
    case credentialsUnavailable(source: String, reason: String)
    /// A profile's settings do not fit together.
    case unusableProfile(name: String, reason: String)
    case tooManyRoles(limit: Int)
    /// A request that AWS's model does not take; the violations name its members.
    case invalidRequest(operation: String, violations: [String])
    case noProfile(name: String, files: [String])
    case unreadableFile(path: String, reason: String)
    case unwritableFile(path: String, reason: String)
    case fileTooLarge(path: String, limit: Int)
    case malformedLine(path: String, line: Int, expected: String)

    package var description: String {
        switch self {
        case .noRegion(let places):
            "no AWS region; looked at \(places.joined(separator: ", "))"
        case .invalidRegion(let source):
            "\(source): expected a region such as eu-west-1 (a-z, 0-9 and -, at most 63)"
        case .regionMismatch(let rule, let pipeline):
            "the region is \(rule), but the pipeline's ARN is in \(pipeline)"
        case .invalidEndpoint(let source, let expected): "\(source): expected \(expected)"
        case .endpointExcludesVariant(let source):
            "\(source): an endpoint of one's own excludes AWS's FIPS and dual-stack endpoints"
        case .noCredentials(let places):
            "no AWS credentials"
                + (places.isEmpty ? "" : "; looked at \(places.joined(separator: ", "))")
        case .incompleteCredentials(let source, let missing): "\(source): \(missing) is missing"
        case .invalidCredentials(let source, let part):
            "\(source): the \(part) is empty, too long or has characters that it cannot have"
        case .credentialsUnavailable(let source, let reason):
            "no AWS credentials from \(source): \(reason)"
        case .unusableProfile(let name, let reason): "profile \(name): \(reason)"
        case .tooManyRoles(let limit): "more than \(limit) roles are in use"
        case .invalidRequest(let operation, let violations):
            "\(operation): \(violations.joined(separator: "; "))"
        case .noProfile(let name, let files):
            "no profile \(name) in \(files.joined(separator: ", "))"
        case .unreadableFile(let path, let reason): "\(path): cannot be read: \(reason)"
        case .unwritableFile(let path, let reason): "\(path): cannot be written: \(reason)"
        case .fileTooLarge(let path, let limit): "\(path): is longer than \(limit) bytes"
        case .malformedLine(let path, let line, let expected):
            "\(path):\(line): expected \(expected)"
        }
    }
}
