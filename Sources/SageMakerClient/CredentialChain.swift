internal import OpenSSLCrypto

/// The places of credentials in the order in which they are asked, the one of botocore.
package struct CredentialChain: Sendable {
    private let providers: [any CredentialProvider]
    /// Seconds since 1970.
    private let clock: @Sendable () -> Int64

    /// The environment, a profile's role, a web identity, the rest of the profile, the container and
    /// the instance.
    /// - Parameter profile: A profile that the configuration asks for. The environment's keys and
    ///   web identity are not looked at then, as in AWS's own tools.
    package init(_ tools: CredentialTools, profile: String? = nil) {
        let shared = ProfileCredentials(tools, profile: profile)
        var providers: [any CredentialProvider] = []
        if profile == nil {
            providers.append(EnvironmentCredentials(environment: tools.environment))
        }
        providers.append(shared.role)
        if profile == nil { providers.append(WebIdentityCredentials(tools)) }
        self.providers =
            providers + [shared, ContainerCredentials(tools), InstanceCredentials(tools)]
        clock = tools.clock
    }

    /// The credentials of the first place that has some, with what is known of them.
    /// - Throws: ``SageMakerClientError``; with all the places when none has any. Credentials that
    ///   have ended are none, and no further place is asked then.
    package func resolve() throws(SageMakerClientError) -> ResolvedCredentials {
        var places: [String] = []
        for provider in providers {
            switch try provider.lookUp() {
            case .found(let found): return try found.valid(at: clock())
            case .absent(let place): if !place.isEmpty { places.append(place) }
            }
        }
        throw .noCredentials(lookedAt: places)
    }

    /// The credentials of the first place that has some.
    package func credentials() throws(SageMakerClientError) -> Credentials {
        try resolve().credentials
    }
}

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
package struct EnvironmentCredentials: CredentialProvider {
    private let environment: [String: String]

    package init(environment: [String: String]) { self.environment = environment }

    package func lookUp() throws(SageMakerClientError) -> CredentialLookup {
        let source = "the environment"
        let found = try staticCredentials(
            keyID: environment.value("AWS_ACCESS_KEY_ID"),
            secret: environment.value("AWS_SECRET_ACCESS_KEY"),
            token: environment.value("AWS_SESSION_TOKEN"), from: source,
            names: ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
        guard let found else {
            return .absent(lookedAt: "\(source) (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)")
        }
        return .found(ResolvedCredentials(found, provider: source))
    }
}

/// - Returns: Nil where neither part of the pair is given.
func staticCredentials(
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
