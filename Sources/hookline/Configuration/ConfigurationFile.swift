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
    let files: WatchedFiles
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
        let files = FileList()
        let configuration = try decode(environment, needsSecrets: needsSecrets, problems, files)
        let rules = LoadedRules(patterns: configuration.rulePatterns, problems: problems).rules
        check(rules.rules, against: configuration, problems)
        try problems.throwIfAny()
        return LoadedConfiguration(
            settings: try settings(configuration, rules, environment),
            warnings: configuration.warnings,
            files: WatchedFiles(
                paths: [path] + files.paths, patterns: configuration.rulePatterns.map(\.text)))
    }

    private var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[...slash])
    }

    private func decode(
        _ environment: [String: String], needsSecrets: Bool, _ problems: ProblemList,
        _ files: FileList
    ) throws(RulesError) -> Configuration {
        let secrets = SecretReader(
            environment: environment, folder: folder, isNeeded: needsSecrets, problems: problems,
            files: files)
        let decoder = ConfigurationDecoder(problems: problems, secrets: secrets, folder: folder)
        return decoder.decode(
            try RulePaths.read(path, bytesMax: RulesLimits.fileBytesMax), name: path)
    }

    /// What rules and configuration have against each other.
    private func check(
        _ rules: [Rule], against configuration: Configuration, _ problems: ProblemList
    ) {
        let names = configuration.sourceNames.sorted()
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
        _ configuration: Configuration, _ rules: RuleSet, _ environment: [String: String]
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
            sources: configuration.sources, rules: rules,
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
