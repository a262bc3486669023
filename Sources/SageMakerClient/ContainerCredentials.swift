internal import HTTPClient

/// Credentials from a container's own service: Amazon ECS, EKS Pod Identity.
///
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else AWS_CONTAINER_CREDENTIALS_FULL_URI.
/// Source: "Container credential provider", AWS SDKs reference guide; botocore's ContainerProvider.
package struct ContainerCredentials: CredentialProvider {
    private let tools: CredentialTools
    private let source = "the container's credentials"

    /// The hosts that plain HTTP may be spoken to, beside those of a loopback address: a token sent
    /// to any other could be read on its way.
    static let plainHosts: Set<String> = [
        "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost",
    ]
    /// Source: botocore's ContainerMetadataFetcher.
    static let attempts = 3
    static let timeout = Duration.seconds(2)
    static let pause = Duration.seconds(1)

    package init(_ tools: CredentialTools) { self.tools = tools }

    package func lookUp() throws(SageMakerClientError) -> CredentialLookup {
        guard let url = try url() else {
            return .absent(lookedAt: "\(source) (AWS_CONTAINER_CREDENTIALS_FULL_URI)")
        }
        let token = try authorization()
        var fields = [(name: "Accept", value: "application/json")]
        if let token { fields.append(("Authorization", token)) }
        var reason = ""
        for attempt in 1...Self.attempts {
            let result = tools.send(
                ClientRequest(.get, url, fields: fields, timeout: Self.timeout))
            switch result {
            case .success(let reply) where reply.status == 200:
                let answer = try CredentialReply(reply.content, tokenName: "Token", from: source)
                let end = answer.expiresAt.map { ownTime(of: $0, in: reply, at: tools.clock()) }
                return .found(
                    ResolvedCredentials(answer.credentials, expiresAt: end, provider: source))
            case .success(let reply): reason = failureText(reply)
            case .failure(let error): reason = "\(error)"
            }
            if attempt < Self.attempts { tools.pause(Self.pause) }
        }
        throw .credentialsUnavailable(source: source, reason: reason)
    }

    private func url() throws(SageMakerClientError) -> String? {
        if let path = tools.environment.value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/") else {
                throw refusal("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with a slash")
            }
            return "http://169.254.170.2\(path)"
        }
        let variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        guard let url = tools.environment.value(variable) else { return nil }
        let lower = url.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else {
            throw refusal("\(variable) must be an http or https URL")
        }
        // Parsers differ over what a backslash ends, and so over which host it is.
        let authority =
            lower.contains("\\")
            ? ""
            : lower.dropFirst(scheme.count).prefix {
                !"/?#".contains($0)
            }
        guard let (host, _) = hostAndPort(of: String(authority)) else {
            throw refusal("\(variable) must name a host and no user")
        }
        guard scheme == "https://" || Self.isPlainHost(host) else {
            throw refusal(
                "\(variable) must be https, or http to loopback or to a container service's "
                    + "address (169.254.170.2, 169.254.170.23, [fd00:ec2::23])")
        }
        return url
    }

    static func isPlainHost(_ host: String) -> Bool {
        if plainHosts.contains(host) || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { (number($0.utf8.prefix(4)) ?? 256) < 256 }
    }

    /// The value of Authorization, read anew each time, as Kubernetes renews the file.
    private func authorization() throws(SageMakerClientError) -> String? {
        let environment = tools.environment
        guard let path = environment.value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
            return try environment.value("AWS_CONTAINER_AUTHORIZATION_TOKEN").map {
                text throws(SageMakerClientError) in
                try sendable(text, "AWS_CONTAINER_AUTHORIZATION_TOKEN")
            }
        }
        return try sendable(
            try tokenText(path, source: source, read: tools.read), "the token in \(path)")
    }

    /// A token with a line break would add fields of its own to the request.
    private func sendable(_ token: String, _ what: String) throws(SageMakerClientError) -> String {
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw refusal("\(what) must be one line of visible ASCII")
        }
        return token
    }

    private func refusal(_ reason: String) -> SageMakerClientError {
        .credentialsUnavailable(source: source, reason: reason)
    }
}

/// The text of a token's file without the line break at its end.
func tokenText(
    _ path: String, source: String, read: SharedFileReader
) throws(SageMakerClientError) -> String {
    guard var bytes = try read(path) else {
        throw .credentialsUnavailable(source: source, reason: "\(path) does not exist")
    }
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.last == 0x0D { bytes.removeLast() }
    guard !bytes.isEmpty, bytes.count <= SageMakerClientLimits.credentialReplyBytesMax,
        let text = String(validating: bytes, as: UTF8.self)
    else {
        throw .credentialsUnavailable(source: source, reason: "\(path) holds no token")
    }
    return text
}
