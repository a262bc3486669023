internal import HTTPClient
internal import JSON
internal import OpenSSLCrypto
internal import SageMakerAPI

/// A person's session of IAM Identity Center, as `aws sso login` leaves it in its token cache.
///
/// A session's token is renewed as AWS's own tools do, with what the login has left beside it.
struct SSOSession {
    private let tools: CredentialTools
    private let shared: SharedConfiguration
    private let region: String
    private let accountID: String
    private let roleName: String
    /// What the cache's file is named by: the session's name, or the start URL of older profiles.
    private let cacheKey: String
    /// Whether the profile names a session, whose tokens can be renewed.
    private let hasSession: Bool

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
        hasSession = session != nil
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
        case .success(let reply) where reply.status == 200: return try read(reply)
        case .success(let reply):
            throw .credentialsUnavailable(source: source, reason: failureText(reply))
        case .failure(let error):
            throw .credentialsUnavailable(source: source, reason: "\(error)")
        }
    }

    private func read(_ reply: ClientReply) throws(SageMakerClientError) -> ResolvedCredentials {
        let root = try credentialJSON(reply.content, from: source)
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
        let end = ownTime(of: milliseconds / 1000, in: reply, at: tools.clock())
        return ResolvedCredentials(credentials, expiresAt: end, provider: source)
    }

    /// A token that is valid: the one that the login has left, renewed where its time is up or nearly so.
    private func accessToken() throws(SageMakerClientError) -> String {
        guard let home = tools.environment.value("HOME") else {
            throw .credentialsUnavailable(source: source, reason: "HOME is not set")
        }
        let path = "\(home)/.aws/sso/cache/\(hexEncoded(digest(.sha1, Array(cacheKey.utf8)))).json"
        guard let content = try tools.read(path) else {
            throw refusal("nobody has logged in")
        }
        let cached = try SSOToken(content, path: path, source: source)
        let now = tools.clock()
        guard cached.expiresAt - now <= SageMakerClientLimits.refreshAhead else {
            return cached.accessToken
        }
        let isUsable = cached.expiresAt > now
        // Without a session's name there is nothing to renew with, as older logins ask a person again.
        guard hasSession else {
            if isUsable { return cached.accessToken }
            throw refusal("its token has expired")
        }
        do {
            return try renewed(cached, path)
        } catch {
            if isUsable { return cached.accessToken }
            throw error
        }
    }

    private func refusal(_ reason: String) -> SageMakerClientError {
        .credentialsUnavailable(
            source: source, reason: "\(reason); run aws sso login --profile \(shared.profile)")
    }

    /// Asks for a newer token with the refresh token and the client that the login has registered, and
    /// keeps it where the login would.
    private func renewed(
        _ cached: SSOToken, _ path: String
    ) throws(SageMakerClientError) -> String {
        let now = tools.clock()
        guard let renewal = cached.renewal else {
            throw refusal("its token has expired, and the login left nothing to renew it with")
        }
        guard renewal.registrationEndsAt > now else {
            throw refusal("its token has expired, and so has the client that the login registered")
        }
        let resolver = try EndpointResolver(
            configured: nil, environment: tools.environment, shared: shared, service: .ssoOIDC)
        var request = ClientRequest(
            .post, "\(try resolver.endpoint(region: region).url)token",
            fields: [("Content-Type", "application/json")], timeout: SecurityTokenService.timeout)
        request.content = renewal.request
        request.proxy = ProxySettings(environment: tools.environment).proxy(for: request.url)
        request.certificateAuthorities = certificateAuthorities(
            environment: tools.environment, shared: shared)
        switch tools.send(request) {
        case .success(let reply) where reply.status == 200:
            let renewed = try cached.renewed(by: reply.content, at: now, source: source)
            // A file system that cannot be written to costs a request each time, and no credentials.
            try? tools.write(path, renewed.file)
            return renewed.accessToken
        case .success(let reply):
            let reason = "its token has expired and is not renewed: \(failureText(reply))"
            // The service has said no, and a person is needed; else it may answer later.
            if (400..<500).contains(reply.status) { throw refusal(reason) }
            throw .credentialsUnavailable(source: source, reason: reason)
        case .failure(let error):
            throw .credentialsUnavailable(
                source: source, reason: "its token has expired and is not renewed: \(error)")
        }
    }
}
