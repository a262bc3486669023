internal import HTTP1
internal import HTTPServer
internal import JSON
internal import Journal
internal import OpenSSLCrypto
internal import SageMakerAPI
internal import SageMakerClient
internal import Synchronization

// Where credentials come from: STS, a container's service, the instance metadata service and the SSO
// portal. What they give is accepted by the emulated SageMaker until it ends.

/// Temporary credentials as they are given out.
private struct GivenCredentials {
    let keyID: String
    let secret: String
    let token: String
    /// Milliseconds since 1970.
    let expiresAt: Int64

    /// The moment of the end as AWS writes it: whole seconds.
    var expiration: String {
        UnixTime(milliseconds: expiresAt / 1000 * 1000).description.replacing(".000Z", with: "Z")
    }
}

extension EmulatedService {
    /// The beginning of the names of roles that nobody may assume.
    static let deniedPrefix = "denied-"

    /// - Parameter account: Whose they are; nil for the emulator's own.
    private func giveCredentials(
        seconds: Int64, account: String? = nil, at now: Int64
    ) -> GivenCredentials? {
        let given = GivenCredentials(
            keyID: "ASIA" + hexEncoded(randomBytes(8)).uppercased(),
            secret: hexEncoded(randomBytes(20)), token: hexEncoded(randomBytes(32)),
            expiresAt: now + (options.credentialSeconds ?? seconds) * 1000)
        guard
            let credentials = try? Credentials(
                accessKeyID: given.keyID, secretAccessKey: Secret(given.secret),
                sessionToken: Secret(given.token), from: "the emulator")
        else { return nil }
        keys.insert(
            KeyTable.Key(
                credentials: credentials, account: account ?? options.accountID,
                expiresAt: given.expiresAt))
        return given
    }

    // MARK: - The metadata services

    func answerMetadata(_ path: EmulatorPath, _ request: Request) -> Response {
        let now = clock()
        switch path {
        case .instanceToken:
            guard request.head.field("x-aws-ec2-metadata-token-ttl-seconds") != nil else {
                return .text(.badRequest, "")
            }
            return .text(.ok, instanceToken)
        case .instanceRoles, .instanceRole, .instanceRegion:
            let token = request.head.field("x-aws-ec2-metadata-token")
            guard token?.elementsEqual(instanceToken.utf8) ?? false else {
                return .text(.unauthorized, "")
            }
            if path == .instanceRoles { return .text(.ok, "emulated-role") }
            if path == .instanceRegion { return .text(.ok, options.instanceRegion) }
            return metadataCredentials(at: now)
        case .ssoPortal:
            guard request.head.field("x-amz-sso_bearer_token") != nil else {
                return .text(.unauthorized, "")
            }
            return ssoCredentials(at: now)
        case .container, .service, .faults, .journal, .reset, .ssoToken:
            return metadataCredentials(at: now)
        }
    }

