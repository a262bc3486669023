import Events
import Foundation
import HTTPServer
import Intake
import Journal
import Logging
import Metrics
import OpenSSLCrypto
import Rules
import Synchronization
import TestSupport
import Testing
import Webhook

/// A gateway's intake with one source of a type, and its sender.
final class SenderFixture {
    let content = MemoryStore.Content()
    let metrics: IntakeMetrics
    let logs = LogLines()
    /// What chats were told after their answer.
    let later = LaterInbox()
    private let source: Source
    private let secrets: [SigningSecret]
    private let writer: JournalWriter
    private let server: RunningServer

    static let now: Int64 = 1_700_000_000_000

    /// A rule for everything, which says nothing to a chat.
    static func rule(on kinds: String, reply: String = "", when: String = "true") -> String {
        """
        rules:
          - name: train
            source: s
            on: \(kinds)
            when: '\(when)'
            start: {PipelineName: churn}
            \(reply)

        """
    }

    init(
        _ type: String, rules: String, scheme: Scheme? = nil,
        secrets: [SigningSecret] = [SigningSecret(Secret("secret"))], verified: Bool = true,
        contentBytesMax: Int? = nil, patience: Duration = .seconds(600),
        _ change: (inout Source) -> Void = { _ in }
    ) throws {
        let sender = try #require(Sender.all[type])
        self.secrets = secrets
        var source = Source(
            name: "s", path: "/hooks/s", sender: sender,
            verification: verified ? .signature(secrets) : .none,
            contentBytesMax: contentBytesMax ?? sender.contentBytesMax, scheme: scheme)
        change(&source)
        self.source = source
        metrics = IntakeMetrics(
            starts: CounterFamily(name: "s_total", help: "S.", labels: ["rule", "state"]))
        let content = content
        writer = try JournalWriter(
            limits: JournalWriterLimits(),
            open: { () throws(JournalError) in MemoryStore(content) },
            clock: { UnixTime(milliseconds: Self.now) }, receiver: nil, notify: { _ in })
        let started = StartedDeliveries()
        started.finishLoading()
        let problems = ProblemList()
        let file = RuleFile(Array(rules.utf8), name: "r.yaml", problems: problems)
        try problems.throwIfAny()
        let routing = Routing(
            sources: [source], rules: RuleSet(file.rules), defaultRegion: "eu-west-1")
        let logs = logs
        let inbox = later
        var later = LaterMessages(clock: { UnixTime(milliseconds: Self.now) }) { inbox.add($0) }
        later.patience = patience
        let context = IntakeContext(
            routing: CurrentRouting(routing), writer: writer, started: started, metrics: metrics,
            logger: Logger(label: "test") { _ in logs },
            clock: { UnixTime(milliseconds: Self.now) }, later: later)
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)]) { WebhookHandler(context) }
    }

    deinit {
        server.drain()
        writer.stop()
    }

    struct Answer {
        let status: Int
        let head: String
        let content: String

        /// The JSON of the content.
        var json: [String: Any] {
            let object = try? JSONSerialization.jsonObject(with: Data(content.utf8))
            return object as? [String: Any] ?? [:]
        }
    }

    /// Sends what the sender would, signed.
    func send(
        _ text: String, type: String? = "application/json", method: String = "POST",
        target: String = "/hooks/s", fields: [(name: String, value: String)] = [],
        payload: String? = nil, isSigned: Bool = true
    ) throws -> Answer {
        var all = fields
        if method == "POST", let type { all.append(("Content-Type", type)) }
        if isSigned, let scheme = source.scheme {
            all += try scheme.fields(
                for: UnsignedRequest(
                    method: method, path: "/hooks/s", content: Array(text.utf8), id: "m1",
                    timestampMilliseconds: Self.now, payload: payload.map { Array($0.utf8) }),
                secrets: secrets)
        }
        return try request(method, target, all, text)
    }

    func request(
        _ method: String, _ target: String, _ fields: [(name: String, value: String)],
        _ content: String = ""
    ) throws -> Answer {
        guard case .tcp(_, let port) = server.addresses[0] else {
            return Answer(status: 0, head: "", content: "")
        }
        let client = try LoopbackClient(port: port)
        let lines = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        let length = content.isEmpty ? "" : "Content-Length: \(content.utf8.count)\r\n"
        client.send(
            "\(method) \(target) HTTP/1.1\r\nHost: x\r\n\(lines)\(length)Connection: close\r\n\r\n"
                + content)
        let parts = client.receiveAll().split(
            separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let status = parts[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(
            status: status, head: String(parts[0]),
            content: parts.count > 1 ? String(parts[1]) : "")
    }

    /// What the journal has of deliveries that started something.
    var deliveryIDs: [String] { content.state.withLock { $0.deliveries.map(\.deliveryID) } }
    var startCount: Int { content.state.withLock { $0.starts.count } }
}

/// Messages to chats on their way.
final class LaterInbox: Sendable {
    private let messages = Mutex<[LaterMessage]>([])

    func add(_ message: LaterMessage) { messages.withLock { $0.append(message) } }

    /// What has come so far.
    var all: [LaterMessage] { messages.withLock { $0 } }

    /// The first message, waited for; the bound is only there to end a test that hangs.
    func first() throws -> LaterMessage {
        for _ in 0..<20_000 {
            if let message = all.first { return message }
            usleep(1000)
        }
        throw Missing()
    }

    struct Missing: Error {}
}

/// A log that keeps its lines.
final class LogLines: LogHandler, @unchecked Sendable {
    // Guarded by lock.
    private let lock = NSLock()
    private var kept: [String] = []
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lock.withLock {
            kept.append("\(event.level) \(event.message) \(event.metadata ?? [:])")
        }
    }

    var lines: [String] { lock.withLock { kept } }
}
