internal import EventPoll
internal import Synchronization

/// What became of a delivery that was given to the ``JournalWriter``.
package enum AppendResult: Sendable {
    case committed([RecordedStart])
    /// New starts would exceed the limit on queued ones; nothing was kept.
    case queueFull
    /// The store failed; nothing was kept.
    case failed(JournalError)
    /// Too much waited for the journal; nothing was kept.
    case overloaded
}

extension AppendResult {
    init(_ outcome: AppendOutcome) {
        switch outcome {
        case .committed(let starts): self = .committed(starts)
        case .queueFull: self = .queueFull
        }
    }
}

/// A delivery on its way to the journal, and who is to be told.
package struct PendingAppend: Sendable {
    package let append: DeliveryAppend
    package let answer: @Sendable (AppendResult) -> Void

    package init(_ append: DeliveryAppend, answer: @escaping @Sendable (AppendResult) -> Void) {
        self.append = append
        self.answer = answer
    }
}

/// Takes the jobs that are due. Called on the journal writer's thread; it must not wait.
package protocol JobReceiver: AnyObject, Sendable {
    func receive(starts: [StartJob], callbacks: [CallbackJob])
}

/// Bounds on what waits for the journal.
package struct JournalWriterLimits: Sendable, Equatable {
    /// The most deliveries that wait for a commit.
    package var appendsWaitingMax = 16_384
    /// The most payload bytes that wait for a commit.
    package var bytesWaitingMax = 64 << 20
    /// The most deliveries in one transaction.
    package var batchMax = 512
    /// The most history records that wait, and that are written at a time. A flood of deliveries
    /// that start nothing must not keep the disk from those that do, so what is above is dropped.
    package var historyWaitingMax = 4096
    package var historyBatchMax = 100
    /// The same in bytes of ``DeliveryRecord/byteCount``; one record may be larger than a batch.
    package var historyBytesWaitingMax = 32 << 20
    package var historyBatchBytesMax = 1 << 20
    package var historyInterval: Duration = .milliseconds(100)
    /// The most starts in state `queued`; 0 for no limit.
    package var queuedStartsMax = 1_000_000

    package init() {}
}

