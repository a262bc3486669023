internal import Journal

/// Writes one batch inside a transaction, and keeps what the store may believe once it is
/// committed.
struct BatchWriter {
    private let statements: Statements
    private let now: UnixTime
    private let queuedStartsMax: Int

    private(set) var queuedStarts: Int
    private(set) var settledStarts: [Int64] = []
    private(set) var settledCallbacks: [Int64] = []
    private(set) var outcomes: [AppendOutcome] = []

    init(statements: Statements, now: UnixTime, queuedStarts: Int, queuedStartsMax: Int) {
        self.statements = statements
        self.now = now
        self.queuedStarts = queuedStarts
        self.queuedStartsMax = queuedStartsMax
    }

    /// Writes everything; the first error leaves the rest, and the caller rolls back.
    mutating func write(_ batch: JournalBatch) throws {
        // Settlements go first: the starts they end make room for new ones.
        for settlement in batch.startSettlements { try settle(settlement) }
        for settlement in batch.callbackSettlements { try settle(settlement) }
        for append in batch.appends { outcomes.append(try self.append(append)) }
        for delivery in batch.history { try insert(delivery) }
    }
}

extension BatchWriter {
    private mutating func append(_ append: DeliveryAppend) throws -> AppendOutcome {
        let known = try statements.known(of: append)
        let new = known.new
        if queuedStartsMax > 0, !new.isEmpty, queuedStarts + new.count > queuedStartsMax {
            return .queueFull
        }
        let delivery = try known.delivery ?? insertNew(append.delivery)
        for start in new { try insert(start, delivery: delivery) }
        queuedStarts += new.count
        return .committed(known.starts + new.map(RecordedStart.init(new:)))
    }

    private func insertNew(_ delivery: DeliveryRecord) throws -> Int64 {
        try insert(delivery)
        return statements.insertDelivery.lastSequence
    }

    /// Writes a delivery unless it is there.
    private func insert(_ delivery: DeliveryRecord) throws {
        let insert = statements.insertDelivery
        try insert.bind(1, delivery.id)
        try insert.bind(2, delivery.source)
        try insert.bind(3, delivery.deliveryID)
        try insert.bind(4, delivery.receivedAt.milliseconds)
        try insert.bind(5, delivery.verifiedBy)
        try insert.bind(6, delivery.headers)
        try insert.bind(7, delivery.events)
        try insert.bind(8, delivery.errors)
        try insert.run(9, delivery.payload)
    }

    private func insert(_ start: NewStart, delivery: Int64) throws {
        let insert = statements.insertStart
        try insert.bind(1, start.id)
        try insert.bind(2, delivery)
        try insert.bind(3, start.rule)
        try insert.bind(4, start.eventIndex)
        try insert.bind(5, start.token)
        try insert.bind(6, start.region)
        try insert.bind(7, now.milliseconds)
        try insert.bind(8, start.callback?.url)
        try insert.bind(9, start.callback.map { callbackWords($0.occasions) })
        try insert.bind(11, start.roleARN)
        try insert.run(10, start.request)
    }
}

extension BatchWriter {
    private mutating func settle(_ settlement: StartSettlement) throws {
        let find = statements.findStartState
        try find.bind(1, settlement.start)
        let found = try find.first { row in (sequence: row.integer(0), isQueued: row.int(1) != 0) }
        // A start can be gone with its delivery; there is nothing left to tell of it then.
        guard let found else { return }
        settledStarts.append(found.sequence)
        try insert(settlement.attempt, start: found.sequence, callback: nil)
        // A start that was cancelled meanwhile stays so.
        guard found.isQueued else { return }
        try update(found.sequence, settlement)
        if settlement.next.state != .queued { queuedStarts -= 1 }
        for callback in settlement.callbacks { try insert(callback, start: found.sequence) }
    }

    private func update(_ sequence: Int64, _ settlement: StartSettlement) throws {
        let update = statements.settleStart
        try update.bind(1, sequence)
        try update.bind(2, settlement.next.state.rawValue)
        try update.bind(4, settlement.attempt.failures)
        var (due, executionARN, error): (UnixTime?, String?, (code: String, message: String)?)
        switch settlement.next {
        case .queued(let nextAttemptAt): due = nextAttemptAt
        case .started(let arn): executionARN = arn
        case .refused(let code, let message), .expired(let code, let message):
            error = (code, message)
        }
        try update.bind(3, due?.milliseconds)
        try update.bind(5, executionARN)
        try update.bind(6, error?.code)
        try update.bind(7, error?.message)
        try update.run()
    }

    private func insert(_ callback: NewCallback, start: Int64) throws {
        let insert = statements.insertCallback
        try insert.bind(1, callback.id)
        try insert.bind(2, start)
        try insert.bind(3, callback.url)
        try insert.bind(4, callback.occasion.rawValue)
        try insert.bind(5, now.milliseconds)
        try insert.bind(7, callback.lane.receiver)
        try insert.run(6, callback.body)
    }

    private mutating func settle(_ settlement: CallbackSettlement) throws {
        let find = statements.findCallbackState
        try find.bind(1, settlement.callback)
        let found = try find.first { row in (sequence: row.integer(0), isQueued: row.int(1) != 0) }
        guard let found else { return }
        settledCallbacks.append(found.sequence)
        try insert(settlement.attempt, start: nil, callback: found.sequence)
        guard found.isQueued else { return }
        let update = statements.settleCallback
        try update.bind(1, found.sequence)
        try update.bind(2, settlement.next.state.rawValue)
        if case .queued(let due) = settlement.next {
            try update.bind(3, due.milliseconds)
        } else {
            try update.bind(3, nil as Int64?)
        }
        try update.bind(4, settlement.attempt.failures)
        try update.run()
    }

    private func insert(_ attempt: Attempt, start: Int64?, callback: Int64?) throws {
        let insert = statements.insertAttempt
        try insert.bind(1, start)
        try insert.bind(2, callback)
        try insert.bind(3, attempt.at.milliseconds)
        try insert.bind(4, attempt.outcome.rawValue)
        try insert.bind(5, attempt.code)
        try insert.bind(6, attempt.message)
        try insert.bind(7, attempt.requestID)
        try insert.bind(8, attempt.status.map(Int64.init))
        try insert.bind(9, attempt.requests)
        try insert.bind(10, attempt.totalRetryDelay.wholeMilliseconds)
        try insert.run()
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

extension Attempt {
    /// What it adds to a job's failed attempts.
    fileprivate var failures: Int64 { outcome == .succeeded ? 0 : 1 }
}

extension RecordedStart {
    fileprivate init(new start: NewStart) {
        self.init(
            id: start.id, rule: start.rule, eventIndex: start.eventIndex, token: start.token,
            isNew: true)
    }
}
