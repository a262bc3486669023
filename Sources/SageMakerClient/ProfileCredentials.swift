internal import OpenSSLCrypto

/// What a profile of the shared credentials and config files gives: a role, a web identity, an SSO
/// session, keys or a process.
///
/// The files are read at each look-up.
package struct ProfileCredentials: CredentialProvider {
    private let tools: CredentialTools
    private let profile: String?

    package init(_ tools: CredentialTools, profile: String? = nil) {
        self.tools = tools
        self.profile = profile
    }

    /// The profile's role alone, which goes before a web identity of the environment.
    var role: any CredentialProvider { ProfileRole(profile: self) }

    package func lookUp() throws(SageMakerClientError) -> CredentialLookup {
        let shared = try shared()
        if let found = try Resolution(tools).credentials(of: shared, visited: []) {
            return .found(found)
        }
        return .absent(lookedAt: "profile \(shared.profile) in \(places(shared))")
    }

    private func shared() throws(SageMakerClientError) -> SharedConfiguration {
        try SharedConfiguration(
            environment: tools.environment, profile: profile, read: tools.read)
    }

    private func places(_ shared: SharedConfiguration) -> String {
        shared.paths.isEmpty ? "no file, as HOME is not set" : shared.paths.joined(separator: ", ")
    }

    private struct ProfileRole: CredentialProvider {
        let profile: ProfileCredentials

        func lookUp() throws(SageMakerClientError) -> CredentialLookup {
            let shared = try profile.shared()
            guard shared.assumesRole else { return .absent(lookedAt: "") }
            let found = try Resolution(profile.tools).credentials(of: shared, visited: [])
            return found.map(CredentialLookup.found) ?? .absent(lookedAt: "")
        }
    }
}

extension SharedConfiguration {
    /// Whether the profile's credentials are those of a role that others assume.
    fileprivate var assumesRole: Bool {
        value("role_arn") != nil && value("web_identity_token_file") == nil
    }
}

/// One look-up through profiles that refer to each other.
private struct Resolution {
    let tools: CredentialTools

    init(_ tools: CredentialTools) { self.tools = tools }

    /// - Parameter visited: The profiles that lead here.
    /// - Returns: Nil for a profile without credentials of any kind.
    func credentials(
        of shared: SharedConfiguration, visited: [String]
    ) throws(SageMakerClientError) -> ResolvedCredentials? {
        if shared.assumesRole { return try assumedRole(shared, visited: visited) }
        if let path = shared.value("web_identity_token_file") {
            return try webIdentityCredentials(
                try role(shared), tokenFile: path, tools, shared: shared,
                source: "the web identity of \(name(shared))")
        }
        if let found = try SSOSession(tools, shared)?.credentials() { return found }
        if let found = try keys(shared.credentials, of: shared) { return found }
        if let command = shared.value("credential_process") {
            return try processCredentials(command, of: name(shared), tools)
        }
        if let found = try keys(shared.config, of: shared) { return found }
        guard shared.value("login_session") == nil else {
            throw .unusableProfile(
                name: shared.profile, reason: "login_session is not supported")
        }
        return nil
    }

    private func name(_ shared: SharedConfiguration) -> String { "profile \(shared.profile)" }

    private func keys(
        _ settings: [String: String]?, of shared: SharedConfiguration
    ) throws(SageMakerClientError) -> ResolvedCredentials? {
        guard let settings else { return nil }
        return try staticCredentials(
            keyID: settings.value("aws_access_key_id"),
            secret: settings.value("aws_secret_access_key"),
            token: settings.value("aws_session_token"), from: name(shared),
            names: ("aws_access_key_id", "aws_secret_access_key")
        ).map { ResolvedCredentials($0, provider: name(shared)) }
    }

    private func role(_ shared: SharedConfiguration) throws(SageMakerClientError) -> RoleRequest {
        guard let arn = shared.value("role_arn") else {
            throw .unusableProfile(name: shared.profile, reason: "role_arn is missing")
        }
        var role = RoleRequest(roleARN: arn)
        if let name = shared.value("role_session_name") { role.sessionName = name }
        role.externalID = shared.value("external_id")
        if let text = shared.value("duration_seconds") { role.duration = Int(text) ?? 0 }
        if let fault = role.fault { throw .unusableProfile(name: shared.profile, reason: fault) }
        guard shared.value("mfa_serial") == nil else {
            throw .unusableProfile(
                name: shared.profile, reason: "mfa_serial needs a person, and a server has none")
        }
        return role
    }

    private func assumedRole(
        _ shared: SharedConfiguration, visited: [String]
    ) throws(SageMakerClientError) -> ResolvedCredentials {
        let role = try role(shared)
        let source = try source(of: shared, visited: visited + [shared.profile])
        let service = try SecurityTokenService(tools, shared: shared)
        return try service.assume(
            role, with: source.credentials,
            provider: "role \(role.roleARN) of \(name(shared)), assumed with \(source.provider)")
    }

    /// Who assumes a profile's role.
    private func source(
        of shared: SharedConfiguration, visited: [String]
    ) throws(SageMakerClientError) -> ResolvedCredentials {
        switch (shared.value("source_profile"), shared.value("credential_source")) {
        case (let name?, nil): return try sourceProfile(name, of: shared, visited: visited)
        case (nil, let word?): return try namedSource(word, of: shared)
        default:
            throw .unusableProfile(
                name: shared.profile,
                reason: "role_arn needs one of source_profile and credential_source")
        }
    }

    private func sourceProfile(
        _ name: String, of shared: SharedConfiguration, visited: [String]
    ) throws(SageMakerClientError) -> ResolvedCredentials {
        let other = try shared.other(name)
        // A profile may name itself where it has keys of its own, to assume its role with them.
        if name == shared.profile || !other.assumesRole {
            if let own = try keys(other.credentials, of: other) { return own }
            if let own = try keys(other.config, of: other) { return own }
        }
        guard !visited.contains(name), visited.count < SageMakerClientLimits.sourceProfilesMax
        else {
            throw .unusableProfile(
                name: shared.profile,
                reason: "source_profile leads in a circle: "
                    + (visited + [name]).joined(separator: " → "))
        }
        guard let found = try credentials(of: other, visited: visited) else {
            throw .unusableProfile(
                name: shared.profile, reason: "its source_profile \(name) has no credentials")
        }
        return found
    }

    private func namedSource(
        _ word: String, of shared: SharedConfiguration
    ) throws(SageMakerClientError) -> ResolvedCredentials {
        let provider: any CredentialProvider
        switch word {
        case "Environment": provider = EnvironmentCredentials(environment: tools.environment)
        case "EcsContainer": provider = ContainerCredentials(tools)
        case "Ec2InstanceMetadata": provider = InstanceCredentials(tools)
        default:
            throw .unusableProfile(
                name: shared.profile,
                reason: "expected credential_source as Environment, EcsContainer or "
                    + "Ec2InstanceMetadata")
        }
        switch try provider.lookUp() {
        case .found(let found): return found
        case .absent(let place):
            throw .unusableProfile(
                name: shared.profile, reason: "its credential_source has none: \(place)")
        }
    }
}