/// The one thread that writes the journal: many appends, one transaction, one fsync.
///
/// It owns the store. Other threads hand it work through a bounded queue; it answers each delivery
/// after the commit, and hands out the jobs that are due to a ``JobReceiver``.
package final class JournalWriter: Sendable {
    struct Waiting {
        var appends: [PendingAppend] = []
        var appendBytes = 0
        var history: [DeliveryRecord] = []
        var historyBytes = 0
        var startSettlements: [StartSettlement] = []
        var callbackSettlements: [CallbackSettlement] = []
        /// What the receiver takes from now on; nil where the thread knows it.
        var startRooms: LaneRooms<StartLaneID>?
        var callbackRooms: LaneRooms<CallbackLaneID>?
        var isStopping = false
        /// Whether the thread waits for a signal.
        var isAsleep = false

        /// Whether the thread has something to take before it may sleep.
        var hasWork: Bool {
            !appends.isEmpty || !startSettlements.isEmpty || !callbackSettlements.isEmpty
                || startRooms != nil || callbackRooms != nil
        }
    }

    /// What the writer has to tell an operator.
    package enum Notice: Sendable {
        case commitFailed(JournalError)
        case commitsAgain
        case readFailed(JournalError)
    }

    let limits: JournalWriterLimits
    let waiting = Mutex(Waiting())
    let wakeup: Wakeup
    let gauge = Atomic<Int>(0)
    private let droppedHistory = Atomic<Int>(0)
    let healthy = Atomic<Bool>(true)
    private let thread = Mutex<OwnedThread?>(nil)

    /// Opens the store on its own thread and starts to write.
    /// - Parameters:
    ///   - open: Opens the store.
    ///   - clock: The current time.
    ///   - receiver: Who takes due jobs; it is given none before it has said how many.
    ///   - notify: Told on the writer's thread what an operator should know.
    /// - Throws: ``JournalError`` of the opening, or a system call's error.
    package init(
        limits: JournalWriterLimits = JournalWriterLimits(),
        open: @escaping @Sendable () throws(JournalError) -> any JournalStore,
        clock: @escaping @Sendable () -> UnixTime,
        receiver: (any JobReceiver)?,
        notify: @escaping @Sendable (Notice) -> Void
    ) throws {
        self.limits = limits
        wakeup = try Wakeup()
        let opened = try OpeningResult()
        let thread = try OwnedThread(name: "journal") { [self] in
            let store: any JournalStore
            do throws(JournalError) {
                store = try open()
            } catch {
                return opened.set(error)
            }
            gauge.store(store.queuedStarts, ordering: .relaxed)
            opened.set(nil)
            WriterLoop(
                writer: self, store: store, clock: clock, receiver: receiver, notify: notify
            ).run()
        }
        if let error = opened.wait() {
            thread.join()
            throw error
        }
        self.thread.withLock { $0 = thread }
    }

    /// Queues deliveries. Each one's answer is called on the writer's thread when it is on disk, or
    /// is not.
    /// - Returns: How many were queued, from the front. The rest found too much waiting already, and
    ///   their answers are never called.
    package func append(_ arrivals: [PendingAppend]) -> Int {
        change { waiting in
            var count = 0
            for arrival in arrivals {
                let bytes = arrival.append.delivery.payload.count
                guard waiting.appends.count < limits.appendsWaitingMax,
                    waiting.appendBytes + bytes <= limits.bytesWaitingMax
                        || waiting.appends.isEmpty, !waiting.isStopping
                else { break }
                waiting.appends.append(arrival)
                waiting.appendBytes += bytes
                count += 1
            }
            return count
        }
    }

    /// Whether the history has room for another delivery. Cheap; ask before making the record.
    package var hasHistoryRoom: Bool { waiting.withLock { hasRoom($0) } }

    /// Asked without the record's size, which is known only when it is made: the last one may go
    /// beyond the bound.
    private func hasRoom(_ waiting: Waiting) -> Bool {
        waiting.history.count < limits.historyWaitingMax
            && waiting.historyBytes < limits.historyBytesWaitingMax
    }

    /// Keeps a delivery that started nothing, when the disk has time for it.
    package func record(_ delivery: DeliveryRecord) {
        let (isKept, isFirst) = waiting.withLock { waiting in
            guard hasRoom(waiting), !waiting.isStopping else {
                return (false, false)
            }
            waiting.history.append(delivery)
            waiting.historyBytes += delivery.byteCount
            return (true, waiting.history.count == 1)
        }
        if !isKept { countDroppedHistory() }
        // Woken for the first only: the writer then sleeps until the history's interval is over.
        if isFirst { wakeup.signal() }
    }

    /// Counts a delivery that the history had no room for.
    package func countDroppedHistory() { droppedHistory.add(1, ordering: .relaxed) }

    /// Stores the result of a start's attempt.
    package func settle(_ settlement: StartSettlement) {
        change { $0.startSettlements.append(settlement) }
    }

    /// Stores the result of a callback's attempt.
    package func settle(_ settlement: CallbackSettlement) {
        change { $0.callbackSettlements.append(settlement) }
    }

    /// Says how many starts the receiver takes.
    package func admit(_ rooms: LaneRooms<StartLaneID>) { change { $0.startRooms = rooms } }

    /// Says how many callbacks the receiver takes.
    package func admit(_ rooms: LaneRooms<CallbackLaneID>) { change { $0.callbackRooms = rooms } }

    /// The number of starts in state `queued` after the last commit.
    package var queuedStarts: Int { gauge.load(ordering: .relaxed) }
    /// Deliveries that the history had no room for.
    package var historyDropped: Int { droppedHistory.load(ordering: .relaxed) }
    /// Whether the last commit succeeded.
    package var isHealthy: Bool { healthy.load(ordering: .relaxed) }

    /// Writes what waits, closes the store and ends the thread.
    package func stop() {
        change { $0.isStopping = true }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func change<Result>(_ body: (inout sending Waiting) -> sending Result) -> Result {
        let (result, wasAsleep) = waiting.withLock { waiting in
            let result = body(&waiting)
            let wasAsleep = waiting.isAsleep
            waiting.isAsleep = false
            return (result, wasAsleep)
        }
        if wasAsleep { wakeup.signal() }
        return result
    }
}

/// The error of opening a store, handed from the writer's thread to the one that waits for it.
private final class OpeningResult: Sendable {
    private let error = Mutex<JournalError?>(nil)
    private let done: Wakeup

    init() throws(SystemCallError) { done = try Wakeup() }

    func set(_ error: JournalError?) {
        self.error.withLock { $0 = error }
        done.signal()
    }

    func wait() -> JournalError? {
        while !done.wait(milliseconds: -1) {}
        return error.withLock { $0 }
    }
}
