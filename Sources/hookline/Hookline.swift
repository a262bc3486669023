import ArgumentParser
import CLinux
import Glibc

/// The command line: one subcommand a task.
struct Hookline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hookline",
        abstract: "Starts SageMaker pipelines from signed webhooks.",
        version: version,
        subcommands: [
            ServeCommand.self, CheckCommand.self, TestCommand.self, ExplainCommand.self,
            EvalCommand.self, NewCommand.self, SchemaCommand.self, EmulatorCommand.self,
            DemoCommand.self, SendCommand.self, DeliveriesCommand.self,
        ])
}

/// How a run of the program ended.
enum ExitStatus: Int32 {
    case done = 0
    /// The command did its work and the answer is no.
    case answerIsNo = 1
    case usage = 2
    /// EX_CONFIG of sysexits.h.
    case configuration = 78
}

/// Ends a command with a status, after lines for standard error.
struct Exit: Error {
    let status: ExitStatus
    let lines: [String]

    /// Standard output could not be written.
    static func output(_ code: Int32) -> Exit {
        Exit(
            status: .answerIsNo,
            lines: ["standard output: cannot be written: \(String(cString: strerror(code)))"])
    }

    static func configuration(_ lines: [String]) -> Exit {
        Exit(status: .configuration, lines: lines)
    }
}

@main
enum Main {
    /// The commands that stay up and act on signals.
    private static let lastingCommands = ["serve", "emulator", "demo"]

    static func main() {
        // A signal that comes before the command is ready for it waits, instead of ending it.
        if let command = CommandLine.arguments.dropFirst().first, lastingCommands.contains(command)
        {
            Signals.block()
        }
        do {
            var command = try Hookline.parseAsRoot(
                ExpressionArgument.separated(Array(CommandLine.arguments.dropFirst())))
            try command.run()
            try finishOutput()
        } catch let exit as Exit {
            for line in exit.lines { printError(line) }
            Glibc.exit(exit.status.rawValue)
        } catch {
            finish(error)
        }
    }

    /// An answer that could not be written is none.
    private static func finishOutput() throws(Exit) {
        let code = hl_finish_output()
        if code != 0 { throw .output(code) }
    }

    /// The argument parser's own endings: help, version and usage errors.
    private static func finish(_ error: any Error) -> Never {
        let code = Hookline.exitCode(for: error)
        let message = Hookline.fullMessage(for: error)
        if code == .success {
            print(message)
            do {
                try finishOutput()
                exit(ExitStatus.done.rawValue)
            } catch {
                for line in error.lines { printError(line) }
                exit(error.status.rawValue)
            }
        }
        printError(message)
        exit(code == .validationFailure ? ExitStatus.usage.rawValue : code.rawValue)
    }
}
