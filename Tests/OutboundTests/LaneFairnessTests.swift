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
    @Test func `many receivers that never answer do not hold up one that does`() throws {
        let silent = try SilentServer()
        let good = try RunningServer.answering { .text(.ok, "ok") }
        // Each address is a receiver of its own, and the callbacks of all are due before the last one.
        var urls = (0..<200).flatMap { receiver in
            (0..<50).map { "http://127.0.1.\(receiver):\(silent.port)/\($0)" }
        }
        urls.append("http://\(good.addresses[0])/")
        let queue = JobTable(callbacks: urls)
        let fixture = try OutboundFixture(queue)
        // Nothing of the others can have ended: their time-out is longer than this test.
        #expect(fixture.waitForEnd { $0.contains("c10000") } == ["c10000"])
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
        #expect(fixture.waitForEnd { $0.contains("c800") }.count < 100)
        slow.drain()
        good.drain()
    }

    @Test func `roles that cannot be assumed for want of an answer do not hold up our own`() throws
    {
        let service = try RunningServer.starting()
        let stuck = (0..<100).flatMap { role in (0..<100).map { _ in lane(role: "x\(role)") } }
        let queue = JobTable(starts: stuck + [lane(role: nil)])
        let fixture = try OutboundFixture(queue, endpoint: "http://\(service.addresses[0])")
        #expect(fixture.waitForEnd { $0.contains("s10000") } == ["s10000"])
        service.drain()
    }

    @Test
    func `lanes that never get an answer do not hold up one that does, nor are all in memory`()
        throws
    {
        let service = try RunningServer.starting(in: "us-east-1")
        // More of them than have room for all that a new lane may hold.
        let stuck = (0..<200).flatMap { role in (0..<50).map { _ in lane(role: "x\(role)") } }
        let queue = JobTable(starts: stuck + [lane(role: nil, region: "us-east-1")])
        do {
            let fixture = try OutboundFixture(
                queue, endpoint: "http://\(service.addresses[0])", isAssumable: true)
            #expect(fixture.waitForEnd { $0.contains("s10000") } == ["s10000"])
        }
        let startsOutMax = queue.state.withLock { $0.startsOutMax }
        #expect((1024...2048).contains(startsOutMax))
        service.drain()
    }

    @Test func `a lane that is throttled does not hold up another`() throws {
        let slow = (0..<10_000).map { _ in lane(role: nil) }
        let service = try RunningServer.starting()
        let queue = JobTable(starts: slow + [lane(role: nil, region: "us-east-1")])
        let fixture = try OutboundFixture(
            queue, endpoint: "http://\(service.addresses[0])", startsPerSecond: 1)
        #expect(fixture.waitForEnd { $0.contains("s10000") }.count < 100)
        service.drain()
    }

    @Test func `roles of one account take turns in what may begin in a second`() throws {
        let service = try RunningServer.starting()
        let many = (0..<60).map { _ in lane(role: "x") }
        let queue = JobTable(starts: many + [lane(role: "y")])
        let fixture = try OutboundFixture(
            queue, endpoint: "http://\(service.addresses[0])", startsPerSecond: 20,
            isAssumable: true)
        #expect(fixture.waitForEnd { $0.contains("s60") }.count < 30)
        service.drain()
    }

    @Test func `a lane in trouble gives up what is older than a day, tried or not`() throws {
        // Connections are refused where a server is gone.
        let port = try SilentServer().port
        let queue = JobTable(starts: (0..<200).map { _ in lane(role: nil) }, age: .seconds(86_401))
        let fixture = try OutboundFixture(queue, endpoint: "http://127.0.0.1:\(port)")
        #expect(Set(fixture.waitForEnd { $0.count == 200 }).count == 200)
        let settlements = queue.state.withLock { $0.settlements }
        #expect(settlements.allSatisfy { $0.next.state == .expired })
        #expect(settlements.count { $0.attempt.requests == 0 } > 150)
        #expect(settlements.allSatisfy { $0.attempt.code == "ConnectionError" })
    }
}

private func lane(role: String?, region: String = "eu-west-1") -> StartLaneID {
    StartLaneID(region: region, roleARN: role.map { "arn:aws:iam::123456789012:role/\($0)" })
}

