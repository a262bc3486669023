/// What the journal's writer knows of the lanes of one kind of jobs: when each has one that is due, and
/// how many of it are handed out. Pure.
///
/// Each lane is handed out by itself, so the jobs of one never wait for room or time of another.
struct LaneBook<ID: Hashable & Sendable> {
    private struct Lane {
        /// When the first job that is not handed out is due, or earlier; nil where there is none.
        var due: UnixTime?
        var handedOut = 0
    }

    private var lanes: [ID: Lane] = [:]
    private var handedOut = 0
    var rooms = LaneRooms<ID>()

    /// Whether no lane has a job that is queued.
    var isEmpty: Bool { lanes.isEmpty }

    /// A share of one lane that may be handed out now.
    struct Share: Equatable {
        let lane: ID
        let limit: Int
    }

    /// A job of the lane is due at this moment.
    mutating func note(_ lane: ID, due moment: UnixTime) {
        lanes[lane, default: Lane()].due = min(lanes[lane]?.due ?? moment, moment)
    }

    /// Jobs of the lane were handed out; more of it may be due.
    mutating func noteHandedOut(_ lane: ID, count: Int) {
        handedOut += count
        lanes[lane, default: Lane()].handedOut += count
    }

    /// Everything of the lane that is due was handed out.
    /// - Parameter next: When the next one is due; nil where there is none.
    mutating func noteExhausted(_ lane: ID, next: UnixTime?) {
        lanes[lane]?.due = next
        forgetIfIdle(lane)
    }

    /// A job that was handed out was settled.
    mutating func noteSettled(_ lane: ID) {
        // What was settled without having been handed out takes up no room.
        guard let known = lanes[lane], known.handedOut > 0 else { return }
        handedOut -= 1
        lanes[lane]?.handedOut -= 1
        forgetIfIdle(lane)
    }

    private mutating func forgetIfIdle(_ lane: ID) {
        guard let known = lanes[lane], known.handedOut == 0, known.due == nil else { return }
        lanes[lane] = nil
    }

    /// What may be handed out now, the lanes that have been due longest first.
    func shares(at now: UnixTime) -> [Share] {
        var out = handedOut
        let due = lanes.compactMap { id, lane in lane.due.map { (id: id, due: $0, lane: lane) } }
            .filter { $0.due <= now }.sorted { $0.due < $1.due }
        return due.compactMap { id, _, lane in
            let limit = limit(id, lane, whileOut: out)
            guard limit > 0 else { return nil }
            out += limit
            return Share(lane: id, limit: limit)
        }
    }

    /// When the next job that there is room for is due; nil where there is none.
    var nextDue: UnixTime? {
        var next: UnixTime?
        for (id, lane) in lanes {
            guard let due = lane.due, limit(id, lane, whileOut: handedOut) > 0 else { continue }
            next = min(next ?? due, due)
        }
        return next
    }

    /// - Parameter out: How many jobs of all lanes are handed out.
    private func limit(_ id: ID, _ lane: Lane, whileOut out: Int) -> Int {
        let own = (rooms.own[id] ?? rooms.usual) - lane.handedOut
        let shared = max(rooms.sharedMax - out, rooms.reserved - lane.handedOut)
        return min(own, shared, rooms.inAllMax - out)
    }
}
