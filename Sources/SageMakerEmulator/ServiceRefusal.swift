internal import HTTP1
internal import JSON
internal import SageMakerAPI

/// An error reply of the service.
///
/// Codes and statuses are those of the API reference: its common errors, and the errors of the
/// operations, which are all 400.
enum ServiceRefusal: Error, Equatable {
    case unknownOperation(reason: String)
    case missingAuthentication
    case incompleteSignature(reason: String)
    case unrecognizedClient
    case invalidSignature(reason: String)
    case serialization(reason: String)
    case validation([String])
    case conflict(reason: String)
    case resourceNotFound(reason: String)
    case resourceLimitExceeded(reason: String)
    case accessDenied
    case expiredToken
    case clockSkew(reason: String)
    case throttling
    case tooManyRequests
    case internalFailure
    case serviceUnavailable

    var code: String {
        switch self {
        case .unknownOperation: "UnknownOperationException"
        case .missingAuthentication: "MissingAuthenticationToken"
        case .incompleteSignature: "IncompleteSignature"
        case .unrecognizedClient: "UnrecognizedClientException"
        case .invalidSignature: "InvalidSignatureException"
        case .serialization: "SerializationException"
        case .validation: "ValidationException"
        case .conflict: "ConflictException"
        case .resourceNotFound: "ResourceNotFound"
        case .resourceLimitExceeded: "ResourceLimitExceeded"
        case .accessDenied: "AccessDeniedException"
        case .expiredToken: "ExpiredTokenException"
        case .clockSkew: "RequestTimeTooSkewed"
        case .throttling: "ThrottlingException"
        case .tooManyRequests: "TooManyRequestsException"
        case .internalFailure: "InternalFailure"
        case .serviceUnavailable: "ServiceUnavailable"
        }
    }

    var status: HTTPStatus {
        switch self {
        case .unknownOperation, .serialization, .validation, .conflict, .resourceNotFound,
            .resourceLimitExceeded, .throttling:
            .badRequest
        case .missingAuthentication, .incompleteSignature, .unrecognizedClient, .invalidSignature,
            .accessDenied, .expiredToken, .clockSkew:
            .forbidden
        case .tooManyRequests: .tooManyRequests
        case .internalFailure: .internalServerError
        case .serviceUnavailable: .serviceUnavailable
        }
    }

    var message: String {
        switch self {
        case .unknownOperation(let reason), .incompleteSignature(let reason),
            .invalidSignature(let reason), .serialization(let reason), .conflict(let reason),
            .resourceNotFound(let reason), .resourceLimitExceeded(let reason),
            .clockSkew(let reason):
            reason
        case .validation(let violations): told(violations)
        case .missingAuthentication: "Missing Authentication Token"
        case .unrecognizedClient: "The security token included in the request is invalid."
        case .accessDenied:
            "User is not authorized to perform this operation because no identity-based policy "
                + "allows it"
        case .expiredToken: "The security token included in the request is expired"
        case .throttling: "Rate exceeded"
        case .tooManyRequests: "Too Many Requests"
        case .internalFailure: "An internal error occurred"
        case .serviceUnavailable: "The service is temporarily unavailable"
        }
    }

    /// The operations' own errors spell it `Message`; the common ones have been seen with
    /// `message` (aws-sdk#486).
    private var messageMember: String {
        switch self {
        case .conflict, .resourceNotFound, .resourceLimitExceeded: "Message"
        case .unknownOperation, .missingAuthentication, .incompleteSignature, .unrecognizedClient,
            .invalidSignature, .serialization, .validation, .accessDenied, .expiredToken,
            .clockSkew, .throttling, .tooManyRequests, .internalFailure, .serviceUnavailable:
            "message"
        }
    }

    func response(requestID: String) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("__type", code)
        writer.member(messageMember, message)
        writer.endObject()
        return .service(status, writer.bytes, requestID: requestID)
    }
}

private func told(_ violations: [String]) -> String {
    let noun = violations.count == 1 ? "error" : "errors"
    let first = violations.prefix(EmulatorLimits.violationsToldMax).joined(separator: "; ")
    let rest = violations.count - EmulatorLimits.violationsToldMax
    return "\(violations.count) validation \(noun) detected: \(first)"
        + (rest > 0 ? "; and \(rest) more" : "")
}

extension Response {
    /// A reply in AWS's JSON protocol 1.1.
    static func service(_ status: HTTPStatus, _ content: [UInt8], requestID: String) -> Response {
        Response(
            status,
            fields: [
                ("Content-Type", StartPipelineExecution.contentType),
                ("x-amzn-RequestId", requestID),
            ], content: content)
    }
}
