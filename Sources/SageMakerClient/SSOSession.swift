internal import HTTPClient
internal import JSON
internal import OpenSSLCrypto

/// A person's session of IAM Identity Center, as `aws sso login` leaves it in its token cache.
///
/// The token is only read: renewing it is the login's.
struct SSOSession {
    private let tools: CredentialTools
    private let shared: SharedConfiguration
    private let region: String
    private let accountID: String
    private let roleName: String
    /// What the cache's file is named by: the session's name, or the start URL of older profiles.
    private let cacheKey: String

    /// Nil for a profile without SSO.
    init?(_ tools: CredentialTools, _ shared: SharedConfiguration) throws(SageMakerClientError) {
        let session = shared.value("sso_session")
        guard session != nil || shared.value("sso_start_url") != nil else { return nil }
        func refusal(_ reason: String) -> SageMakerClientError {
            .unusableProfile(name: shared.profile, reason: reason)
        }
        var settings: [String: String] = [:]
        if let session {
            guard let found = shared.session(session) else {
                throw refusal("there is no [sso-session \(session)]")
            }
            settings = found
        }
        guard let region = settings.value("sso_region") ?? shared.value("sso_region"),
            isRegion(region)
        else { throw refusal("sso_region is missing or is no region") }
        guard let startURL = settings.value("sso_start_url") ?? shared.value("sso_start_url") else {
            throw refusal("sso_start_url is missing")
        }
        guard let account = shared.value("sso_account_id"), let role = shared.value("sso_role_name")
        else { throw refusal("sso_account_id and sso_role_name are needed") }
        self.tools = tools
        self.shared = shared
        self.region = region
        accountID = account
        roleName = role
        cacheKey = session ?? startURL
    }

    private var source: String { "the SSO session of profile \(shared.profile)" }

    func credentials() throws(SageMakerClientError) -> ResolvedCredentials {
        let token = try accessToken()
        let resolver = try EndpointResolver(
            configured: nil, environment: tools.environment, shared: shared, service: .sso)
        let endpoint = try resolver.endpoint(region: region)
        let query =
            "role_name=\(percentEncoded(Array(roleName.utf8), keepingSlashes: false))"
            + "&account_id=\(percentEncoded(Array(accountID.utf8), keepingSlashes: false))"
        var request = ClientRequest(
            .get, "\(endpoint.url)federation/credentials?\(query)",
            fields: [("x-amz-sso_bearer_token", token)], timeout: SecurityTokenService.timeout)
        request.proxy = ProxySettings(environment: tools.environment).proxy(for: request.url)
        request.certificateAuthorities = certificateAuthorities(
            environment: tools.environment, shared: shared)
        switch tools.send(request) {
        case .success(let reply) where reply.status == 200: return try read(reply.content)
        case .success(let reply):
            throw .credentialsUnavailable(source: source, reason: failureText(reply))
        case .failure(let error):
            throw .credentialsUnavailable(source: source, reason: "\(error)")
        }
    }

    private func read(_ content: [UInt8]) throws(SageMakerClientError) -> ResolvedCredentials {
        let root = try credentialJSON(content, from: source)
        guard let found = root["roleCredentials"], let keyID = found["accessKeyId"]?.string,
            let secret = found["secretAccessKey"]?.string,
            let token = found["sessionToken"]?.string, let milliseconds = found["expiration"]?.int
        else {
            throw .credentialsUnavailable(
                source: source, reason: "the reply has no complete roleCredentials")
        }
        let credentials = try Credentials(
            accessKeyID: keyID, secretAccessKey: Secret(secret), sessionToken: Secret(token),
            from: source)
        return ResolvedCredentials(credentials, expiresAt: milliseconds / 1000, provider: source)
    }

    /// The token that the login has left, as long as it is valid.
    private func accessToken() throws(SageMakerClientError) -> String {
        let login = "; run aws sso login --profile \(shared.profile)"
        guard let home = tools.environment.value("HOME") else {
            throw .credentialsUnavailable(source: source, reason: "HOME is not set")
        }
        let path = "\(home)/.aws/sso/cache/\(hexEncoded(digest(.sha1, Array(cacheKey.utf8)))).json"
        guard let content = try tools.read(path) else {
            throw .credentialsUnavailable(source: source, reason: "nobody has logged in\(login)")
        }
        let root = try credentialJSON(content, from: path)
        guard let token = root["accessToken"]?.string, !token.isEmpty,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let expiresAt = root["expiresAt"]?.string.flatMap(secondsSince1970(timestamp:))
        else {
            throw .credentialsUnavailable(source: source, reason: "\(path) has no usable token")
        }
        guard expiresAt > tools.clock() else {
            throw .credentialsUnavailable(source: source, reason: "its token has expired\(login)")
        }
        return token
    }
}
