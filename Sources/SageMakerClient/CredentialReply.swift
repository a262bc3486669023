internal import HTTPClient
internal import JSON
internal import OpenSSLCrypto
internal import SageMakerAPI

/// The JSON that containers, instances and processes give credentials in: `AccessKeyId`,
/// `SecretAccessKey`, a token and `Expiration`.
struct CredentialReply {
    let credentials: Credentials
    /// Seconds since 1970.
    let expiresAt: Int64?

    /// - Parameters:
    ///   - tokenName: `Token` of the metadata services, `SessionToken` of processes.
    ///   - source: Where it is from, for errors, which repeat nothing of the content.
    init(
        _ content: [UInt8], tokenName: String, from source: String
    ) throws(SageMakerClientError) {
        let root = try credentialJSON(content, from: source)
        if let code = root["Code"]?.string, code != "Success" {
            throw .credentialsUnavailable(source: source, reason: "the answer is \(worded(code))")
        }
        guard let keyID = root["AccessKeyId"]?.string, !keyID.isEmpty else {
            throw .incompleteCredentials(source: source, missing: "AccessKeyId")
        }
        guard let secret = root["SecretAccessKey"]?.string, !secret.isEmpty else {
            throw .incompleteCredentials(source: source, missing: "SecretAccessKey")
        }
        credentials = try Credentials(
            accessKeyID: keyID, secretAccessKey: Secret(secret),
            sessionToken: root[tokenName]?.string.map { Secret($0) }, from: source)
        guard let expiration = root["Expiration"], !expiration.isNull else {
            expiresAt = nil
            return
        }
        guard let moment = expiration.string.flatMap(secondsSince1970(timestamp:)) else {
            throw .credentialsUnavailable(
                source: source, reason: "expected an Expiration such as 2026-11-26T12:00:00Z")
        }
        expiresAt = moment
    }
}

/// The JSON object in a place's answer.
func credentialJSON(
    _ content: [UInt8], from source: String
) throws(SageMakerClientError) -> JSONValue {
    guard content.count <= SageMakerClientLimits.credentialReplyBytesMax,
        let root = try? JSONDocument(parsing: content).root, root.kind == .object
    else { throw .credentialsUnavailable(source: source, reason: "expected a JSON object") }
    return root
}

/// What an error reply says of itself, for an operator: its status, code and message.
func failureText(_ reply: ClientReply) -> String {
    let error = ServiceError(ServiceReply(reply))
    let parts = [error.code, error.message].compactMap { $0 }.map(worded)
    return "HTTP \(reply.status)" + (parts.isEmpty ? "" : " " + parts.joined(separator: ": "))
}

/// A service's message as ours may repeat it: on one line, and as long as AWS's are, since they end
/// with what is to be allowed. Source: botocore's model, 1,024 characters.
package func worded(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(1024).map { scalar -> Unicode.Scalar in
        switch scalar.properties.generalCategory {
        // What moves a terminal's cursor or its text direction.
        case .control, .format, .lineSeparator, .paragraphSeparator: " "
        default: scalar
        }
    }
    return String(String.UnicodeScalarView(scalars))
}

extension ClientRequest {
    /// A request to a place that gives credentials.
    init(
        _ method: Method, _ url: String, fields: [(name: String, value: String)] = [],
        timeout: Duration
    ) {
        self.init(id: 0, method: method, url: url)
        self.fields = fields
        self.timeout = timeout
        connectTimeout = timeout
        replyBytesMax = SageMakerClientLimits.credentialReplyBytesMax
        allowsPlainHTTP = url.lowercased().hasPrefix("http://")
    }
}
