internal import OpenSSLCrypto

/// A place where credentials may be found.
///
/// Web identity, containers, instance metadata, SSO and processes are further places.
package protocol CredentialProvider: Sendable {
    /// Looks the place up anew, as credentials are renewed behind our back.
    /// - Throws: ``SageMakerClientError`` where credentials are given, but not usable.
    func lookUp() throws(SageMakerClientError) -> CredentialLookup
}

/// The answer of one place.
package enum CredentialLookup: Sendable, Equatable {
    case found(Credentials)
    /// Nothing there; where it was looked at, in words for the operator.
    case absent(lookedAt: String)
}

/// The places in the order in which they are asked.
package struct CredentialChain: Sendable {
    private let providers: [any CredentialProvider]

    package init(_ providers: [any CredentialProvider]) { self.providers = providers }

    /// The environment, then the shared files.
    /// - Parameter profile: A profile that the configuration asks for. The environment's keys are
    ///   not looked at then, as in AWS's own tools.
    package init(
        environment: [String: String], profile: String? = nil,
        read: @escaping SharedFileReader = readSharedFile
    ) {
        let shared = SharedCredentials(environment: environment, profile: profile, read: read)
        providers =
            profile == nil ? [EnvironmentCredentials(environment: environment), shared] : [shared]
    }

    /// The credentials of the first place that has some.
    /// - Throws: ``SageMakerClientError``; with all the places when none has any.
    package func credentials() throws(SageMakerClientError) -> Credentials {
        var places: [String] = []
        for provider in providers {
            switch try provider.lookUp() {
            case .found(let credentials): return credentials
            case .absent(let place): places.append(place)
            }
        }
        throw .noCredentials(lookedAt: places)
    }
}

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
package struct EnvironmentCredentials: CredentialProvider {
    private let environment: [String: String]

    package init(environment: [String: String]) { self.environment = environment }

    package func lookUp() throws(SageMakerClientError) -> CredentialLookup {
        let found = try credentials(
            keyID: environment.value("AWS_ACCESS_KEY_ID"),
            secret: environment.value("AWS_SECRET_ACCESS_KEY"),
            token: environment.value("AWS_SESSION_TOKEN"), from: "the environment",
            names: ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
        return found.map(CredentialLookup.found)
            ?? .absent(lookedAt: "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)")
    }
}

/// The keys of a profile in the shared credentials file, else in the config file.
package struct SharedCredentials: CredentialProvider {
    private let environment: [String: String]
    private let profile: String?
    private let read: SharedFileReader

    package init(
        environment: [String: String], profile: String? = nil,
        read: @escaping SharedFileReader = readSharedFile
    ) {
        self.environment = environment
        self.profile = profile
        self.read = read
    }

    package func lookUp() throws(SageMakerClientError) -> CredentialLookup {
        let shared = try SharedConfiguration(
            environment: environment, profile: profile, read: read)
        let source = "profile \(shared.profile)"
        for settings in [shared.credentials, shared.config].compactMap({ $0 }) {
            let found = try credentials(
                keyID: settings.value("aws_access_key_id"),
                secret: settings.value("aws_secret_access_key"),
                token: settings.value("aws_session_token"), from: source,
                names: ("aws_access_key_id", "aws_secret_access_key"))
            if let found { return .found(found) }
        }
        return .absent(lookedAt: "\(source) in \(places(shared))\(unsupported(shared))")
    }

    private func places(_ shared: SharedConfiguration) -> String {
        shared.paths.isEmpty ? "no file, as HOME is not set" : shared.paths.joined(separator: ", ")
    }

    /// Says so where a profile has credentials of a kind that is not read.
    private func unsupported(_ shared: SharedConfiguration) -> String {
        let keys = [
            "role_arn", "web_identity_token_file", "sso_session", "sso_start_url",
            "credential_process", "login_session",
        ]
        guard let key = keys.first(where: { shared.value($0) != nil }) else { return "" }
        return " (its \(key) is not supported)"
    }
}

/// - Returns: Nil where neither part of the pair is given.
private func credentials(
    keyID: String?, secret: String?, token: String?, from source: String,
    names: (keyID: String, secret: String)
) throws(SageMakerClientError) -> Credentials? {
    switch (keyID, secret) {
    case (nil, nil): return nil
    case (nil, _): throw .incompleteCredentials(source: source, missing: names.keyID)
    case (_, nil): throw .incompleteCredentials(source: source, missing: names.secret)
    case (let keyID?, let secret?):
        return try Credentials(
            accessKeyID: keyID, secretAccessKey: Secret(secret),
            sessionToken: token.map(Secret.init(_:)), from: source)
    }
}
