import Synchronization
import Testing

@testable import Journal

/// A store in memory that records its batches and can be told to fail.
private final class MemoryStore: JournalStore {
    struct Log {
        var batches: [JournalBatch] = []
        var failures = 0
        var failure = JournalError.commitFailed("told to")
        /// Commits that were tried.
        var tries = 0
        var dueStarts: [StartJob] = []
        /// Whether the question for the next due start fails.
        var failsNextDue = false
        /// Called in the middle of each commit.
        var whileCommitting: (@Sendable () -> Void)?
    }

    let log: SharedLog
    init(_ log: SharedLog) { self.log = log }

    var queuedStarts: Int { log.value.withLock { $0.dueStarts.count } }

    func commit(
        _ batch: JournalBatch, at now: UnixTime, queuedStartsMax: Int
    ) throws(JournalError) -> [AppendOutcome] {
        let failure = log.value.withLock { $0.failure }
        let fails = log.value.withLock { log in
            log.tries += 1
            guard log.failures > 0 else {
                log.batches.append(batch)
                for append in batch.appends { log.dueStarts += append.starts.map(job) }
                return false
            }
            log.failures -= 1
            return true
        }
        log.value.withLock { $0.whileCommitting }?()
        if fails { throw failure }
        return batch.appends.map { append in
            .committed(
                append.starts.map {
                    RecordedStart(
                        id: $0.id, rule: $0.rule, eventIndex: $0.eventIndex, token: $0.token,
                        isNew: true)
                })
        }
    }

    func tryWriting() throws(JournalError) {
        let failure = log.value.withLock { log -> JournalError? in
            guard log.failures > 0 else { return nil }
            log.failures -= 1
            return log.failure
        }
        if let failure { throw failure }
    }

    func recorded(_ append: DeliveryAppend) throws(JournalError) -> [RecordedStart]? {
        let isKnown = log.value.withLock { log in
            log.batches.contains { $0.appends.contains { $0.delivery.id == append.delivery.id } }
        }
        return isKnown ? [] : nil
    }

    func startLanes() throws(JournalError) -> [StartLaneID: UnixTime] {
        let lanes = log.value.withLock { Set($0.dueStarts.map(\.lane)) }
        return Dictionary(uniqueKeysWithValues: lanes.map { ($0, UnixTime(milliseconds: 0)) })
    }

