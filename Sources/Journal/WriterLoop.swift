internal import EventPoll
internal import Synchronization

/// The journal writer's thread: takes what waits, commits it, answers, and hands out due jobs.
final class WriterLoop {
    private let writer: JournalWriter
    private let store: any JournalStore
    private let clock: @Sendable () -> UnixTime
    private let receiver: (any JobReceiver)?
    private let notify: @Sendable (JournalWriter.Notice) -> Void

    /// Settlements that could not be committed yet. They are never given up: what they tell has
    /// happened, and without them a start would be sent again.
    private var unsettled = JournalBatch()
    private var starts = LaneBook<StartLaneID>()
    private var callbacks = LaneBook<CallbackLaneID>()
    /// Whether the lanes are noted that the store had when it was opened.
    private var areLanesKnown = false
    private var historyDue: UnixTime
    private var readsFail = false
    /// When a store that failed is tried again though there is nothing to commit.
    private var trialDue = UnixTime(milliseconds: .min)

    private static let retryPause: Int32 = 1000
    private static let longestPause = Duration.seconds(60)

    init(
        writer: JournalWriter, store: any JournalStore, clock: @escaping @Sendable () -> UnixTime,
        receiver: (any JobReceiver)?, notify: @escaping @Sendable (JournalWriter.Notice) -> Void
    ) {
        self.writer = writer
        self.store = store
        self.clock = clock
        self.receiver = receiver
        self.notify = notify
        historyDue = clock()
    }

    func run() {
        while step() { sleep() }
    }

    /// Does what there is to do.
    /// - Returns: False when the writer is to stop and nothing is left.
    private func step() -> Bool {
        let (batch, answers, isStopping) = take()
        commit(batch, answers)
        handOut()
        guard isStopping else { return true }
        return writer.waiting.withLock { $0.hasWork || !$0.history.isEmpty }
    }

    /// Waits until there is work, a job falls due, or the history is to be written.
    private func sleep() {
        let hasWork = writer.waiting.withLock { waiting in
            let hasWork = waiting.hasWork || waiting.isStopping
            waiting.isAsleep = !hasWork
            return hasWork
        }
        guard !hasWork else { return }
        _ = writer.wakeup.wait(milliseconds: pause())
        writer.waiting.withLock { $0.isAsleep = false }
    }

    private func pause() -> Int32 {
        guard unsettled.isEmpty, !readsFail, isHealthy else { return Self.retryPause }
        let now = clock()
        let hasHistory = writer.waiting.withLock { !$0.history.isEmpty }
        var wait = hasHistory ? historyDue.since(now) : Self.longestPause
        if let due = starts.nextDue { wait = min(wait, due.since(now)) }
        if let due = callbacks.nextDue { wait = min(wait, due.since(now)) }
        return Int32(max(0, wait.nanoseconds / 1_000_000))
    }

    private typealias Answer = @Sendable (AppendResult) -> Void

    private func take() -> (JournalBatch, [Answer], isStopping: Bool) {
        let now = clock()
        let limits = writer.limits
        var batch = unsettled
        unsettled = JournalBatch()
        return writer.waiting.withLock { waiting in
            let count = min(waiting.appends.count, limits.batchMax)
            let taken = waiting.appends.prefix(count)
            batch.appends = taken.map(\.append)
            let answers = taken.map(\.answer)
            for append in batch.appends { waiting.appendBytes -= append.delivery.payload.count }
            waiting.appends.removeFirst(count)
            batch.startSettlements += waiting.startSettlements
            batch.callbackSettlements += waiting.callbackSettlements
            waiting.startSettlements = []
            waiting.callbackSettlements = []
            if now >= historyDue || waiting.isStopping {
                batch.history = waiting.takeHistory(limits)
                historyDue = now.advanced(by: limits.historyInterval)
            }
            if let rooms = waiting.startRooms.take() { starts.rooms = rooms }
            if let rooms = waiting.callbackRooms.take() { callbacks.rooms = rooms }
            return (batch, answers, waiting.isStopping)
        }
    }

    private func commit(_ batch: JournalBatch, _ answers: [Answer]) {
        var (batch, answers) = (batch, answers)
        if !isHealthy { answerRecorded(&batch, &answers) }
        guard !batch.isEmpty else { return tryAgain() }
        let now = clock()
        let outcomes: [AppendOutcome]
        do throws(JournalError) {
            outcomes = try store.commit(
                batch, at: now, queuedStartsMax: writer.limits.queuedStartsMax)
        } catch {
            return commitFailed(batch, answers, error)
        }
        noteWritten()
        writer.gauge.store(store.queuedStarts, ordering: .relaxed)
        note(batch, at: now)
        for (answer, outcome) in zip(answers, outcomes) { answer(AppendResult(outcome)) }
    }

    private var isHealthy: Bool { writer.healthy.load(ordering: .relaxed) }

    private func noteWritten() {
        if !writer.healthy.exchange(true, ordering: .relaxed) { notify(.commitsAgain) }
    }