/// The outbound loop with a table for a store. Whoever assumes a role waits until it ends, unless roles
/// can be assumed.
private final class OutboundFixture {
    private let queue: JobTable
    private let writer: JournalWriter
    private let dispatcher: RunningDispatcher
    private let credentials: CredentialStore
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
        credentials = CredentialStore(
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
                credentials: credentials,
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
        credentials.stop()
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

/// Jobs that are all due, in their order.
private final class JobTable: Sendable {
    struct State {
        var starts: [StartLaneID: [StartJob]] = [:]
        var callbacks: [CallbackLaneID: [CallbackJob]] = [:]
        /// Ids of the jobs whose attempt has ended, whatever came of it.
        var ended: [String] = []
        var settlements: [StartSettlement] = []
        /// How many starts are out, and the most that ever were.
        var startsOut = 0
        var startsOutMax = 0
    }

    let state: Mutex<State>

    init(callbacks urls: [String] = [], starts lanes: [StartLaneID] = [], age: Duration = .zero) {
        let now = clock().advanced(by: .zero - age)
        var state = State()
        for (number, url) in urls.enumerated() {
            let job = CallbackJob(
                id: "c\(number)", start: "s", url: url, occasion: .finished,
                body: [0x7B, 0x7D], createdAt: now, attempts: 0)
            state.callbacks[job.lane, default: []].append(job)
        }
        for (number, lane) in lanes.enumerated() {
            state.starts[lane, default: []].append(
                StartJob(
                    id: "s\(number)", delivery: "d", source: "s", rule: "r", token: "t",
                    region: lane.region, roleARN: lane.roleARN, request: [0x7B, 0x7D],
                    createdAt: now, attempts: 0, callback: nil, event: []))
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
            state.settlements += batch.startSettlements
            state.startsOut -= batch.startSettlements.count
        }
        return []
    }

    func tryWriting() throws(JournalError) {}

    func recorded(_ append: DeliveryAppend) throws(JournalError) -> [RecordedStart]? { nil }

    func startLanes() throws(JournalError) -> [StartLaneID: UnixTime] {
        table.state.withLock { $0.starts.mapValues { _ in UnixTime(milliseconds: 0) } }
    }

    func callbackLanes() throws(JournalError) -> [CallbackLaneID: UnixTime] {
        table.state.withLock { $0.callbacks.mapValues { _ in UnixTime(milliseconds: 0) } }
    }

    func claimStarts(
        of lane: StartLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [StartJob] {
        table.state.withLock { state in
            let jobs = take(limit, from: &state.starts[lane, default: []])
            state.startsOut += jobs.count
            state.startsOutMax = max(state.startsOutMax, state.startsOut)
            return jobs
        }
    }

    func claimCallbacks(
        of lane: CallbackLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [CallbackJob] {
        table.state.withLock { take(limit, from: &$0.callbacks[lane, default: []]) }
    }

    func nextStartDue(of lane: StartLaneID) throws(JournalError) -> UnixTime? { nil }
    func nextCallbackDue(of lane: CallbackLaneID) throws(JournalError) -> UnixTime? { nil }
}

private func take<Job>(_ count: Int, from jobs: inout [Job]) -> [Job] {
    let taken = Array(jobs.prefix(count))
    jobs.removeFirst(taken.count)
    return taken
}

/// Takes connections to any loopback address, as the system does for it, and never reads.
private final class SilentServer {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_ANY
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
            AnswerHandler(region: nil, answer)
        }
    }

    /// A service that starts pipelines.
    /// - Parameter region: The only one whose requests it answers; nil for all.
    fileprivate static func starting(in region: String? = nil) throws -> RunningServer {
        let arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/abcdefghijkl"
        // What it never answers is not to be waited for in the end.
        var limits = ServerLimits()
        limits.drainTimeout = .milliseconds(1)
        return try RunningServer(
            [.tcp(host: "127.0.0.1", port: 0)], limits: limits, name: "service"
        ) {
            AnswerHandler(region: region) {
                .json(.ok, Array(#"{"PipelineExecutionArn":"\#(arn)"}"#.utf8))
            }
        }
    }
}

private final class AnswerHandler: RequestHandler {
    private let region: String?
    private let answer: @Sendable () -> Response

    init(region: String?, _ answer: @escaping @Sendable () -> Response) {
        self.region = region
        self.answer = answer
    }

    func admit(_ head: RequestHead, peer: Peer) -> Admission {
        .receive(contentBytesMax: 1 << 20)
    }

    func respond(to request: Request, _ exchange: Exchange) -> Reply {
        guard let region else { return .now(answer()) }
        let field = request.head.field("authorization").map { String(decoding: $0, as: UTF8.self) }
        return field?.contains("/\(region)/") == true ? .now(answer()) : .later
    }
}
