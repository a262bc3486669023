import ArgumentParser
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
            Signatures are checked for the access key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
            without them for \(EmulatorOptions.demoAccessKeyID) and \
            \(EmulatorOptions.demoSecretAccessKey). GET /emulator/journal shows what came; POST \
            /emulator/faults scripts failures. Ends with Ctrl-C.
            """)

    @Option(help: "Where to listen: host:port, [v6]:port or unix:/path.")
    var listen = "127.0.0.1:5000"

    @Option(help: "A JSON file with the faults to begin with.")
    var faults: String?

    @Option(help: "How many seconds an execution is Executing.")
    var executionSeconds = 10

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
        guard executionSeconds >= 0 else {
            throw ValidationError("--execution-seconds is a number from 0 up")
        }
        var options = EmulatorOptions()
        options.listen = [address]
        options.executionDuration = .seconds(executionSeconds)
        let environment = ProcessInfo.processInfo.environment
        if let id = environment["AWS_ACCESS_KEY_ID"],
            let secret = environment["AWS_SECRET_ACCESS_KEY"]
        {
            options.credentials = [id: Secret(secret)]
        }
        if let faults {
            guard let data = FileManager.default.contents(atPath: faults) else {
                throw Exit.configuration(["\(faults): cannot be read"])
            }
            do {
                options.faults = try FaultScript(parsing: Array(data))
            } catch {
                throw Exit.configuration(["\(faults): \(error)"])
            }
        }
        return options
    }
}
