import ArgumentParser
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
    /// - Parameter files: Gets the files that are read.
    func load(
        _ failure: Failure, needsSecrets: Bool = true, files: WatchedFiles = WatchedFiles()
    ) throws -> LoadedConfiguration {
        do {
            return try ConfigurationFile(path: config)
                .load(
                    environment: ProcessInfo.processInfo.environment, needsSecrets: needsSecrets,
                    files: files)
        } catch {
            let status: ExitStatus = failure == .check ? .answerIsNo : .configuration
            let lines = "\(error)".split(separator: "\n").map(String.init)
            throw Exit(
                status: status, lines: error is RulesError ? lines : ["\(config): aws: \(error)"])
        }
    }
}
