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
    /// The rule files that were read, with their tests.
    let ruleFiles: LoadedRules
    let places: ConfigurationPlaces
    /// The keys of sources that are still to be fetched.
    let keySets: [RemoteKeySet]
    /// What an operator should know though it is no error.
    let warnings: [String]
}

/// The configuration file and what it refers to.
struct ConfigurationFile {
    let path: String
    /// What the file itself may be.
    var origin = FileOrigin.regular

    /// Reads the configuration and the rules, and checks all of it.
    /// - Parameters:
    ///   - environment: Where `env:` references and AWS's own variables are looked up.
    ///   - needsSecrets: False to go on without what only a running gateway needs: the secrets'
    ///     values and a store that can be written.
    ///   - files: Gets the files that are read, all of them that are to be watched for a change.
    /// - Throws: ``RulesError`` with every problem, or ``SageMakerClientError`` for AWS's own files.
    func load(
        environment: [String: String], needsSecrets: Bool = true,
        files: WatchedFiles = WatchedFiles()
    ) throws -> LoadedConfiguration {
        let problems = ProblemList()
        files.note(path)
        var configuration = try decode(environment, needsSecrets: needsSecrets, problems, files)
        for pattern in configuration.rulePatterns { files.note(pattern: pattern.text) }
        let ruleFiles = LoadedRules(
            patterns: configuration.rulePatterns, limits: configuration.expressionLimits,
            problems: problems)
        let rules = ruleFiles.rules
        check(rules.rules, against: configuration, problems)
        let aws = try awsAccess(configuration, environment, rules.rules, problems)
        if let aws, aws.region == nil { checkRegions(rules.rules, problems) }
        if needsSecrets { try checkStore(configuration, problems) }
        try problems.throwIfAny()
        configuration.warnings += rules.rules.compactMap(\.finishedPlace).map { place in
            "\(place): executions are not tracked by this build yet, so nothing is sent when one "
                + "has finished"
        }
        configuration.warnings += testWarnings(ruleFiles.files, configuration)
        return LoadedConfiguration(
            settings: try settings(configuration, rules, environment, aws), ruleFiles: ruleFiles,
            places: configuration.places, keySets: files.keySets,
            warnings: configuration.warnings)
    }

    private var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[...slash])
    }

    private func decode(
        _ environment: [String: String], needsSecrets: Bool, _ problems: ProblemList,
        _ files: WatchedFiles
    ) throws(RulesError) -> Configuration {
        let secrets = SecretReader(
            environment: environment, folder: folder, isNeeded: needsSecrets, problems: problems,
            files: files)
        let decoder = ConfigurationDecoder(problems: problems, secrets: secrets, folder: folder)
        return decoder.decode(
            try RulePaths.read(path, bytesMax: RulesLimits.fileBytesMax, from: origin),
            name: path)
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
            guard let url = try? CallbackURL(callback.url) else { continue }
            let address = url.ipv4.map { .v4($0) } ?? IPAddress(url.host)
            if url.host.contains(":"), address == nil {
                problems.report(place, "[\(url.host)] is no IPv6 address")
            }
            if let address, !policy.permits(address) {
                let purpose = AddressPolicy.purpose(of: address) ?? "refused"
                problems.report(
                    place,
                    "callbacks to \(address) are refused (\(purpose)); callbacks.allowNetworks can "
                        + "allow its network")
            }
        }
    }

    /// Tests of sources that are not here: no reason not to start, but `hookline test` will say no.
    private func testWarnings(
        _ files: [LoadedRules.File], _ configuration: Configuration
    ) -> [String] {
        let names = configuration.sourceNames.sorted()
        return files.flatMap(\.content.tests).filter { !names.contains($0.source) }.map { test in
            "\(test.sourcePlace): there is no source \"\(printable(test.source))\""
                + suggestion(for: test.source, among: names)
        }
    }

    /// - Returns: Nil for what is reported, at the place of `aws.profile`.
    /// - Throws: ``SageMakerClientError`` for what is not the configuration's.
    private func awsAccess(
        _ configuration: Configuration, _ environment: [String: String], _ rules: [Rule],
        _ problems: ProblemList
    ) throws -> AWSAccess? {
        do {
            return try AWSAccess(
                configuration.aws, environment: environment,
                needsRegion: rules.contains { !$0.decidesRegion })
        } catch {
            // The file's own faults go first: they may be the reason.
            try problems.throwIfAny()
            guard case .noProfile = error as? SageMakerClientError,
                let place = configuration.places.profile
            else { throw error }
            problems.report(place, "\(error)")
            return nil
        }
    }

    private func checkRegions(_ rules: [Rule], _ problems: ProblemList) {
        for rule in rules where !rule.decidesRegion {
            problems.report(
                rule.place,
                "no region for the rule \"\(rule.name)\"; set its region, aws.region or AWS_REGION, "
                    + "or write the pipeline's ARN")
        }
    }

    /// A store that cannot be opened is told here, so that a check finds it as well as a start.
    private func checkStore(_ configuration: Configuration, _ problems: ProblemList) throws {
        guard let fault = StoreFile(path: configuration.store).fault else { return }
        guard let place = configuration.places.store else {
            try problems.throwIfAny()
            throw RulesError.unreadable(path: configuration.store, reason: fault)
        }
        problems.report(
            place, "the store \(printable(configuration.store)) cannot be used: \(fault)")
    }

    private func settings(
        _ configuration: Configuration, _ rules: RuleSet, _ environment: [String: String],
        _ access: AWSAccess?
    ) throws -> GatewaySettings {
        let aws = configuration.aws
        var journalLimits = JournalWriterLimits()
        journalLimits.queuedStartsMax = configuration.queuedStartsMax
        var dispatchLimits = DispatchLimits()
        dispatchLimits.startsInFlightMax = aws.startsInFlightMax
        dispatchLimits.startsPerSecondMax = aws.startsPerSecondMax
        guard let access else { preconditionFailure("a problem was reported and not thrown") }
        return GatewaySettings(
            listen: configuration.listen, admin: configuration.admin,
            adminTokens: configuration.adminTokens, store: configuration.store,
            sources: configuration.sources, rules: rules,
            serverLimits: configuration.serverLimits, journalLimits: journalLimits,
            dispatchLimits: dispatchLimits, aws: access,
            proxies: ProxySettings(environment: environment),
            callbackKeys: configuration.callbacks.keys,
            addressPolicy: AddressPolicy(allowed: configuration.callbacks.allowNetworks),
            loops: configuration.eventLoops ?? allowedProcessors(), tls: configuration.tls,
            hasTLS: configuration.hasTLS)
    }
}
