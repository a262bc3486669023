import EventPoll
import Foundation
import HTTP1
import HTTPClient
import HTTPServer
import Journal
import JournalConformance
import Logging
import Metrics
import OpenSSLCrypto
import Outbound
import SageMakerClient
import Synchronization
import Testing

private let now = UnixTime(milliseconds: 1_795_233_906_789)

@Suite(.timeLimit(.minutes(1))) struct ChatPostTests {
    @Test func `a message is posted, and one that changes another is a PATCH`() throws {
        let fixture = try DispatchFixture()
        fixture.post("/a", #"{"text":"a"}"#)
        fixture.post("/b", #"{"content":"b"}"#, isChange: true)
        try fixture.wait("delivered", 2)
        let lines = fixture.requests.sorted()
        #expect(
            lines == [
                #"PATCH /b application/json {"content":"b"}"#,
                #"POST /a application/json {"text":"a"}"#,
            ])
    }

    @Test func `what may be better in a moment is tried again`() throws {
        // Discord says 404 until it has read the answer that the message is to change.
        let fixture = try DispatchFixture(statuses: [
            "/b": [.notFound], "/a": [.serviceUnavailable],
        ])
        fixture.post("/a", "{}")
        fixture.post("/b", "{}", isChange: true)
        try fixture.wait("delivered", 2)
        #expect(fixture.requests.count == 4)
    }

    @Test func `what will not be better is given up, and the log has no address`() throws {
        let fixture = try DispatchFixture(
            statuses: ["/gone": [.notFound], "/no": [.forbidden], "/moved": [.conflict]])
        fixture.post("/gone", "S3CRET")
        fixture.post("/no", "S3CRET")
        fixture.post("/moved", "S3CRET", isChange: true)
        // No certificate, no time left.
        fixture.post("/plain", "S3CRET", allowsPlainHTTP: false)
        fixture.post("/late", "S3CRET", expiresAt: now)
        try fixture.wait("failed", 5)
        #expect(fixture.requests.count == 3)
        #expect(fixture.logs.lines.count == 5)
        let log = fixture.logs.lines.joined()
        for secret in ["S3CRET", "/gone", "/no", "/moved", "/plain", "/late", "127.0.0.1"] {
            #expect(!log.contains(secret), "\(secret)")
        }
    }

    @Test func `no message goes to an address that callbacks may not go to`() throws {
        let fixture = try DispatchFixture(allows: [])
        fixture.post("/a", "{}")
        try fixture.wait("failed", 1)
        #expect(fixture.requests.isEmpty)
    }

    @Test func `the waits between attempts are short, and a chat may lengthen them`() {
        let waits = (1...5).map { ChatPost.delay(afterAttempt: $0, nil) }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), nil])
        #expect(ChatPost.delay(afterAttempt: 3, .seconds(3)) == .seconds(4))
        #expect(ChatPost.delay(afterAttempt: 3, .seconds(5)) == .seconds(5))
        #expect(ChatPost.delay(afterAttempt: 1, .seconds(60)) == .seconds(60))
        #expect(ChatPost.delay(afterAttempt: 1, .seconds(61)) == .seconds(60))
    }

    @Test func `at most 1000 messages wait`() throws {
        #expect(DispatchLimits.chatPostsWaitingMax == 1000)
        let inbox = try JobInbox()
        let post = ChatPost(url: "https://h/S3CRET", isChange: false, content: [], expiresAt: now)
        #expect((0..<1000).allSatisfy { _ in inbox.post(post) })
        #expect(!inbox.post(post))
        #expect(!String(reflecting: post).contains("S3CRET"))
    }
}

/// The outbound loop with nothing to start, and a chat that it can reach.
private final class DispatchFixture {
    let logs = Lines()
    private let metrics = DispatchMetrics()
    private let inbox: JobInbox
    private let writer: JournalWriter
    private let dispatcher: RunningDispatcher
    private let server: RunningServer
    private let chat: Chat

