import Journal
import Testing

extension JournalConformance {
    /// Few names, so that sequences meet the same deliveries, tokens, rules and callbacks again.
    static let randomSequences: [ConformanceCheck] = (1...12).map { seed in
        ConformanceCheck("random sequence \(seed) goes as in the model") { journal throws in
            var sequence = RandomSequence(seed: UInt64(seed))
            for step in 0..<300 {
                let isAlike = try sequence.step(journal)
                try #require(isAlike, "step \(step) of seed \(seed)")
            }
        }
    }
}

private let startLanes = [
    usualLane, StartLaneID(region: usualLane.region, roleARN: "arn:aws:iam::1:role/r"),
    StartLaneID(region: "us-east-1", roleARN: nil),
]
private let callbackLanes = [usualReceiver, CallbackLaneID(receiver: "https://other.example")]

private struct RandomSequence {
    private var random: SplitMix
    private let disk = ModelDisk()
    private var model: ModelStore
    private var now: Int64 = 100

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        model = ModelStore(disk)
    }

    /// Does something to both stores and tells whether they answered alike.
    mutating func step(_ journal: JournalUnderTest) throws -> Bool {
        // Now and then the clock goes back.
        now += Int64(random.below(12)) - 2
        switch random.below(12) {
        case 0..<6: guard try commit(journal) else { return false }
        case 6..<9: guard try claim(journal) else { return false }
        case 9..<11: guard try claimCallbacks(journal) else { return false }
        default: if random.below(4) == 0 { reopen(journal) }
        }
        let store = try journal.store
        guard store.queuedStarts == model.queuedStarts,
            try store.startLanes() == model.startLanes(),
            try store.callbackLanes() == model.callbackLanes()
        else { return false }
        for lane in startLanes {
            guard try store.nextStartDue(of: lane) == model.nextStartDue(of: lane) else {
                return false
            }
        }
        for lane in callbackLanes {
            guard try store.nextCallbackDue(of: lane) == model.nextCallbackDue(of: lane) else {
                return false
            }
        }
        return true
    }

    private mutating func commit(_ journal: JournalUnderTest) throws -> Bool {
        var batch = JournalBatch()
        for _ in 0..<random.below(4) { batch.appends.append(randomArrival()) }
        for _ in 0..<random.below(2) {
            batch.history.append(delivery(name("d", 60), source: name("source", 9)))
        }
        for _ in 0..<random.below(4) { batch.startSettlements.append(randomSettlement()) }
        for _ in 0..<random.below(3) {
            let name = name("c", 40)
            batch.callbackSettlements.append(settled(callback: name, randomCallbackNext()))
        }
        for append in batch.appends {
            guard try journal.store.recorded(append) == model.recorded(append) else { return false }
        }
        let queuedStartsMax = [0, 3, 8, 20][random.below(4)]
        let time = time(now)
        let expected = try model.commit(batch, at: time, queuedStartsMax: queuedStartsMax)
        return try journal.store.commit(batch, at: time, queuedStartsMax: queuedStartsMax)
            == expected
    }

    private mutating func claim(_ journal: JournalUnderTest) throws -> Bool {
        let (due, limit) = (time(now + Int64(random.below(6))), random.below(6))
        let lane = startLanes[random.below(startLanes.count)]
        let expected = try model.claimStarts(of: lane, dueBy: due, limit: limit)
        return try journal.store.claimStarts(of: lane, dueBy: due, limit: limit) == expected
    }

    private mutating func claimCallbacks(_ journal: JournalUnderTest) throws -> Bool {
        let (due, limit) = (time(now + Int64(random.below(6))), random.below(6))
        let lane = callbackLanes[random.below(callbackLanes.count)]
        let expected = try model.claimCallbacks(of: lane, dueBy: due, limit: limit)
        return try journal.store.claimCallbacks(of: lane, dueBy: due, limit: limit) == expected
    }

    private mutating func reopen(_ journal: JournalUnderTest) {
        journal.close()
        model = ModelStore(disk)
    }

    private mutating func randomArrival() -> DeliveryAppend {
        let starts = (0..<random.below(4)).map { _ in
            let target = CallbackTarget(url: "https://x/", occasions: [.started, .failed])
            return start(
                name("r", 3), event: random.below(3), token: name("t", 90),
                lane: startLanes[random.below(startLanes.count)],
                callback: random.below(2) == 0 ? nil : target)
        }
        return DeliveryAppend(
            delivery: delivery(name("d", 60), source: name("source", 9)), starts: starts)
    }

    private mutating func randomSettlement() -> StartSettlement {
        let next: StartSettlement.Next =
            switch random.below(5) {
            case 0: .started(executionARN: "arn")
            case 1: .refused(code: "code", message: "")
            case 2: .expired(code: "", message: "message")
            default: .queued(nextAttemptAt: time(now + Int64(random.below(20))))
            }
        let callbacks = (0..<random.below(3)).map { _ in
            let lane = callbackLanes[random.below(callbackLanes.count)]
            return callback(name("c", 40), to: lane, .failed)
        }
        return settled(name("t", 90), next, callbacks: callbacks)
    }

    private mutating func randomCallbackNext() -> CallbackSettlement.Next {
        switch random.below(4) {
        case 0: .delivered
        case 1: .failed
        default: .queued(nextAttemptAt: time(now + Int64(random.below(20))))
        }
    }

    private mutating func name(_ prefix: String, _ count: Int) -> String {
        "\(prefix)\(random.below(count))"
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(count))
    }
}
