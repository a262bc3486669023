import Foundation
import Glibc
import Journal
import Logging

/// How log lines are written.
enum LogFormat: String, CaseIterable {
    case text, json
}

/// Writes one line a message to standard error, as text or as JSON.
struct LineLogHandler: LogHandler {
    let format: LogFormat
    /// Writes the lines; nil to write each at once, and wait for that.
    var queue: LogQueue?
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line = line(event.level, "\(event.message)", fields)
        guard let queue else {
            // One write a line, so that lines of several threads do not mix.
            _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            return
        }
        let dropped = queue.append(line)
        guard dropped > 0 else { return }
        let message = "log lines were dropped, since nobody read them"
        _ = queue.append(self.line(.warning, message, [("lines", "\(dropped)")]))
    }

    private func line(_ level: Logger.Level, _ message: String, _ fields: Fields) -> [UInt8] {
        let now = UnixTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        return switch format {
        case .text: text(level, message, fields, at: now)
        case .json: json(level, message, fields, at: now)
        }
    }

    private typealias Fields = [(key: String, value: Logger.Metadata.Value)]

    private func text(
        _ level: Logger.Level, _ message: String, _ fields: Fields, at now: UnixTime
    ) -> [UInt8] {
        let suffix = fields.map { " \($0.key)=\($0.value)" }.joined()
        let line = "\(now) \(level.rawValue.uppercased()) \(message)\(suffix)"
        // A control character in a name from outside must not look like another line.
        return line.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 } + [0x0A]
    }

    private func json(
        _ level: Logger.Level, _ message: String, _ fields: Fields, at now: UnixTime
    ) -> [UInt8] {
        var writer = LogLineWriter()
        writer.member("time", now.description)
        writer.member("level", level.rawValue)
        writer.member("message", message)
        for (key, value) in fields { writer.member(key, "\(value)") }
        return writer.line
    }
}
