import ArgumentParser
import EventPoll
import Foundation
import HTTPServer
import Journal
import Logging
import OpenSSLCrypto
import SageMakerEmulator

struct EmulatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator",
        abstract: "Runs a local stand-in for SageMaker.",
        discussion: """
            Signatures are checked for the access key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and \
            AWS_SESSION_TOKEN), or without them for \(EmulatorOptions.demoAccessKeyID) and \
            \(EmulatorOptions.demoSecretAccessKey). GET /emulator/journal shows what came; POST \
            /emulator/faults scripts failures. Credentials that it gives itself are accepted, too: by STS \
            (AWS_ENDPOINT_URL_STS), as an instance (AWS_EC2_METADATA_SERVICE_ENDPOINT), as a container \
            (AWS_CONTAINER_CREDENTIALS_FULL_URI=…/emulator/container-credentials) and as the SSO portal \
            (AWS_ENDPOINT_URL_SSO). Ends with Ctrl-C.
            """)

    @Option(help: "Where to listen: host:port, [v6]:port or unix:/path.")
    var listen = "127.0.0.1:5000"

    @Option(help: "A JSON file with the faults to begin with.")
    var faults: String?

    @Option(
        help: "A JSON file with pipelines: {\"pipelines\": [{\"name\": …, \"definition\": {…}}]}.")
    var pipelines: String?

    @Option(help: "How many seconds an execution is Executing.")
    var executionSeconds = 10

    @Option(help: "How many seconds the credentials are valid that it gives; 3600 or as asked for.")
    var credentialSeconds: Int64?

    // Unconditional, as a number below zero looks like an option.
    @Option(
        parsing: .unconditional,
        help: "How many seconds its clock is ahead of the machine's; negative for behind."
    )
    var clockOffset: Int64 = 0

    @Option(help: "A used token with another request: conflict, validation or replay.")
    var tokenReuse = "conflict"

    @Flag(help: "Take empty parameter values, as AWS's model does; the live service refuses them.")
    var takeEmptyValues = false

    @Option(help: "The most executions at the same time; more are ResourceLimitExceeded.")
    var concurrentExecutions: Int?

    @OptionGroup var logging: LoggingOptions

    func run() throws {
        let signals = try Signals()
        let logger = logging.makeLogger()
        let emulator: RunningEmulator
        do {
            emulator = try RunningEmulator(try options()) { systemClock().milliseconds }
        } catch let error as ListenError {
            throw Exit.configuration(["hookline emulator: \(error)"])
        }
        for address in emulator.addresses {
            logger.notice("emulator listening", metadata: ["address": "\(address)"])
        }
        while case .reload = signals.wait() {}
        emulator.stop()
        logger.notice(
            "emulator ended",
            metadata: [
                "requests": "\(emulator.requestsSeen)",
                "executions": "\(emulator.executionsCreated)",
            ])
    }

    private func options() throws -> EmulatorOptions {
        guard let address = ListenAddress(listen) else {
            throw ValidationError("--listen \(listen): expected host:port, [v6]:port or unix:/path")
        }
        guard address.isLocal else {
            throw ValidationError(
                "--listen \(listen): expected loopback or a unix socket, since whoever reaches the "
                    + "emulator gets credentials and can script its faults")
        }
        guard executionSeconds >= 0 else {
            throw ValidationError("--execution-seconds is a number from 0 up")
        }
        guard let reuse = EmulatorOptions.TokenReuse(rawValue: tokenReuse) else {
            throw ValidationError("--token-reuse is one of conflict, validation, replay")
        }
        guard credentialSeconds.map({ (1...43_200).contains($0) }) ?? true else {
            throw ValidationError("--credential-seconds is a number from 1 to 43200")
        }
        guard (-315_360_000...315_360_000).contains(clockOffset) else {
            throw ValidationError("--clock-offset is a number of seconds within ten years")
        }
        guard concurrentExecutions.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("--concurrent-executions is a number from 0 up")
        }
        var options = EmulatorOptions()
        options.tokenReuse = reuse
        options.credentialSeconds = credentialSeconds
        options.clockOffset = clockOffset
        options.takesEmptyValues = takeEmptyValues
        options.concurrentExecutionsMax = concurrentExecutions
        options.listen = [address]
        options.executionDuration = .seconds(executionSeconds)
        let environment = ProcessInfo.processInfo.environment
        if let id = environment["AWS_ACCESS_KEY_ID"],
            let secret = environment["AWS_SECRET_ACCESS_KEY"]
        {
            options.credentials = [id: Secret(secret)]
            if let token = environment["AWS_SESSION_TOKEN"], !token.isEmpty {
                options.sessionTokens = [id: Secret(token)]
            }
        }
        if let faults { options.faults = try read(faults, FaultScript.init(parsing:)) }
        if let pipelines { options.pipelines = try read(pipelines, PipelineSeeds.init(parsing:)) }
        return options
    }

    private func read<Content>(
        _ path: String, _ parse: ([UInt8]) throws -> Content
    ) throws -> Content {
        let content: [UInt8]
        do {
            content = try fileContent(path, bytesMax: 16 << 20, from: .regularOrInherited)
        } catch {
            throw Exit.configuration(["\(path): cannot be read: \(error)"])
        }
        do {
            return try parse(content)
        } catch {
            throw Exit.configuration(["\(path): \(error)"])
        }
    }
}
