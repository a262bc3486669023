/// One profile of the shared credentials and config files.
package struct SharedConfiguration: Sendable {
    /// The profile's name: asked for, else AWS_PROFILE, else `default`.
    package let profile: String
    /// The paths of the credentials file and the config file, existing or not, in this order.
    package let paths: [String]
    /// The settings of the profile in each file, nil where it has none.
    let credentials: [String: String]?
    let config: [String: String]?
    private let services: [String: String]
    private let credentialsFile: INIFile?
    private let configFile: INIFile?

    /// Reads both files.
    /// - Parameters:
    ///   - environment: The process's environment.
    ///   - profile: A profile that the configuration asks for; it must exist.
    /// - Throws: ``SageMakerClientError`` for files that cannot be read or understood, and for a
    ///   profile that was asked for, here or by AWS_PROFILE, and is in none of them.
    package init(
        environment: [String: String], profile: String? = nil,
        read: SharedFileReader = readSharedFile
    ) throws(SageMakerClientError) {
        let named = profile ?? environment.value("AWS_PROFILE")
        let credentialsPath = path(
            environment, variable: "AWS_SHARED_CREDENTIALS_FILE", fallback: "credentials")
        let configPath = path(environment, variable: "AWS_CONFIG_FILE", fallback: "config")
        self.init(
            profile: named ?? "default", paths: [credentialsPath, configPath].compactMap { $0 },
            credentialsFile: try parse(credentialsPath, read),
            configFile: try parse(configPath, read))
        if named != nil, !exists { throw .noProfile(name: self.profile, files: paths) }
    }

    private init(profile: String, paths: [String], credentialsFile: INIFile?, configFile: INIFile?)
    {
        self.profile = profile
        self.paths = paths
        self.credentialsFile = credentialsFile
        self.configFile = configFile
        credentials = credentialsFile?.sections[profile]
        // `[profile default]` goes before `[default]`; any other name needs the word.
        config =
            configFile?.sections["profile \(profile)"]
            ?? (profile == "default" ? configFile?.sections[profile] : nil)
        services = config?["services"].flatMap { configFile?.sections["services \($0)"] } ?? [:]
    }

    private var exists: Bool { credentials != nil || config != nil }

    /// Another profile of the same files.
    /// - Throws: ``SageMakerClientError/noProfile(name:files:)``.
    func other(_ name: String) throws(SageMakerClientError) -> SharedConfiguration {
        let other = SharedConfiguration(
            profile: name, paths: paths, credentialsFile: credentialsFile, configFile: configFile)
        guard other.exists else { throw .noProfile(name: name, files: paths) }
        return other
    }

    /// The settings of `[sso-session NAME]`, or nil where there is none.
    func session(_ name: String) -> [String: String]? {
        configFile?.sections["sso-session \(name)"]
    }

    /// A setting of the profile, or nil where it is missing or empty.
    ///
    /// The credentials file goes before the config file.
    package func value(_ key: String) -> String? { credentials?.value(key) ?? config?.value(key) }

    /// A setting of a service's own section, such as `endpoint_url` for `sagemaker`.
    package func value(_ key: String, ofService service: String) -> String? {
        services.value("\(service).\(key)")
    }
}

extension [String: String] {
    /// The value of a variable or a setting; an empty one counts as missing.
    func value(_ name: String) -> String? {
        guard let value = self[name], !value.isEmpty else { return nil }
        return value
    }

    /// Whether a switch is on: `true` in any case, as the SDKs have it.
    func isOn(_ name: String) -> Bool { self[name]?.lowercased() == "true" }
}

/// The path that a variable names, else the usual one in the home folder; nil without a home.
private func path(
    _ environment: [String: String], variable: String, fallback: String
) -> String? {
    let home = environment.value("HOME")
    guard let named = environment.value(variable) else {
        return home.map { "\($0)/.aws/\(fallback)" }
    }
    guard named.hasPrefix("~/"), let home else { return named }
    return home + named.dropFirst()
}

private func parse(
    _ path: String?, _ read: SharedFileReader
) throws(SageMakerClientError) -> INIFile? {
    guard let path, let bytes = try read(path) else { return nil }
    return try INIFile(parsing: bytes, path: path)
}