    /// Looks whether a store that failed works again: while the process is not ready, nobody may send
    /// anything that would show it.
    private func tryAgain() {
        let now = clock()
        guard !isHealthy, now >= trialDue else { return }
        trialDue = now.advanced(by: .milliseconds(Int64(Self.retryPause)))
        guard (try? store.tryWriting()) != nil else { return }
        noteWritten()
    }

    private func commitFailed(_ batch: JournalBatch, _ answers: [Answer], _ error: JournalError) {
        unsettled.startSettlements = batch.startSettlements
        unsettled.callbackSettlements = batch.callbackSettlements
        var (batch, answers) = (batch, answers)
        // After an earlier failure they were answered before this one.
        if writer.healthy.exchange(false, ordering: .relaxed) {
            notify(.commitFailed(error))
            answerRecorded(&batch, &answers)
        }
        for (append, answer) in zip(batch.appends, answers) {
            answer(commitAlone(append, after: error) ?? .failed(error))
        }
    }

    /// Answers the deliveries that need no new start, and takes them out: nothing has to be written.
    private func answerRecorded(_ batch: inout JournalBatch, _ answers: inout [Answer]) {
        var (appends, rest): ([DeliveryAppend], [Answer]) = ([], [])
        for (append, answer) in zip(batch.appends, answers) {
            if let starts = try? store.recorded(append) {
                answer(.committed(starts))
            } else {
                appends.append(append)
                rest.append(answer)
            }
        }
        (batch.appends, answers) = (appends, rest)
    }

    /// A delivery that fails for a reason of its own must not fail others.
    private func commitAlone(_ append: DeliveryAppend, after error: JournalError) -> AppendResult? {
        // Each would wait for the lock anew.
        if case .locked = error { return nil }
        var batch = JournalBatch()
        batch.appends = [append]
        let outcomes = try? store.commit(
            batch, at: clock(), queuedStartsMax: writer.limits.queuedStartsMax)
        guard let outcome = outcomes?.first else { return nil }
        note(batch, at: clock())
        return AppendResult(outcome)
    }

    /// A commit may have made jobs that are due, now or at a settlement's time, and makes room.
    private func note(_ batch: JournalBatch, at now: UnixTime) {
        for append in batch.appends {
            for start in append.starts { starts.note(start.lane, due: now) }
        }
        for settlement in batch.startSettlements {
            if case .queued(let next) = settlement.next { starts.note(settlement.lane, due: next) }
            starts.noteSettled(settlement.lane)
            for callback in settlement.callbacks { callbacks.note(callback.lane, due: now) }
        }
        for settlement in batch.callbackSettlements {
            if case .queued(let next) = settlement.next {
                callbacks.note(settlement.lane, due: next)
            }
            callbacks.noteSettled(settlement.lane)
        }
    }

    private func handOut() {
        guard let receiver else { return }
        var (starts, callbacks): ([StartJob], [CallbackJob]) = ([], [])
        do throws(JournalError) {
            try noteStoredLanes()
            let now = clock()
            try claimStarts(now, into: &starts)
            try claimCallbacks(now, into: &callbacks)
            readsFail = false
        } catch {
            if !readsFail { notify(.readFailed(error)) }
            readsFail = true
        }
        // What was claimed before a read failed is handed out too: nobody else would get it.
        guard !starts.isEmpty || !callbacks.isEmpty else { return }
        receiver.receive(starts: starts, callbacks: callbacks)
    }

    private func noteStoredLanes() throws(JournalError) {
        guard !areLanesKnown else { return }
        for (lane, due) in try store.startLanes() { starts.note(lane, due: due) }
        for (lane, due) in try store.callbackLanes() { callbacks.note(lane, due: due) }
        areLanesKnown = true
    }

    private func claimStarts(
        _ now: UnixTime, into claimed: inout [StartJob]
    ) throws(JournalError) {
        for share in starts.shares(at: now) {
            let jobs = try store.claimStarts(of: share.lane, dueBy: now, limit: share.limit)
            claimed += jobs
            starts.noteHandedOut(share.lane, count: jobs.count)
            guard jobs.count < share.limit else { continue }
            starts.noteExhausted(share.lane, next: try store.nextStartDue(of: share.lane))
        }
    }

    private func claimCallbacks(
        _ now: UnixTime, into claimed: inout [CallbackJob]
    ) throws(JournalError) {
        for share in callbacks.shares(at: now) {
            let jobs = try store.claimCallbacks(of: share.lane, dueBy: now, limit: share.limit)
            claimed += jobs
            callbacks.noteHandedOut(share.lane, count: jobs.count)
            guard jobs.count < share.limit else { continue }
            callbacks.noteExhausted(share.lane, next: try store.nextCallbackDue(of: share.lane))
        }
    }
}

extension JournalWriter.Waiting {
    /// The history records of one batch; at least one, however large.
    fileprivate mutating func takeHistory(_ limits: JournalWriterLimits) -> [DeliveryRecord] {
        var bytes = 0
        var taken: [DeliveryRecord] = []
        for record in history.prefix(limits.historyBatchMax) {
            if !taken.isEmpty, bytes + record.byteCount > limits.historyBatchBytesMax { break }
            bytes += record.byteCount
            taken.append(record)
        }
        history.removeFirst(taken.count)
        historyBytes -= bytes
        return taken
    }
}
