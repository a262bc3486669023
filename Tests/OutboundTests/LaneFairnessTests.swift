import EventPoll
import Foundation
import HTTP1
import HTTPClient
import HTTPServer
import Journal
import Logging
import OpenSSLCrypto
import Outbound
import SageMakerClient
import Synchronization
import Testing

/// One lane in trouble, or many, and one that is well: who comes first is asked, never how fast.
@Suite(.serialized, .timeLimit(.minutes(1))) struct LaneFairnessTests {
    @Test func `ten receivers that never answer do not hold up one that does`() throws {
        let silent = try (0..<10).map { _ in try SilentServer() }
        let good = try RunningServer.answering { .text(.ok, "ok") }
        var urls = silent.flatMap { server in
            (0..<20).map { "http://127.0.0.1:\(server.port)/\($0)" }
        }
        urls.append("http://\(good.addresses[0])/")
        let queue = JobTable(callbacks: urls)
        let fixture = try OutboundFixture(queue)
        // Nothing of the others can have ended: their time-out is longer than this test.
        #expect(fixture.waitForEnd { $0.contains("c200") } == ["c200"])
        withExtendedLifetime(silent) {}
        good.drain()
    }

    @Test func `a receiver that answers slowly does not hold up others for all of its backlog`()
        throws
    {
        let slow = try RunningServer.answering {
            usleep(50_000)
            return .text(.ok, "ok")
        }
        let good = try RunningServer.answering { .text(.ok, "ok") }
        let urls = (0..<800).map { "http://\(slow.addresses[0])/\($0)" }
        let queue = JobTable(callbacks: urls + ["http://\(good.addresses[0])/"])
        let fixture = try OutboundFixture(queue)
        #expect(fixture.waitForEnd { $0.contains("c800") }.count < 300)
        slow.drain()
        good.drain()
    }

    @Test func `a role that cannot be assumed for want of an answer does not hold up our own`()
        throws
    {
        let arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/abcdefghijkl"
        let service = try RunningServer.answering {
            .json(.ok, Array(#"{"PipelineExecutionArn":"\#(arn)"}"#.utf8))
        }
        let roles = (0..<600).map { _ -> String? in "arn:aws:iam::123456789012:role/x" }
        let queue = JobTable(startsOfRoles: roles + [nil])
        let fixture = try OutboundFixture(queue, endpoint: "http://\(service.addresses[0])")
        #expect(fixture.waitForEnd { $0.contains("s600") } == ["s600"])
        service.drain()
    }

    @Test func `roles of one account take turns in what may begin in a second`() throws {
        let arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/abcdefghijkl"
        let service = try RunningServer.answering {
            .json(.ok, Array(#"{"PipelineExecutionArn":"\#(arn)"}"#.utf8))
        }
        let roles = (0..<60).map { _ -> String? in "arn:aws:iam::123456789012:role/x" }
        let queue = JobTable(startsOfRoles: roles + ["arn:aws:iam::123456789012:role/y"])
        let fixture = try OutboundFixture(
            queue, endpoint: "http://\(service.addresses[0])", startsPerSecond: 20,
            isAssumable: true)
        #expect(fixture.waitForEnd { $0.contains("s60") }.count < 30)
        service.drain()
    }
}

/// The outbound loop with a table for a store. Whoever assumes a role waits until it ends, unless roles
/// can be assumed.
private final class OutboundFixture {
    private let queue: JobTable
    private let writer: JournalWriter
    private let dispatcher: RunningDispatcher
    private let isOver = Flag()

    init(
        _ queue: JobTable, endpoint: String = "http://127.0.0.1:1", startsPerSecond: Int = 0,
        isAssumable: Bool = false
    ) throws {
        self.queue = queue
        let inbox = try JobInbox()
        writer = try JournalWriter(
            open: { () throws(JournalError) in TableStore(queue) }, clock: clock, receiver: inbox,
            notify: { _ in })
        let settings = CallbackSettings(
            keys: [],
            addressPolicy: AddressPolicy(
                allowed: [IPNetwork("127.0.0.0/8")].compactMap { $0 }))
        let own = try Credentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("s"), from: "test")
        let isOver = isOver
        let store = CredentialStore(
            lookUp: { () throws(SageMakerClientError) in
                ResolvedCredentials(own, provider: "test")
            },
            assume: { (_, _) throws(SageMakerClientError) in
                if isAssumable { return ResolvedCredentials(own, provider: "test") }
                while !isOver.isSet { usleep(10_000) }
                throw .credentialsUnavailable(source: "test", reason: "there are none")
            }, clock: { clock().milliseconds / 1000 })
        var context = DispatchContext(
            writer: writer, inbox: inbox,
            service: ServiceAccess(
                credentials: store,
                endpoints: try EndpointResolver(
                    configured: endpoint, environment: [:], shared: nil)),
            callbacks: { settings }, metrics: DispatchMetrics(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, userAgent: "test",
            clock: clock)
        context.limits.callbackTimeout = .seconds(60)
        context.limits.stopGrace = .zero
        context.limits.startsPerSecondMax = startsPerSecond
        dispatcher = try RunningDispatcher(context)
    }

    deinit {
        isOver.set()
        dispatcher.stop()
        writer.stop()
    }

    /// Waits until enough has ended; the bound only ends a test that hangs.
    func waitForEnd(_ isEnough: ([String]) -> Bool) -> [String] {
        for _ in 0..<5000 {
            let ended = queue.ended
            if isEnough(ended) { return ended }
            usleep(10_000)
        }
        return queue.ended
    }
}

private let clock: @Sendable () -> UnixTime = {
    UnixTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// Jobs by when they are due.
private final class JobTable: Sendable {
    struct State {
        var starts: [(due: UnixTime, job: StartJob)] = []
        var callbacks: [(due: UnixTime, job: CallbackJob)] = []
        var claimedStarts: [String: StartJob] = [:]
        var claimedCallbacks: [String: CallbackJob] = [:]
        /// Ids of the jobs whose attempt has ended, whatever came of it.
        var ended: [String] = []
    }

    let state: Mutex<State>

    init(callbacks urls: [String] = [], startsOfRoles roles: [String?] = []) {
        let now = clock()
        var state = State()
        for (number, url) in urls.enumerated() {
            let job = CallbackJob(
                id: "c\(number)", start: "s", url: url, occasion: .finished, body: [0x7B, 0x7D],
                createdAt: now, attempts: 0)
            state.callbacks.append((now, job))
        }
        for (number, role) in roles.enumerated() {
            let job = StartJob(
                id: "s\(number)", delivery: "d", source: "s", rule: "r", token: "t",
                region: "eu-west-1", roleARN: role, request: [0x7B, 0x7D], createdAt: now,
                attempts: 0, callback: nil, event: [])
            state.starts.append((now, job))
        }
        self.state = Mutex(state)
    }

    var ended: [String] { state.withLock { $0.ended } }
}

private final class TableStore: JournalStore {
    private let table: JobTable
    init(_ table: JobTable) { self.table = table }

    var queuedStarts: Int { 0 }

    func commit(
        _ batch: JournalBatch, at now: UnixTime, queuedStartsMax: Int
    ) throws(JournalError) -> [AppendOutcome] {
        table.state.withLock { state in
            state.ended += batch.startSettlements.map(\.start)
            state.ended += batch.callbackSettlements.map(\.callback)
            for postponed in batch.startPostponements {
                guard let job = state.claimedStarts.removeValue(forKey: postponed.start) else {
                    continue
                }
                state.starts.append((postponed.until, job))
            }
            for postponed in batch.callbackPostponements {
                guard let job = state.claimedCallbacks.removeValue(forKey: postponed.callback)
                else { continue }
                state.callbacks.append((postponed.until, job))
            }
        }
        return []
    }

    func claimStarts(dueBy now: UnixTime, limit: Int) throws(JournalError) -> [StartJob] {
        table.state.withLock { state in
            let claimed = due(&state.starts, by: now, limit)
            for job in claimed { state.claimedStarts[job.id] = job }
            return claimed
        }
    }

    func claimCallbacks(dueBy now: UnixTime, limit: Int) throws(JournalError) -> [CallbackJob] {
        table.state.withLock { state in
            let claimed = due(&state.callbacks, by: now, limit)
            for job in claimed { state.claimedCallbacks[job.id] = job }
            return claimed
        }
    }

    func nextStartDue() throws(JournalError) -> UnixTime? {
        table.state.withLock { $0.starts.map(\.due).min() }
    }

    func nextCallbackDue() throws(JournalError) -> UnixTime? {
        table.state.withLock { $0.callbacks.map(\.due).min() }
    }
}

/// Takes out the jobs due longest.
private func due<Job>(
    _ jobs: inout [(due: UnixTime, job: Job)], by now: UnixTime, _ limit: Int
) -> [Job] {
    jobs.sort { $0.due < $1.due }
    let taken = jobs.prefix { $0.due <= now }.prefix(limit).map(\.job)
    jobs.removeFirst(taken.count)
    return taken
}

/// Takes connections, as the system does for it, and never reads.
private final class SilentServer {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = address
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeBytes(of: bound) { bytes in
            bytes.baseAddress.map {
                bind(descriptor, $0.assumingMemoryBound(to: sockaddr.self), length) == 0
            } ?? false
        }
        let isNamed = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.baseAddress.map {
                getsockname(descriptor, $0.assumingMemoryBound(to: sockaddr.self), &length) == 0
            } ?? false
        }
        port = UInt16(bigEndian: address.sin_port)
        try #require(isBound && isNamed && listen(descriptor, 64) == 0)
    }

    deinit { close(descriptor) }
}

extension RunningServer {
    fileprivate static func answering(
        _ answer: @escaping @Sendable () -> Response
    ) throws -> RunningServer {
        try RunningServer([.tcp(host: "127.0.0.1", port: 0)], name: "receiver") {
            AnswerHandler(answer)
        }
    }
}

private final class AnswerHandler: RequestHandler {
    private let answer: @Sendable () -> Response
    init(_ answer: @escaping @Sendable () -> Response) { self.answer = answer }

    func admit(_ head: RequestHead, peer: Peer) -> Admission {
        .receive(contentBytesMax: 1 << 20)
    }

    func respond(to request: Request, _ exchange: Exchange) -> Reply {
        .now(answer())
    }
}
