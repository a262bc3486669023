package import Journal

/// Opens the same journal at every call, an empty one at the first.
package typealias StoreOpener = () throws -> any JournalStore

/// A store that a check works with and opens anew, with short words for what checks do often.
package final class JournalUnderTest {
    private let open: StoreOpener
    private var current: (any JournalStore)?

    package init(_ open: @escaping StoreOpener) { self.open = open }

    var store: any JournalStore {
        get throws {
            if let current { return current }
            let opened = try open()
            current = opened
            return opened
        }
    }

    /// Lets the store go as a process that ends does, with whatever was claimed.
    func close() { current = nil }

    var queuedStarts: Int { get throws { try store.queuedStarts } }

    @discardableResult func append(
        _ appends: DeliveryAppend..., at now: Int64 = 0, queuedStartsMax: Int = 0
    ) throws -> [AppendOutcome] {
        var batch = JournalBatch()
        batch.appends = appends
        return try store.commit(batch, at: time(now), queuedStartsMax: queuedStartsMax)
    }

    func keep(_ history: DeliveryRecord..., queuedStartsMax: Int = 0) throws {
        var batch = JournalBatch()
        batch.history = history
        _ = try store.commit(batch, at: time(0), queuedStartsMax: queuedStartsMax)
    }

    func settle(_ settlements: StartSettlement..., at now: Int64 = 0) throws {
        var batch = JournalBatch()
        batch.startSettlements = settlements
        _ = try store.commit(batch, at: time(now), queuedStartsMax: 0)
    }

    func settle(_ settlements: CallbackSettlement...) throws {
        var batch = JournalBatch()
        batch.callbackSettlements = settlements
        _ = try store.commit(batch, at: time(0), queuedStartsMax: 0)
    }

    func claim(
        of lane: StartLaneID = usualLane, dueBy now: Int64 = 0, limit: Int = 100
    ) throws -> [StartJob] {
        try store.claimStarts(of: lane, dueBy: time(now), limit: limit)
    }

    func claimCallbacks(
        of lane: CallbackLaneID = usualReceiver, dueBy now: Int64 = 0, limit: Int = 100
    ) throws -> [CallbackJob] {
        try store.claimCallbacks(of: lane, dueBy: time(now), limit: limit)
    }

    /// When the first start of the usual lane is due that is not claimed.
    var nextStartDue: UnixTime? { get throws { try store.nextStartDue(of: usualLane) } }

    /// When the first callback of the usual lane is due that is not claimed.
    var nextCallbackDue: UnixTime? { get throws { try store.nextCallbackDue(of: usualReceiver) } }
}

/// The lane of starts that name no other.
package let usualLane = StartLaneID(region: "eu-west-1", roleARN: nil)
/// The lane of callbacks that name no other.
package let usualReceiver = CallbackLaneID(receiver: "https://ci.example.com")

func time(_ milliseconds: Int64) -> UnixTime { UnixTime(milliseconds: milliseconds) }

/// 32 hexadecimal digits made from a name of 16 bytes at the most, the same for the same name.
package func identifier(_ name: String) -> String {
    precondition(name.utf8.count <= 16, "a name makes 32 digits at the most")
    let digits = name.utf8.flatMap { [$0 >> 4, $0 & 15] }.map { String($0, radix: 16) }.joined()
    return digits + String(repeating: "0", count: 32 - digits.utf8.count)
}

/// A delivery whose name is in its id, its contents being of no matter.
package func delivery(_ name: String, source: String = "github") -> DeliveryRecord {
    DeliveryRecord(
        id: identifier(name), source: source, deliveryID: name, receivedAt: time(1),
        verifiedBy: "hmac-sha256:0", headers: Array("{}".utf8),
        events: Array(#"[{"kind":"push"},{"kind":"release"}]"#.utf8), errors: Array("[]".utf8),
        payload: Array("{}".utf8))
}

/// A start whose id is made from its token.
package func start(
    _ rule: String, event: Int = 0, token: String, lane: StartLaneID = usualLane,
    callback: CallbackTarget? = nil
) -> NewStart {
    NewStart(
        id: identifier(token), rule: rule, eventIndex: event, token: token, region: lane.region,
        roleARN: lane.roleARN, request: Array(#"{"PipelineName":"p"}"#.utf8), callback: callback)
}

/// A delivery that asks for starts.
package func arrival(
    _ name: String, source: String = "github", _ starts: NewStart...
) -> DeliveryAppend {
    DeliveryAppend(delivery: delivery(name, source: source), starts: starts)
}

/// The start with this token goes on, after an attempt that went accordingly.
package func settled(
    _ token: String, lane: StartLaneID = usualLane, _ next: StartSettlement.Next,
    callbacks: [NewCallback] = []
) -> StartSettlement {
    let outcome: AttemptOutcome =
        switch next {
        case .queued: .retried
        case .started: .succeeded
        case .refused, .expired: .failed
        }
    return StartSettlement(
        start: identifier(token), lane: lane, next: next,
        attempt: Attempt(at: time(2), outcome: outcome), callbacks: callbacks)
}

/// The callback of this name goes on, after an attempt that went accordingly.
package func settled(callback name: String, _ next: CallbackSettlement.Next) -> CallbackSettlement {
    let outcome: AttemptOutcome =
        switch next {
        case .queued: .retried
        case .delivered: .succeeded
        case .failed: .failed
        }
    return CallbackSettlement(
        callback: name, lane: usualReceiver, next: next,
        attempt: Attempt(at: time(2), outcome: outcome))
}

/// A callback about a start's result.
package func callback(
    _ name: String, to lane: CallbackLaneID = usualReceiver, _ occasion: CallbackOccasion = .started
) -> NewCallback {
    NewCallback(
        id: name, url: "\(lane.receiver)/\(name)", occasion: occasion,
        body: Array("{}".utf8))
}

extension NewStart {
    /// What an append that made it, or found it made, tells of it.
    package func recorded(isNew: Bool) -> RecordedStart {
        RecordedStart(id: id, rule: rule, eventIndex: eventIndex, token: token, isNew: isNew)
    }
}
