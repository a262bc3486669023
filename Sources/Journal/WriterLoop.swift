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
    private var startCredit = 0
    private var callbackCredit = 0
    /// When the store may have a job that is due; nil when it has none at all.
    private var startsDue: UnixTime? = UnixTime(milliseconds: .min)
    private var callbacksDue: UnixTime? = UnixTime(milliseconds: .min)
    private var historyDue: UnixTime
    private var readsFail = false

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
        guard unsettled.isEmpty, !readsFail else { return Self.retryPause }
        let now = clock()
        let hasHistory = writer.waiting.withLock { !$0.history.isEmpty }
        var wait = hasHistory ? historyDue.since(now) : Self.longestPause
        if startCredit > 0, let startsDue { wait = min(wait, startsDue.since(now)) }
        if callbackCredit > 0, let callbacksDue { wait = min(wait, callbacksDue.since(now)) }
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
            batch.startPostponements += waiting.startPostponements
            waiting.startPostponements = []
            batch.callbackPostponements += waiting.callbackPostponements
            waiting.callbackPostponements = []
            if now >= historyDue || waiting.isStopping {
                batch.history = waiting.takeHistory(limits)
                historyDue = now.advanced(by: limits.historyInterval)
            }
            startCredit += waiting.startCredit
            callbackCredit += waiting.callbackCredit
            waiting.startCredit = 0
            waiting.callbackCredit = 0
            return (batch, answers, waiting.isStopping)
        }
    }

    private func commit(_ batch: JournalBatch, _ answers: [Answer]) {
        guard !batch.isEmpty else { return }
        let now = clock()
        let outcomes: [AppendOutcome]
        do throws(JournalError) {
            outcomes = try store.commit(
                batch, at: now, queuedStartsMax: writer.limits.queuedStartsMax)
        } catch {
            return commitFailed(batch, answers, error)
        }
        if !writer.healthy.exchange(true, ordering: .relaxed) { notify(.commitsAgain) }
        writer.gauge.store(store.queuedStarts, ordering: .relaxed)
        noteDueJobs(batch, at: now)
        for (answer, outcome) in zip(answers, outcomes) { answer(AppendResult(outcome)) }
    }

    private func commitFailed(_ batch: JournalBatch, _ answers: [Answer], _ error: JournalError) {
        if writer.healthy.exchange(false, ordering: .relaxed) { notify(.commitFailed(error)) }
        unsettled.startSettlements = batch.startSettlements
        unsettled.callbackSettlements = batch.callbackSettlements
        unsettled.startPostponements = batch.startPostponements
        unsettled.callbackPostponements = batch.callbackPostponements
        for (append, answer) in zip(batch.appends, answers) {
            answer(commitAlone(append) ?? .failed(error))
        }
    }

    /// A redelivery whose starts are all there writes nothing, so it can be answered though the disk
    /// takes no more, and a delivery that fails for a reason of its own must not fail others.
    private func commitAlone(_ append: DeliveryAppend) -> AppendResult? {
        var batch = JournalBatch()
        batch.appends = [append]
        let outcomes = try? store.commit(
            batch, at: clock(), queuedStartsMax: writer.limits.queuedStartsMax)
        guard let outcome = outcomes?.first else { return nil }
        noteDueJobs(batch, at: clock())
        return AppendResult(outcome)
    }

    /// A commit may have made jobs that are due, now or at a settlement's time.
    private func noteDueJobs(_ batch: JournalBatch, at now: UnixTime) {
        if !batch.appends.isEmpty { startsDue = now }
        for settlement in batch.startSettlements {
            if case .queued(let next) = settlement.next {
                startsDue = min(startsDue ?? next, next)
            }
            if !settlement.callbacks.isEmpty { callbacksDue = now }
        }
        for postponement in batch.startPostponements {
            startsDue = min(startsDue ?? postponement.until, postponement.until)
        }
        for settlement in batch.callbackSettlements {
            if case .queued(let next) = settlement.next {
                callbacksDue = min(callbacksDue ?? next, next)
            }
        }
        for postponement in batch.callbackPostponements {
            callbacksDue = min(callbacksDue ?? postponement.until, postponement.until)
        }
    }

    private func handOut() {
        guard let receiver else { return }
        let now = clock()
        let wantsStarts = startCredit > 0 && startsDue.map { $0 <= now } ?? false
        let wantsCallbacks = callbackCredit > 0 && callbacksDue.map { $0 <= now } ?? false
        guard wantsStarts || wantsCallbacks else { return }
        do throws(JournalError) {
            let starts = wantsStarts ? try claimStarts(now) : []
            let callbacks = wantsCallbacks ? try claimCallbacks(now) : []
            readsFail = false
            if !starts.isEmpty || !callbacks.isEmpty {
                receiver.receive(starts: starts, callbacks: callbacks)
            }
        } catch {
            if !readsFail { notify(.readFailed(error)) }
            readsFail = true
        }
    }

    private func claimStarts(_ now: UnixTime) throws(JournalError) -> [StartJob] {
        let jobs = try store.claimStarts(dueBy: now, limit: startCredit)
        let isExhausted = jobs.count < startCredit
        startCredit -= jobs.count
        if isExhausted { startsDue = try store.nextStartDue() }
        return jobs
    }

    private func claimCallbacks(_ now: UnixTime) throws(JournalError) -> [CallbackJob] {
        let jobs = try store.claimCallbacks(dueBy: now, limit: callbackCredit)
        let isExhausted = jobs.count < callbackCredit
        callbackCredit -= jobs.count
        if isExhausted { callbacksDue = try store.nextCallbackDue() }
        return jobs
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
