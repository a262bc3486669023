import ArgumentParser
import Glibc
import Logging

extension LogFormat: ExpressibleByArgument {}
/// The levels of log lines that can be asked for.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case debug, info, notice, warning, error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

/// How a command logs.
struct LoggingOptions: ParsableArguments {
    @Option(help: "How log lines are written to standard error: text or json. Text on a terminal.")
    var logFormat: LogFormat?

    @Option(help: "The least level that is logged: debug, info, notice, warning or error.")
    var logLevel = LogLevel.info

    /// - Parameter queue: Writes the lines; nil to write each at once.
    func makeLogger(_ queue: LogQueue? = nil) -> Logger {
        let format = logFormat ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
        return Logger(label: "hookline") { _ in
            LineLogHandler(format: format, queue: queue, logLevel: logLevel.level)
        }
    }
}