    func claimStarts(
        of lane: StartLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [StartJob] {
        log.value.withLock { log in
            let jobs = Array(log.dueStarts.filter { $0.lane == lane }.prefix(limit))
            log.dueStarts.removeAll { jobs.contains($0) }
            return jobs
        }
    }

    func nextStartDue(of lane: StartLaneID) throws(JournalError) -> UnixTime? {
        if log.value.withLock({ $0.failsNextDue }) { throw .readFailed("told to") }
        return nil
    }

    func callbackLanes() throws(JournalError) -> [CallbackLaneID: UnixTime] { [:] }
    func claimCallbacks(
        of lane: CallbackLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [CallbackJob] { [] }
    func nextCallbackDue(of lane: CallbackLaneID) throws(JournalError) -> UnixTime? { nil }
}

private func job(_ start: NewStart) -> StartJob {
    StartJob(
        id: start.id, delivery: "d", source: "s", rule: start.rule, token: start.token,
        region: start.region, request: start.request, createdAt: UnixTime(milliseconds: 0),
        attempts: 0, callback: nil, event: [])
}

private final class SharedLog: Sendable {
    let value = Mutex(MemoryStore.Log())

    /// Waits until the log is as asked for; the test's own time limit is the only one.
    func wait(until condition: (MemoryStore.Log) -> Bool) async {
        while !value.withLock({ condition($0) }) { await Task.yield() }
    }
}

private final class Answers: Sendable {
    private let results = Mutex<[String]>([])
    func add(_ result: AppendResult) {
        results.withLock { $0.append("\(result)".prefix { $0 != "(" }.description) }
    }
    func wait(_ count: Int) async -> [String] {
        while true {
            let now = results.withLock { $0 }
            if now.count >= count { return now }
            await Task.yield()
        }
    }
}

private final class Receiver: JobReceiver {
    let received = Mutex<[String]>([])
    func receive(starts: [StartJob], callbacks: [CallbackJob]) {
        received.withLock { $0 += starts.map(\.id) }
    }
    func wait(_ count: Int) async -> [String] {
        while true {
            let now = received.withLock { $0 }
            if now.count >= count { return now }
            await Task.yield()
        }
    }
}

private func append(
    _ id: String, bytes: Int = 1, starts: Int = 1, region: String = "x"
) -> DeliveryAppend {
    DeliveryAppend(
        delivery: record(id, bytes: bytes),
        starts: (0..<starts).map {
            NewStart(
                id: "\(id)-\($0)", rule: "r", eventIndex: $0, token: "\(id)-\($0)", region: region,
                request: [], callback: nil)
        })
}

private func record(_ id: String, bytes: Int = 1) -> DeliveryRecord {
    DeliveryRecord(
        id: id, source: "s", deliveryID: id, receivedAt: UnixTime(milliseconds: 0),
        verifiedBy: "none", headers: [], events: [], errors: [],
        payload: [UInt8](repeating: 0, count: bytes))
}

private final class Fixture {
    let log: SharedLog
    let receiver = Receiver()
    let answers = Answers()
    let notices = NoticeList()
    let writer: JournalWriter

    init(
        log: SharedLog = SharedLog(), failures: Int = 0,
        _ change: (inout JournalWriterLimits) -> Void = { _ in }
    ) throws {
        self.log = log
        var limits = JournalWriterLimits()
        change(&limits)
        log.value.withLock { $0.failures = failures }
        let (log, notices) = (log, notices)
        writer = try JournalWriter(
            limits: limits, open: { () throws(JournalError) in MemoryStore(log) },
            clock: { UnixTime(milliseconds: 0) }, receiver: receiver, notify: { notices.add($0) })
    }

    /// Takes so many starts of each lane.
    func admit(_ count: Int) {
        var rooms = LaneRooms<StartLaneID>()
        (rooms.usual, rooms.sharedMax, rooms.inAllMax) = (count, 100, 100)
        writer.admit(rooms)
    }

    func settle(_ start: String, region: String = "x") {
        writer.settle(
            StartSettlement(
                start: start, lane: StartLaneID(region: region, roleARN: nil),
                next: .started(executionARN: "arn"),
                attempt: Attempt(at: UnixTime(milliseconds: 0), outcome: .succeeded),
                callbacks: []))
    }

    func append(_ delivery: DeliveryAppend) -> Bool {
        let answers = answers
        return writer.append([PendingAppend(delivery) { answers.add($0) }]) == 1
    }
}

private final class NoticeList: Sendable {
    let texts = Mutex<[String]>([])
    func add(_ notice: JournalWriter.Notice) {
        texts.withLock { $0.append("\(notice)".prefix { $0 != "(" }.description) }
    }
    func wait(until condition: ([String]) -> Bool) async {
        while !texts.withLock({ condition($0) }) { await Task.yield() }
    }
}

@Suite(.timeLimit(.minutes(1))) struct JournalWriterTests {
    @Test func `answers after the commit and hands out what is due`() async throws {
        let fixture = try Fixture()
        #expect(fixture.append(append("a")))
        #expect(fixture.append(append("b", starts: 2)))
        #expect(await fixture.answers.wait(2) == ["committed", "committed"])
        fixture.admit(2)
        #expect(await fixture.receiver.wait(2) == ["a-0", "b-0"])
        fixture.admit(5)
        #expect(await fixture.receiver.wait(3) == ["a-0", "b-0", "b-1"])
        fixture.writer.stop()
        #expect(fixture.log.value.withLock { $0.batches.flatMap(\.appends).count } == 2)
    }

    @Test func `hands out a start that is committed after room was made for it`() async throws {
        let fixture = try Fixture()
        fixture.admit(10)
        #expect(fixture.append(append("a")))
        #expect(await fixture.receiver.wait(1) == ["a-0"])
        fixture.writer.stop()
    }

    @Test func `a settlement makes room for the next start of its lane`() async throws {
        let fixture = try Fixture()
        fixture.admit(1)
        #expect(fixture.append(append("a", starts: 3)))
        #expect(await fixture.receiver.wait(1) == ["a-0"])
        fixture.settle("a-0")
        #expect(await fixture.receiver.wait(2) == ["a-0", "a-1"])
        fixture.settle("a-1")
        #expect(await fixture.receiver.wait(3) == ["a-0", "a-1", "a-2"])
        fixture.writer.stop()
    }

    @Test func `a lane that is full keeps no other waiting`() async throws {
        let fixture = try Fixture()
        fixture.admit(1)
        #expect(fixture.append(append("a", starts: 9)))
        #expect(await fixture.receiver.wait(1) == ["a-0"])
        #expect(fixture.append(append("b", region: "y")))
        #expect(await fixture.receiver.wait(2) == ["a-0", "b-0"])
        fixture.writer.stop()
    }

    @Test func `what the store had when it was opened is handed out`() async throws {
        let log = SharedLog()
        log.value.withLock { $0.dueStarts = append("a", starts: 2).starts.map(job) }
        let fixture = try Fixture(log: log)
        fixture.admit(9)
        #expect(await fixture.receiver.wait(2) == ["a-0", "a-1"])
        fixture.writer.stop()
    }

    @Test func `what was claimed is handed out though the read behind it fails`() async throws {
        let fixture = try Fixture()
        fixture.log.value.withLock { $0.failsNextDue = true }
        fixture.admit(9)
        #expect(fixture.append(append("a")))
        #expect(await fixture.receiver.wait(1) == ["a-0"])
        fixture.log.value.withLock { $0.failsNextDue = false }
        #expect(fixture.append(append("b")))
        #expect(await fixture.receiver.wait(2) == ["a-0", "b-0"])
        await fixture.notices.wait { $0 == ["readFailed"] }
        fixture.writer.stop()
    }

    @Test func `what is asked for during a commit is handed out behind it`() async throws {
        let fixture = try Fixture()
        let writer = fixture.writer
        fixture.log.value.withLock { log in
            log.whileCommitting = {
                var rooms = LaneRooms<StartLaneID>()
                (rooms.usual, rooms.sharedMax, rooms.inAllMax) = (1, 1, 1)
                writer.admit(rooms)
            }
        }
        #expect(fixture.append(append("a")))
        #expect(await fixture.receiver.wait(1) == ["a-0"])
        fixture.log.value.withLock { $0.whileCommitting = nil }
        writer.stop()
        // The writer looks for this before it sleeps; without it, a minute would pass.
        var waiting = JournalWriter.Waiting()
        #expect(!waiting.hasWork)
        waiting.startRooms = LaneRooms()
        #expect(waiting.hasWork)
        waiting = JournalWriter.Waiting()
        waiting.callbackRooms = LaneRooms()
        #expect(waiting.hasWork)
    }

    @Test func `a failed commit fails its deliveries and keeps its settlements`() async throws {
        let fixture = try Fixture(failures: 1)
        let settlement = StartSettlement(
            start: "x", lane: StartLaneID(region: "x", roleARN: nil),
            next: .started(executionARN: "arn"),
            attempt: Attempt(at: UnixTime(milliseconds: 0), outcome: .succeeded), callbacks: [])
        fixture.writer.settle(settlement)
        await fixture.log.wait { $0.batches.contains { $0.startSettlements == [settlement] } }
        await fixture.notices.wait { $0 == ["commitFailed", "commitsAgain"] }
        #expect(fixture.writer.isHealthy)
        // The batch fails, and then the delivery alone.
        fixture.log.value.withLock { $0.failures = 2 }
        #expect(fixture.append(append("a")))
        #expect(await fixture.answers.wait(1) == ["failed"])
        #expect(!fixture.writer.isHealthy)
        fixture.writer.stop()
    }

    @Test func `a delivery that can be committed alone does not fail with its batch`() async throws
    {
        let fixture = try Fixture(failures: 1)
        #expect(fixture.append(append("a")))
        #expect(await fixture.answers.wait(1) == ["committed"])
        fixture.admit(1)
        #expect(await fixture.receiver.wait(1) == ["a-0"])
        fixture.writer.stop()
    }

    @Test func `a store that is locked is waited for once, however many deliveries come`()
        async throws
    {
        let fixture = try Fixture()
        fixture.log.value.withLock { ($0.failures, $0.failure) = (1, .locked) }
        let answers = fixture.answers
        let arrivals = (0..<9).map { number in
            PendingAppend(append("\(number)")) { answers.add($0) }
        }
        #expect(fixture.writer.append(arrivals) == 9)
        #expect(await fixture.answers.wait(9) == Array(repeating: "failed", count: 9))
        #expect(fixture.log.value.withLock { $0.tries } == 1)
        fixture.writer.stop()
    }

    @Test func `a store that works again is found to, though nothing comes`() async throws {
        let fixture = try Fixture()
        fixture.log.value.withLock { ($0.failures, $0.failure) = (1, .locked) }
        #expect(fixture.append(append("a")))
        #expect(await fixture.answers.wait(1) == ["failed"])
        await fixture.notices.wait { $0 == ["commitFailed", "commitsAgain"] }
        #expect(fixture.writer.isHealthy)
        fixture.writer.stop()
    }

    @Test func `a delivery that needs nothing new is answered though nothing can be written`()
        async throws
    {
        let fixture = try Fixture()
        #expect(fixture.append(append("a")))
        #expect(await fixture.answers.wait(1) == ["committed"])
        fixture.log.value.withLock { ($0.failures, $0.failure) = (1_000_000, .locked) }
        #expect(fixture.append(append("a")))
        #expect(await fixture.answers.wait(2) == ["committed", "committed"])
        #expect(!fixture.writer.isHealthy)
        // From then on it does not even wait for a commit that fails.
        let tries = fixture.log.value.withLock { $0.tries }
        #expect(fixture.append(append("a")))
        #expect(await fixture.answers.wait(3).last == "committed")
        #expect(fixture.log.value.withLock { $0.tries } == tries)
        #expect(!fixture.writer.isHealthy)
        fixture.log.value.withLock { $0.failures = 0 }
        #expect(fixture.append(append("b")))
        #expect(await fixture.answers.wait(4).last == "committed")
        fixture.writer.stop()
        #expect(fixture.writer.isHealthy)
    }

    @Test func `refuses what would wait beyond its bounds`() async throws {
        let fixture = try Fixture {
            $0.bytesWaitingMax = 10
            $0.appendsWaitingMax = 1
        }
        // One delivery is taken however large it is; the next finds the queue full or empty.
        #expect(fixture.append(append("a", bytes: 100)))
        _ = await fixture.answers.wait(1)
        #expect(fixture.append(append("b")))
        fixture.writer.stop()
        #expect(!fixture.append(append("c")))
    }

    @Test func `writes the history in the end, and counts what it has no room for`() async throws {
        let fixture = try Fixture { $0.historyWaitingMax = 0 }
        fixture.writer.record(record("a"))
        #expect(fixture.writer.historyDropped == 1)
        fixture.writer.stop()
        let roomy = try Fixture()
        for index in 0..<1000 { roomy.writer.record(record("\(index)")) }
        roomy.writer.stop()
        #expect(roomy.log.value.withLock { $0.batches.map(\.history.count).reduce(0, +) } == 1000)
    }

    @Test func `keeps as much of the history as its bytes allow, a large record alone`() throws {
        let fixture = try Fixture {
            $0.historyBytesWaitingMax = 100
            $0.historyBatchBytesMax = 30
            $0.historyInterval = .seconds(60)
        }
        // The first is written at once, or when the others are.
        fixture.writer.record(record("first", bytes: 0))
        for index in 0..<6 { fixture.writer.record(record("\(index)", bytes: 20)) }
        fixture.writer.record(record("large", bytes: 101))
        fixture.writer.stop()
        let batches = fixture.log.value.withLock { $0.batches.map(\.history) }
        let kept = batches.flatMap { $0 }.map(\.id)
        #expect(kept == ["first"] + (0..<5).map(String.init))
        #expect(fixture.writer.historyDropped == 2)
        for batch in batches {
            #expect(batch.map(\.byteCount).reduce(0, +) <= 30)
        }
        let lone = try Fixture { $0.historyBatchBytesMax = 30 }
        lone.writer.record(record("large", bytes: 1000))
        lone.writer.stop()
        #expect(lone.log.value.withLock { $0.batches.map(\.history.count) } == [1])
    }

    @Test func `an opening that fails is the initialiser's error`() {
        #expect(throws: JournalError.unavailable("no")) {
            try JournalWriter(
                open: { () throws(JournalError) in throw .unavailable("no") },
                clock: { UnixTime(milliseconds: 0) }, receiver: nil, notify: { _ in })
        }
    }
}
