package import Journal

/// What a ``ModelStore`` keeps when it is let go.
package final class ModelDisk {
    fileprivate struct Start {
        let new: NewStart
        let delivery: DeliveryRecord
        let createdAt: UnixTime
        var nextAttemptAt: UnixTime?
        var attempts = 0
    }

    fileprivate struct Callback {
        let new: NewCallback
        let start: String
        let createdAt: UnixTime
        var nextAttemptAt: UnixTime?
        var attempts = 0
    }

    fileprivate var deliveries: [String: DeliveryRecord] = [:]
    // In the order they were made.
    fileprivate var starts: [Start] = []
    fileprivate var callbacks: [Callback] = []

    package init() {}
}

/// The plainest store there can be, in memory: what the others are compared with.
package final class ModelStore: JournalStore {
    private let disk: ModelDisk
    private var claimedStarts: Set<String> = []
    private var claimedCallbacks: Set<String> = []

    package init(_ disk: ModelDisk) { self.disk = disk }

    package var queuedStarts: Int { disk.starts.count { $0.nextAttemptAt != nil } }

    package func commit(
        _ batch: JournalBatch, at now: UnixTime, queuedStartsMax: Int
    ) throws(JournalError) -> [AppendOutcome] {
        for settlement in batch.startSettlements { settle(settlement, at: now) }
        for settlement in batch.callbackSettlements { settle(settlement) }
        let outcomes = batch.appends.map { append($0, at: now, queuedStartsMax: queuedStartsMax) }
        for record in batch.history where disk.deliveries[record.id] == nil {
            disk.deliveries[record.id] = record
        }
        return outcomes
    }

    package func tryWriting() throws(JournalError) {}

    package func recorded(_ append: DeliveryAppend) throws(JournalError) -> [RecordedStart]? {
        let (known, new) = divide(append)
        return new.isEmpty ? known.map { $0.recorded(isNew: false) } : nil
    }

    private func append(
        _ append: DeliveryAppend, at now: UnixTime, queuedStartsMax: Int
    ) -> AppendOutcome {
        let (known, new) = divide(append)
        if queuedStartsMax > 0, !new.isEmpty, queuedStarts + new.count > queuedStartsMax {
            return .queueFull
        }
        let delivery = disk.deliveries[append.delivery.id] ?? append.delivery
        disk.deliveries[delivery.id] = delivery
        disk.starts += new.map {
            ModelDisk.Start(new: $0, delivery: delivery, createdAt: now, nextAttemptAt: now)
        }
        return .committed(
            known.map { $0.recorded(isNew: false) } + new.map { $0.recorded(isNew: true) })
    }

    private func divide(_ append: DeliveryAppend) -> (known: [NewStart], new: [NewStart]) {
        let delivery = append.delivery
        let own = disk.starts.filter { $0.delivery.id == delivery.id }.map(\.new)
        var elsewhere: [NewStart] = []
        var new: [NewStart] = []
        for start in append.starts {
            let isRule = { (other: NewStart) in
                other.rule == start.rule && other.eventIndex == start.eventIndex
            }
            let isToken = { (other: NewStart) in other.token == start.token }
            if (own + new).contains(where: { isRule($0) || isToken($0) }) { continue }
            if elsewhere.contains(where: isToken) { continue }
            if let earlier = disk.starts.map(\.new).first(where: isToken) {
                elsewhere.append(earlier)
            } else {
                new.append(start)
            }
        }
        return (own + elsewhere, new)
    }

    private func settle(_ settlement: StartSettlement, at now: UnixTime) {
        claimedStarts.remove(settlement.start)
        guard let index = disk.starts.firstIndex(where: { $0.new.id == settlement.start }),
            disk.starts[index].nextAttemptAt != nil
        else { return }
        disk.starts[index].nextAttemptAt = nil
        if case .queued(let due) = settlement.next { disk.starts[index].nextAttemptAt = due }
        if settlement.attempt.outcome != .succeeded { disk.starts[index].attempts += 1 }
        for new in settlement.callbacks
        where !disk.callbacks.contains(where: { $0.new.id == new.id }) {
            disk.callbacks.append(
                ModelDisk.Callback(
                    new: new, start: settlement.start, createdAt: now, nextAttemptAt: now))
        }
    }

    private func settle(_ settlement: CallbackSettlement) {
        claimedCallbacks.remove(settlement.callback)
        guard let index = disk.callbacks.firstIndex(where: { $0.new.id == settlement.callback }),
            disk.callbacks[index].nextAttemptAt != nil
        else { return }
        disk.callbacks[index].nextAttemptAt = nil
        if case .queued(let due) = settlement.next { disk.callbacks[index].nextAttemptAt = due }
        if settlement.attempt.outcome != .succeeded { disk.callbacks[index].attempts += 1 }
    }

    package func startLanes() throws(JournalError) -> [StartLaneID: UnixTime] {
        firstDue(of: disk.starts) { start in start.nextAttemptAt.map { (start.new.lane, $0) } }
    }

    package func callbackLanes() throws(JournalError) -> [CallbackLaneID: UnixTime] {
        firstDue(of: disk.callbacks) { callback in
            callback.nextAttemptAt.map { (callback.new.lane, $0) }
        }
    }

    private func firstDue<Job, Lane>(
        of jobs: [Job], _ due: (Job) -> (Lane, UnixTime)?
    ) -> [Lane: UnixTime] {
        Dictionary(jobs.compactMap(due), uniquingKeysWith: min)
    }

    package func claimStarts(
        of lane: StartLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [StartJob] {
        let due = freeStarts(of: lane).filter { $0.due <= now }.prefix(limit).map(\.start)
        claimedStarts.formUnion(due.map(\.new.id))
        return due.map { start in
            StartJob(
                id: start.new.id, delivery: start.delivery.id, source: start.delivery.source,
                rule: start.new.rule, token: start.new.token, region: start.new.region,
                roleARN: start.new.roleARN, request: start.new.request, createdAt: start.createdAt,
                attempts: start.attempts,
                callback: start.new.callback,
                event: start.new.callback == nil
                    ? [] : element(start.new.eventIndex, of: start.delivery.events))
        }
    }

    package func claimCallbacks(
        of lane: CallbackLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [CallbackJob] {
        let due = freeCallbacks(of: lane).filter { $0.due <= now }.prefix(limit).map(\.callback)
        claimedCallbacks.formUnion(due.map(\.new.id))
        return due.map {
            CallbackJob(
                id: $0.new.id, start: $0.start, url: $0.new.url, occasion: $0.new.occasion,
                body: $0.new.body, createdAt: $0.createdAt, attempts: $0.attempts)
        }
    }

    package func nextStartDue(of lane: StartLaneID) throws(JournalError) -> UnixTime? {
        freeStarts(of: lane).first?.due
    }

    package func nextCallbackDue(of lane: CallbackLaneID) throws(JournalError) -> UnixTime? {
        freeCallbacks(of: lane).first?.due
    }

    // Swift's sort keeps the order of equals, here that of making.
    private func freeStarts(of lane: StartLaneID) -> [(due: UnixTime, start: ModelDisk.Start)] {
        disk.starts.compactMap { start in start.nextAttemptAt.map { (due: $0, start: start) } }
            .filter { $0.start.new.lane == lane && !claimedStarts.contains($0.start.new.id) }
            .sorted { $0.due < $1.due }
    }

    private func freeCallbacks(
        of lane: CallbackLaneID
    ) -> [(due: UnixTime, callback: ModelDisk.Callback)] {
        disk.callbacks.compactMap { callback in
            callback.nextAttemptAt.map { (due: $0, callback: callback) }
        }
        .filter { $0.callback.new.lane == lane && !claimedCallbacks.contains($0.callback.new.id) }
        .sorted { $0.due < $1.due }
    }
}

/// An element of a JSON array of flat values.
private func element(_ index: Int, of array: [UInt8]) -> [UInt8] {
    var depth = 0
    let elements = array.dropFirst().dropLast().split(omittingEmptySubsequences: false) { byte in
        if byte == UInt8(ascii: "{") { depth += 1 }
        if byte == UInt8(ascii: "}") { depth -= 1 }
        return byte == UInt8(ascii: ",") && depth == 0
    }
    return index < elements.count ? elements[index].filter { $0 != UInt8(ascii: " ") } : []
}
