internal import HTTPClient
internal import OpenSSLCrypto
internal import SageMakerAPI

/// A role that is to be assumed.
package struct RoleRequest: Sendable, Equatable, Hashable {
    package var roleARN: String
    /// 2 to 64 of A-Z, a-z, 0-9 and `_+=,.@-`; names the session in CloudTrail.
    package var sessionName = "hookline"
    package var externalID: String?
    /// How long the credentials are to be valid, in seconds: 900 to 43,200.
    package var duration = SageMakerClientLimits.roleDuration

    package init(roleARN: String) { self.roleARN = roleARN }

    /// All that a role's settings have wrong.
    /// Source: STS API_AssumeRole.
    var fault: String? {
        if !isRoleARN(roleARN) { return "expected role_arn as arn:aws:iam::123456789012:role/NAME" }
        let name = sessionName.utf8
        guard (2...64).contains(name.count), name.allSatisfy({ $0.isWordByte(or: "_+=,.@-") })
        else {
            return "expected a role_session_name of 2 to 64 letters, digits and _+=,.@-"
        }
        if let externalID {
            let id = externalID.utf8
            guard (2...1224).contains(id.count), id.allSatisfy({ $0.isWordByte(or: "_+=,.@:/-") })
            else { return "expected an external_id of 2 to 1224 letters, digits and _+=,.@:/-" }
        }
        return (900...43_200).contains(duration) ? nil : "expected a duration of 900 to 43200 s"
    }
}

/// Whether a text names a role: the form of the model's RoleArn.
package func isRoleARN(_ text: String) -> Bool {
    StartPipelineExecution.input.member("RoleArn")?.shape.violations(inText: text).isEmpty ?? false
}

/// Turns roles and web identities into credentials.
///
/// AWS's query protocol, version 2011-06-15, with its XML replies.
struct SecurityTokenService {
    private let tools: CredentialTools
    private let endpoint: Endpoint
    private let region: String
    private let authorities: String?

    static let attempts = 3
    static let timeout = Duration.seconds(10)

    init(_ tools: CredentialTools, shared: SharedConfiguration?) throws(SageMakerClientError) {
        self.tools = tools
        authorities = certificateAuthorities(environment: tools.environment, shared: shared)
        let resolver = try EndpointResolver(
            configured: nil, environment: tools.environment, shared: shared, service: .sts)
        // Without a region there is the global service, which signs for us-east-1.
        if let region = tools.region {
            self.region = region
            endpoint = try resolver.endpoint(region: region)
        } else {
            region = "us-east-1"
            endpoint = resolver.custom ?? Endpoint(awsHost: "sts.amazonaws.com")
        }
    }

    /// - Parameter source: Who may assume the role.
    func assume(
        _ role: RoleRequest, with source: Credentials, provider: String
    ) throws(SageMakerClientError) -> ResolvedCredentials {
        var form = [
            ("Action", "AssumeRole"), ("Version", "2011-06-15"), ("RoleArn", role.roleARN),
            ("RoleSessionName", role.sessionName), ("DurationSeconds", String(role.duration)),
        ]
        if let id = role.externalID { form.append(("ExternalId", id)) }
        return try credentials(form, signedWith: source, provider: provider)
    }

    /// - Parameter token: The identity provider's token; the request is not signed.
    func assume(
        _ role: RoleRequest, webIdentity token: String, provider: String
    ) throws(SageMakerClientError) -> ResolvedCredentials {
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"),
            ("RoleArn", role.roleARN), ("RoleSessionName", role.sessionName),
            ("WebIdentityToken", token),
        ]
        return try credentials(form, signedWith: nil, provider: provider)
    }

    private func credentials(
        _ form: [(String, String)], signedWith signer: Credentials?, provider: String
    ) throws(SageMakerClientError) -> ResolvedCredentials {
        let body = Array(
            form.map { "\($0)=\(formEncoded($1))" }.joined(separator: "&").utf8)
        var reason = ""
        // Learnt each time: it costs a request an hour, and the clock may have been set since.
        var clockOffset: Int64 = 0
        for attempt in 1...Self.attempts {
            switch tools.send(
                request(body, signedWith: signer, at: tools.clock() &+ clockOffset))
            {
            case .success(let reply) where reply.status == 200:
                return try read(reply, provider: provider)
            case .success(let reply):
                reason = failureText(reply)
                let service = ServiceReply(reply)
                if signer != nil, fault(of: service) == .clock,
                    let offset = serviceClockOffset(of: service, at: tools.clock())
                {
                    clockOffset = offset
                } else if !isWorthAnother(service) {
                    throw .credentialsUnavailable(source: provider, reason: reason)
                }
            case .failure(let error): reason = "\(error)"
            }
            // 50 ms and 100 ms at most: whoever waits for credentials tries again later anyway.
            if attempt < Self.attempts { tools.pause(.milliseconds(50 * attempt)) }
        }
        throw .credentialsUnavailable(source: provider, reason: reason)
    }

    private func isWorthAnother(_ reply: ServiceReply) -> Bool {
        // The identity provider did not answer AWS: botocore tries again, too.
        if ServiceError(reply).code == "IDPCommunicationError" { return true }
        let fault = fault(of: reply)
        return fault == .throttling || fault == .service
    }

    private func fault(of reply: ServiceReply) -> ServiceFault {
        let error = ServiceError(reply)
        return ServiceFault(
            status: reply.status, code: error.code, message: error.message,
            isFromService: error.isFromService)
    }

    /// - Parameter epochSeconds: The signature's date, in seconds since 1970.
    private func request(
        _ body: [UInt8], signedWith signer: Credentials?, at epochSeconds: Int64
    ) -> ClientRequest {
        var fields = [
            (name: "Host", value: endpoint.host),
            (name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8"),
        ]
        if let signer {
            var keys = SigningKeys()
            fields += SigV4.sign(
                SignableRequest(method: "POST", path: endpoint.path, fields: fields),
                contentHash: hexEncoded(sha256(body)), credentials: signer, region: region,
                service: "sts", at: SigningTime(epochSeconds: epochSeconds), keys: &keys)
        }
        var request = ClientRequest(
            .post, endpoint.url, fields: fields, timeout: Self.timeout)
        request.content = body
        request.proxy = ProxySettings(environment: tools.environment).proxy(for: request.url)
        request.certificateAuthorities = authorities
        return request
    }

    private func read(
        _ reply: ClientReply, provider: String
    ) throws(SageMakerClientError) -> ResolvedCredentials {
        let content = reply.content
        guard let keyID = xmlText("AccessKeyId", in: content),
            let secret = xmlText("SecretAccessKey", in: content),
            let token = xmlText("SessionToken", in: content),
            let end = xmlText("Expiration", in: content)
                .flatMap(secondsSince1970(timestamp:))
        else {
            throw .credentialsUnavailable(
                source: provider, reason: "the reply of STS has no complete Credentials")
        }
        let credentials = try Credentials(
            accessKeyID: keyID, secretAccessKey: Secret(secret), sessionToken: Secret(token),
            from: provider)
        return ResolvedCredentials(
            credentials, expiresAt: ownTime(of: end, in: reply, at: tools.clock()),
            provider: provider)
    }
}

/// A text within a form, `application/x-www-form-urlencoded`, with `%20` for a space.
private func formEncoded(_ text: String) -> String {
    percentEncoded(Array(text.utf8), keepingSlashes: false)
}

extension UInt8 {
    /// A letter, a digit, or one of the others.
    fileprivate func isWordByte(or others: String) -> Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: others.utf8.contains(self)
        }
    }
}
