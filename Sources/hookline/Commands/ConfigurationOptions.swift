import ArgumentParser
import EventPoll
import Foundation
import Rules

/// Where the configuration is.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration file.")
    var config = "hookline.yaml"

    /// What a configuration that cannot be used is for a command.
    enum Failure {
        /// The command needs it: exit 78.
        case configuration
        /// The command was asked about it: exit 1.
        case check
    }

    /// Reads everything, or ends the command with every problem.
    /// - Parameter files: Gets the files that are read, where they will be read again; so the
    ///   configuration can be no pipe then.
    func load(
        _ failure: Failure, needsSecrets: Bool = true, files: WatchedFiles? = nil
    ) throws -> LoadedConfiguration {
        do {
            return try ConfigurationFile(
                path: config, origin: files == nil ? .regularOrInherited : .regular
            ).load(
                environment: ProcessInfo.processInfo.environment, needsSecrets: needsSecrets,
                files: files ?? WatchedFiles())
        } catch {
            let status: ExitStatus = failure == .check ? .answerIsNo : .configuration
            let lines = "\(error)".split(separator: "\n").map(String.init)
            throw Exit(
                status: status, lines: error is RulesError ? lines : ["\(config): aws: \(error)"])
        }
    }
}
