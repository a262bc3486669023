internal import HTTPClient
internal import JSON
internal import SageMakerAPI

/// Credentials and region from the instance metadata service of Amazon EC2, version 2 alone: version 1
/// answers whoever can make this machine send a request.
///
/// Source: "Use the Instance Metadata Service", Amazon EC2 user guide; botocore's InstanceMetadataFetcher.
package struct InstanceCredentials: CredentialProvider {
    private let tools: CredentialTools
    private let source = "the instance metadata service"

    package init(_ tools: CredentialTools) { self.tools = tools }

    package func lookUp() throws(SageMakerClientError) -> CredentialLookup {
        guard let session = try Session(tools) else {
            return .absent(lookedAt: "\(source) (no answer, or AWS_EC2_METADATA_DISABLED)")
        }
        let folder = "latest/meta-data/iam/security-credentials/"
        guard let list = try session.text(folder) else {
            return .absent(lookedAt: "\(source) (the instance has no role)")
        }
        let role = String(list.prefix { $0 != "\n" && $0 != "\r" })
        guard !role.isEmpty, role.utf8.allSatisfy(\.isRoleNameByte) else {
            throw .credentialsUnavailable(source: source, reason: "expected the name of a role")
        }
        guard let content = try session.content(folder + role) else {
            throw .credentialsUnavailable(source: source, reason: "no credentials for its role")
        }
        let reply = try CredentialReply(content, tokenName: "Token", from: source)
        return .found(
            ResolvedCredentials(
                reply.credentials, expiresAt: reply.expiresAt, provider: "\(source), role \(role)",
                outlivesOutage: true))
    }

    /// The instance's region, or nil where there is no service.
    package func region() -> String? {
        guard let session = try? Session(tools) else { return nil }
        guard let region = try? session.text("latest/meta-data/placement/region"),
            isRegion(region)
        else { return nil }
        return region
    }

    /// A conversation with the service under one of its tokens.
    private struct Session {
        private let tools: CredentialTools
        private let base: String
        private let token: String
        private let timeout: Duration
        private let attempts: Int

        /// Nil where the service is switched off, or nobody answers.
        init?(_ tools: CredentialTools) throws(SageMakerClientError) {
            let environment = tools.environment
            if environment.isOn("AWS_EC2_METADATA_DISABLED") { return nil }
            self.tools = tools
            base = try Self.endpoint(environment)
            timeout = .seconds(
                Self.number(environment, "AWS_METADATA_SERVICE_TIMEOUT", in: 1...60) ?? 1)
            attempts =
                Self.number(environment, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", in: 1...10) ?? 1
            let field = (name: "X-aws-ec2-metadata-token-ttl-seconds", value: "21600")
            let result = Self.send(
                .put, base + "latest/api/token", [field], tools, timeout, attempts)
            guard case .success(let reply) = result, reply.status == 200,
                let token = String(validating: reply.content, as: UTF8.self), !token.isEmpty,
                token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { return nil }
            self.token = token
        }

        /// Nil for what is not there.
        func content(_ path: String) throws(SageMakerClientError) -> [UInt8]? {
            let field = (name: "X-aws-ec2-metadata-token", value: token)
            switch Self.send(.get, base + path, [field], tools, timeout, attempts) {
            case .success(let reply) where reply.status == 200: return reply.content
            case .success(let reply) where reply.status == 404: return nil
            case .success(let reply):
                throw .credentialsUnavailable(
                    source: "the instance metadata service", reason: "HTTP \(reply.status)")
            case .failure(let error):
                throw .credentialsUnavailable(
                    source: "the instance metadata service", reason: "\(error)")
            }
        }

        func text(_ path: String) throws(SageMakerClientError) -> String? {
            try content(path).flatMap { String(validating: $0, as: UTF8.self) }
        }

        private static func send(
            _ method: ClientRequest.Method, _ url: String,
            _ fields: [(name: String, value: String)], _ tools: CredentialTools,
            _ timeout: Duration, _ attempts: Int
        ) -> Result<ClientReply, ClientError> {
            var result = Result<ClientReply, ClientError>.failure(.timedOut)
            for _ in 1...attempts {
                result = tools.send(
                    ClientRequest(method, url, fields: fields, timeout: timeout))
                if case .success(let reply) = result, reply.status < 500 { break }
            }
            return result
        }

        /// The service's address, ending in a slash.
        private static func endpoint(
            _ environment: [String: String]
        ) throws(SageMakerClientError) -> String {
            let variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
            if let url = environment.value(variable) {
                return try Endpoint(url, from: variable).url
            }
            let mode = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased()
            return mode == "ipv6" ? "http://[fd00:ec2::254]/" : "http://169.254.169.254/"
        }

        private static func number(
            _ environment: [String: String], _ name: String, in range: ClosedRange<Int>
        ) -> Int? {
            guard let number = environment[name].flatMap(Int.init), range.contains(number) else {
                return nil
            }
            return number
        }
    }
}

extension UInt8 {
    /// What a role's name consists of (IAM API_Role), which becomes a part of a path.
    fileprivate var isRoleNameByte: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_+=,.@-".utf8.contains(self)
        }
    }
}