    init(statuses: [String: [HTTPStatus]] = [:], allows: [String] = ["127.0.0.0/8"]) throws {
        let inbox = try JobInbox()
        self.inbox = inbox
        writer = try JournalWriter(
            open: { () throws(JournalError) in EmptyStore() }, clock: { now }, receiver: inbox,
            notify: { _ in })
        let chat = Chat(statuses)
        self.chat = chat
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)], name: "chat") {
            ChatHandler(chat)
        }
        let settings = CallbackSettings(
            keys: [], addressPolicy: AddressPolicy(allowed: allows.compactMap { IPNetwork($0) }))
        let logs = logs
        let store = CredentialStore(
            lookUp: { () throws(SageMakerClientError) in
                throw .credentialsUnavailable(source: "test", reason: "none are needed")
            },
            assume: { (_, _) throws(SageMakerClientError) in
                throw .credentialsUnavailable(source: "test", reason: "none are needed")
            }, clock: { 0 })
        dispatcher = try RunningDispatcher(
            DispatchContext(
                writer: writer, inbox: inbox,
                service: ServiceAccess(
                    credentials: store,
                    endpoints: try EndpointResolver(
                        configured: "http://127.0.0.1:1", environment: [:], shared: nil)),
                callbacks: { settings }, metrics: metrics,
                logger: Logger(label: "test") { _ in logs }, userAgent: "test", clock: { now }))
    }

    deinit {
        dispatcher.stop()
        writer.stop()
        server.drain()
    }

    var requests: [String] { chat.requests.withLock { $0 } }

    func post(
        _ path: String, _ content: String, isChange: Bool = false, allowsPlainHTTP: Bool = true,
        expiresAt: UnixTime = now.advanced(by: .seconds(60))
    ) {
        var post = ChatPost(
            url: "http://\(server.addresses[0])\(path)", isChange: isChange,
            content: Array(content.utf8), expiresAt: expiresAt)
        post.allowsPlainHTTP = allowsPlainHTTP
        #expect(inbox.post(post))
    }

    /// Waits for a number of messages that ended so; the bound only ends a test that hangs.
    func wait(_ outcome: String, _ count: Int) throws {
        let counter = metrics.chatMessages.counter(outcome)
        for _ in 0..<20_000 where counter.value < count { usleep(1000) }
        #expect(counter.value == count)
    }
}

/// What a chat was asked, and what it answers first; then it answers 200.
private final class Chat: Sendable {
    let requests = Mutex<[String]>([])
    private let statuses: Mutex<[String: [HTTPStatus]]>

    init(_ statuses: [String: [HTTPStatus]]) { self.statuses = Mutex(statuses) }

    func status(_ path: String) -> HTTPStatus {
        statuses.withLock { statuses in
            guard statuses[path]?.isEmpty == false else { return .ok }
            return statuses[path]?.removeFirst() ?? .ok
        }
    }
}

private final class ChatHandler: RequestHandler {
    private let chat: Chat
    init(_ chat: Chat) { self.chat = chat }

    func admit(_ head: RequestHead, peer: Peer) -> Admission {
        .receive(contentBytesMax: 1 << 20)
    }

    func respond(to request: Request, _ exchange: Exchange) -> Reply {
        let path = request.head.path
        let type = String(decoding: request.head.field("content-type") ?? [], as: UTF8.self)
        let line =
            "\(request.head.method) \(path) \(type) "
            + String(decoding: request.content, as: UTF8.self)
        chat.requests.withLock { $0.append(line) }
        return .now(.text(chat.status(path), "ok"))
    }
}

private final class EmptyStore: StoreWithoutJobs {
    var queuedStarts: Int { 0 }

    func commit(
        _ batch: JournalBatch, at now: UnixTime, queuedStartsMax: Int
    ) throws(JournalError) -> [AppendOutcome] { [] }
}

/// A log that keeps its lines.
private final class Lines: LogHandler, @unchecked Sendable {
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
        lock.withLock { kept.append("\(event.message) \(event.metadata ?? [:])") }
    }

    var lines: [String] { lock.withLock { kept } }
}