    private func metadataCredentials(at now: Int64) -> Response {
        guard let given = giveCredentials(seconds: 3600, at: now) else {
            return .text(.internalServerError, "")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("Code", "Success")
        writer.member("Type", "AWS-HMAC")
        writer.member("AccessKeyId", given.keyID)
        writer.member("SecretAccessKey", given.secret)
        writer.member("Token", given.token)
        writer.member("Expiration", given.expiration)
        writer.endObject()
        return .json(.ok, writer.bytes)
    }

    private func ssoCredentials(at now: Int64) -> Response {
        guard let given = giveCredentials(seconds: 3600, at: now) else {
            return .text(.internalServerError, "")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("roleCredentials")
        writer.beginObject()
        writer.member("accessKeyId", given.keyID)
        writer.member("secretAccessKey", given.secret)
        writer.member("sessionToken", given.token)
        writer.name("expiration")
        writer.int(given.expiresAt)
        writer.endObject()
        writer.endObject()
        return .json(.ok, writer.bytes)
    }

    /// Answers CreateToken of the SSO sign-in: a newer token for a refresh token.
    func renewToken(_ request: Request) -> Response {
        let now = clock()
        var trace = CallTrace()
        trace.operation = "CreateToken"
        var entry = JournalEntry(trace, requestID: hexEncoded(randomBytes(16)), at: now)
        let root = try? JSONDocument(parsing: request.content).root
        func has(_ name: String) -> Bool { root?[name]?.string?.isEmpty == false }
        var error: String?
        if !has("clientId") || !has("clientSecret") { error = "invalid_client" }
        if root?["grantType"]?.string != "refresh_token" { error = "unsupported_grant_type" }
        let refreshToken = root?["refreshToken"]?.string ?? ""
        if refreshToken.isEmpty || refreshToken.hasPrefix(Self.deniedPrefix) {
            error = "invalid_grant"
        }
        var writer = JSONWriter()
        writer.beginObject()
        if let error {
            writer.member("error", error)
        } else {
            writer.member("accessToken", hexEncoded(randomBytes(32)))
            writer.member("tokenType", "Bearer")
            writer.name("expiresIn")
            writer.int(options.credentialSeconds ?? 3600)
            writer.member("refreshToken", refreshToken)
        }
        writer.endObject()
        let status = error == nil ? HTTPStatus.ok : .badRequest
        entry.status = status.rawValue
        entry.error = error
        state.withLock { $0.note(entry) }
        return .json(status, writer.bytes)
    }

    // MARK: - STS

    /// Answers AssumeRole and AssumeRoleWithWebIdentity in the query protocol.
    func answerSTS(_ request: Request, signatures: SignatureCheck) -> Response {
        let now = clock()
        let form = formFields(request.content)
        var trace = CallTrace()
        trace.operation = form["Action"].map(quoted)
        let claim = request.head.field("authorization").flatMap(CredentialClaim.init)
        trace.region = claim.map { quoted($0.region) }
        trace.accessKeyID = claim.map { quoted($0.accessKeyID) }
        var entry = JournalEntry(trace, requestID: hexEncoded(randomBytes(16)), at: now)
        let response: Response
        do throws(ServiceRefusal) {
            let action = form["Action"] ?? ""
            try checkSTS(action, form, request, claim, signatures, at: now)
            let seconds = form["DurationSeconds"].flatMap { Int64($0) } ?? 3600
            let role = (form["RoleArn"] ?? "").split(
                separator: ":", omittingEmptySubsequences: false)
            guard
                let given = giveCredentials(
                    seconds: seconds, account: role.dropFirst(4).first.map(String.init), at: now)
            else { throw .internalFailure }
            entry.status = HTTPStatus.ok.rawValue
            response = .xml(.ok, stsReply(action, given))
        } catch {
            entry.status = error.status.rawValue
            entry.error = error.code
            let code = error.stsCode
            response = .xml(
                error.status,
                "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code>"
                    + "<Message>\(escaped(error.message))</Message></Error></ErrorResponse>")
        }
        state.withLock { $0.note(entry) }
        return response
    }

    private func checkSTS(
        _ action: String, _ form: [String: String], _ request: Request, _ claim: CredentialClaim?,
        _ signatures: SignatureCheck, at now: Int64
    ) throws(ServiceRefusal) {
        switch action {
        case "AssumeRole":
            _ = try signatures.region(
                of: request.head, request.content, claim: claim, service: "sts", at: now)
        case "AssumeRoleWithWebIdentity":
            guard let token = form["WebIdentityToken"], !token.isEmpty else {
                throw .validation(["WebIdentityToken: is required"])
            }
            if token == "expired" { throw .expiredToken }
        default: throw .unknownOperation(reason: "the emulator has no \(quoted(action))")
        }
        let role = form["RoleArn"] ?? ""
        guard isRoleARN(role) else { throw .validation(["RoleArn: is no role"]) }
        let session = form["RoleSessionName"] ?? ""
        guard (2...64).contains(session.utf8.count) else {
            throw .validation(["RoleSessionName: must have 2 to 64 characters"])
        }
        let name = role.split(separator: "/").last ?? ""
        if name.hasPrefix(Self.deniedPrefix) { throw .accessDenied }
    }

    private func stsReply(_ action: String, _ given: GivenCredentials) -> String {
        "<\(action)Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><\(action)Result>"
            + "<Credentials><AccessKeyId>\(given.keyID)</AccessKeyId>"
            + "<SecretAccessKey>\(given.secret)</SecretAccessKey>"
            + "<SessionToken>\(given.token)</SessionToken>"
            + "<Expiration>\(given.expiration)</Expiration></Credentials>"
            + "</\(action)Result></\(action)Response>"
    }
}

extension ServiceRefusal {
    /// STS's word for it: its query protocol spells some codes differently from JSON services.
    fileprivate var stsCode: String {
        switch self {
        case .unrecognizedClient: "InvalidClientTokenId"
        case .accessDenied: "AccessDenied"
        case .invalidSignature: "SignatureDoesNotMatch"
        case .validation: "ValidationError"
        default: code
        }
    }
}

/// A text within XML.
private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
}

extension Response {
    fileprivate static func xml(_ status: HTTPStatus, _ text: String) -> Response {
        Response(status, fields: [("Content-Type", "text/xml")], content: Array(text.utf8))
    }
}

extension Request {
    /// Whether this is a request of AWS's query protocol, which SageMaker does not speak.
    var isQueryProtocol: Bool {
        guard let type = head.field("content-type") else { return false }
        return type.starts(with: "application/x-www-form-urlencoded".utf8)
    }
}

/// The fields of a form; of repeated ones the last.
private func formFields(_ content: UnsafeRawBufferPointer) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in content.split(separator: UInt8(ascii: "&")) {
        let halves = pair.split(
            separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        fields[decoded(halves[0])] = halves.count > 1 ? decoded(halves[1]) : ""
    }
    return fields
}

private func decoded(_ text: Slice<UnsafeRawBufferPointer>) -> String {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), let value = hexDecoded(rest.prefix(2)), value.count == 1 {
            bytes.append(value[0])
            rest.removeFirst(2)
        } else {
            bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
