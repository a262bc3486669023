import EventPoll
import Foundation
import HTTPClient
import HTTPServer
import Intake
import Journal
import OpenSSLCrypto
import Outbound
import Rules
import SageMakerClient

/// A configuration with its rules, ready to run.
struct LoadedConfiguration {
    let settings: GatewaySettings
    /// What an operator should know though it is no error.
    let warnings: [String]
}

/// The configuration file and what it refers to.
struct ConfigurationFile {
    let path: String

    /// Reads the configuration and the rules, and checks all of it.
    /// - Parameters:
    ///   - environment: Where `env:` references and AWS's own variables are looked up.
    ///   - needsSecrets: False to go on without the secrets' values.
    /// - Throws: ``RulesError`` with every problem, or ``SageMakerClientError`` for AWS's own files.
    func load(
        environment: [String: String], needsSecrets: Bool = true
    ) throws -> LoadedConfiguration {
        let problems = ProblemList()
        let configuration = try decode(environment, needsSecrets: needsSecrets, problems)
        let rules = readRules(configuration, problems)
        check(rules, against: configuration, problems)
        try problems.throwIfAny()
        return LoadedConfiguration(
            settings: try settings(configuration, rules, environment),
            warnings: configuration.warnings)
    }

    private var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[...slash])
    }

    private func decode(
        _ environment: [String: String], needsSecrets: Bool, _ problems: ProblemList
    ) throws(RulesError) -> Configuration {
        let secrets = SecretReader(
            environment: environment, folder: folder, isNeeded: needsSecrets, problems: problems)
        let decoder = ConfigurationDecoder(problems: problems, secrets: secrets, folder: folder)
        return decoder.decode(try readFile(path), name: path)
    }

    private func readRules(
        _ configuration: Configuration, _ problems: ProblemList
    ) -> [Rule] {
        var paths: [String] = []
        for pattern in configuration.rulePatterns {
            let found = expand(pattern.pattern)
            if found.isEmpty, !hasWildcard(pattern.pattern) {
                problems.report(
                    pattern.place, "the rule file \(printable(pattern.pattern)) does not exist")
            }
            for path in found where !paths.contains(path) { paths.append(path) }
        }
        var files: [RuleFile] = []
        for path in paths {
            do throws(RulesError) {
                files.append(RuleFile(try readFile(path), name: path, problems: problems))
            } catch {
                let place = Place(file: SourceFile(name: path, text: ""))
                problems.report(place, "the rule file cannot be read")
            }
        }
        RuleFile.check(files, problems)
        return files.flatMap(\.rules)
    }

    /// What rules and configuration have against each other.
    private func check(
        _ rules: [Rule], against configuration: Configuration, _ problems: ProblemList
    ) {
        let names = configuration.sources.map(\.name).sorted()
        let policy = AddressPolicy(allowed: configuration.callbacks.allowNetworks)
        for rule in rules {
            for source in rule.sources ?? [] where !names.contains(source.text) {
                problems.report(
                    source.place,
                    "there is no source \"\(printable(source.text))\""
                        + suggestion(for: source.text, among: names))
            }
            guard let callback = rule.callback, let place = rule.callbackPlace else { continue }
            if configuration.callbacks.keys.isEmpty {
                problems.report(
                    place, "a callback is signed: callbacks.signingSecrets must have a secret")
            }
            if let url = try? CallbackURL(callback.url), let address = IPAddress(url.host),
                !policy.permits(address)
            {
                let purpose = AddressPolicy.purpose(of: address) ?? "refused"
                problems.report(
                    place,
                    "callbacks to \(address) are refused (\(purpose)); callbacks.allowNetworks can "
                        + "allow its network")
            }
        }
    }

    private func settings(
        _ configuration: Configuration, _ rules: [Rule], _ environment: [String: String]
    ) throws -> GatewaySettings {
        let aws = configuration.aws
        let shared = try SharedConfiguration(environment: environment, profile: aws.profile)
        let region = try RegionResolver(
            configured: aws.region, environment: environment, shared: shared)
        var journalLimits = JournalWriterLimits()
        journalLimits.queuedStartsMax = configuration.queuedStartsMax
        var dispatchLimits = DispatchLimits()
        dispatchLimits.startsInFlightMax = aws.startsInFlightMax
        dispatchLimits.startsPerSecondMax = aws.startsPerSecondMax
        let chain = CredentialChain(environment: environment, profile: aws.profile)
        return GatewaySettings(
            listen: configuration.listen, admin: configuration.admin,
            adminTokens: configuration.adminTokens, store: configuration.store,
            sources: configuration.sources, rules: RuleSet(rules),
            serverLimits: configuration.serverLimits, journalLimits: journalLimits,
            dispatchLimits: dispatchLimits, defaultRegion: region.fallback,
            credentials: { () throws(SageMakerClientError) in try chain.credentials() },
            endpoints: try EndpointResolver(
                configured: aws.endpoint, environment: environment, shared: shared),
            callbackKeys: configuration.callbacks.keys,
            addressPolicy: AddressPolicy(allowed: configuration.callbacks.allowNetworks),
            loops: allowedProcessors())
    }
}

/// A file's content, up to the limit of YAML files.
private func readFile(_ path: String) throws(RulesError) -> [UInt8] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw .unreadable(path: path, reason: "no such file")
    }
    guard !isFolder.boolValue else { throw .unreadable(path: path, reason: "it is a folder") }
    let limit = RulesLimits.fileBytesMax
    guard let handle = FileHandle(forReadingAtPath: path),
        let data = try? handle.read(upToCount: limit + 1)
    else { throw .unreadable(path: path, reason: "permission denied or an input error") }
    guard data.count <= limit else { throw .fileTooLong(path: path, limitBytes: limit) }
    return Array(data)
}

private func hasWildcard(_ pattern: String) -> Bool {
    pattern.contains { "*?[".contains($0) }
}

/// The files that a pattern names (glob(7)), in the order of their names.
private func expand(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
}
