/// What is behind a failed request, as far as the service tells.
package enum ServiceFault: Sendable, Equatable, CaseIterable {
    /// Too many requests for now.
    case throttling
    /// A quota of the account, such as pipeline executions at the same time.
    case resourceLimit
    /// Our credentials are expired, unknown or wrong, or do not fit the signature.
    case credentials
    /// Our clock and the service's are too far apart for a signature.
    case clock
    /// The service failed.
    case service
    /// The service says no, and will say so again.
    case permanent
    /// The reply cannot be the service's.
    case unusable

    /// Reads the fault from the status and the error code of a reply that is no success.
    ///
    /// Sources: the common errors of the API reference; the codes that AWS's SDKs retry (standard
    /// mode of 2026-11-10).
    /// - Parameter isFromService: Whether the reply bears a sign of the service. A 4xx that bears
    ///   none is a proxy's, which says nothing about the request.
    package init(status: Int, code: String?, message: String?, isFromService: Bool) {
        if let code, let named = ServiceFault(code: code, message: message ?? "") {
            self = named
            return
        }
        switch status {
        // But for the errors of the operation itself, which say why.
        case 429: self = code.map(Self.modeled.contains) ?? false ? .permanent : .throttling
        case 408, 500...599: self = .service
        case 400...499: self = isFromService ? .permanent : .unusable
        default: self = .unusable
        }
    }

    /// The fault that a code stands for whatever the status is, or nil.
    private init?(code: String, message: String) {
        if Self.throttlingCodes.contains(code) {
            self = .throttling
        } else if code == "ResourceLimitExceeded" {
            self = .resourceLimit
        } else if Self.clockCodes.contains(code) {
            self = .clock
        } else if code.isCredentialsFault {
            // AWS names a signature's age in the message alone.
            let isAge =
                message.contains("Signature expired")
                || message.contains("Signature not yet current")
            self = isAge ? .clock : .credentials
        } else if Self.serviceCodes.contains(code) {
            self = .service
        } else {
            return nil
        }
    }

    private static let modeled = Set(PipelineOperation.startPipelineExecution.errorCodes)

    private static let throttlingCodes: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
        "RequestThrottled", "TooManyRequestsException", "ProvisionedThroughputExceededException",
        "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
        "LimitExceededException", "SlowDown", "PriorRequestNotComplete", "EC2ThrottledException",
    ]

    private static let clockCodes: Set<String> = [
        "RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture",
    ]

    private static let serviceCodes: Set<String> = [
        "RequestTimeout", "RequestTimeoutException", "InternalFailure", "InternalError",
        "InternalServerError", "InternalServerException", "ServiceUnavailable",
        "ServiceUnavailableException",
    ]
}

extension String {
    /// Some services append "Exception" to these codes and some do not.
    fileprivate var isCredentialsFault: Bool {
        switch self.hasSuffix("Exception") ? String(dropLast("Exception".count)) : self {
        case "ExpiredToken", "UnrecognizedClient", "InvalidClientTokenId", "InvalidAccessKeyId",
            "SignatureDoesNotMatch", "InvalidSignature", "IncompleteSignature",
            "MissingAuthenticationToken", "AuthFailure":
            true
        default: false
        }
    }
}
