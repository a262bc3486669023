internal import Journal

/// Jobs that succeed and fail together, which wait for none but themselves.
protocol Lane: AnyObject {
    associatedtype ID: Hashable, Sendable

    var id: ID { get }
    var window: LaneWindow { get }
    /// The room of which the journal was told last.
    var toldRoom: Int { get set }
    /// Whether it has no job in memory.
    var isIdle: Bool { get }
}

/// The lanes of one kind of jobs, each served in its turn.
struct LaneTable<Served: Lane> {
    private var lanes: [Served.ID: Served] = [:]
    /// In the order in which they are served.
    private(set) var order: [Served] = []
    /// The place of the lane that is served first.
    private var next = 0
    private let bounds: LaneWindow.Bounds
    private var mustTellRooms = true

    init(_ bounds: LaneWindow.Bounds) { self.bounds = bounds }

    /// The lane of this id, made where there is none.
    mutating func lane(_ id: Served.ID, make: () -> Served) -> Served {
        if let lane = lanes[id] { return lane }
        // A payload can name any number of regions and receivers.
        if lanes.count >= DispatchLimits.lanesMax { forgetIdle() }
        let lane = make()
        lanes[id] = lane
        order.append(lane)
        return lane
    }

    private mutating func forgetIdle() {
        order.removeAll(where: \.isIdle)
        mustTellRooms = true
        lanes = Dictionary(uniqueKeysWithValues: order.map { ($0.id, $0) })
    }

    /// Sends what may be sent, one job of each lane after the other.
    ///
    /// Each time it begins behind the lane that was served last: where lanes share what may begin in a
    /// second, the first of them would take it all.
    /// - Parameter send: Sends one job of a lane; false where none may go now.
    mutating func serve(_ send: (Served) -> Bool) {
        let first = order.isEmpty ? 0 : next % order.count
        var hasSent = true
        while hasSent {
            hasSent = false
            for place in order.indices {
                let index = (first + place) % order.count
                guard send(order[index]) else { continue }
                hasSent = true
                next = index + 1
            }
        }
    }

    /// How many jobs of each lane the journal is to hand out, where it was told otherwise.
    /// - Parameter sharedMax: See ``LaneRooms/sharedMax``.
    mutating func roomsToTell(sharedMax: Int) -> LaneRooms<Served.ID>? {
        guard mustTellRooms || order.contains(where: { $0.window.room != $0.toldRoom }) else {
            return nil
        }
        mustTellRooms = false
        var rooms = LaneRooms<Served.ID>()
        rooms.usual = LaneWindow(bounds).room
        rooms.sharedMax = sharedMax
        rooms.reserved = DispatchLimits.reservedPerLane
        rooms.inAllMax = sharedMax + DispatchLimits.reservedInAllMax
        for lane in order {
            lane.toldRoom = lane.window.room
            if lane.toldRoom != rooms.usual { rooms.own[lane.id] = lane.toldRoom }
        }
        return rooms
    }
}
