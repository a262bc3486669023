internal import Journal

/// The callbacks of one receiver, which come through or hang together.
final class CallbackLane: Lane {
    let id: CallbackLaneID
    var waiting = JobQueue<CallbackJob>()
    var window: LaneWindow
    var toldRoom: Int

    init(_ id: CallbackLaneID, _ bounds: LaneWindow.Bounds) {
        self.id = id
        window = LaneWindow(bounds)
        toldRoom = window.room
    }

    var isIdle: Bool { waiting.isEmpty && window.inFlight == 0 }

    /// A receiver that gave no answer to four in a row has one callback at a time: each may take as
    /// long as ``DispatchLimits/callbackTimeout``.
    static func bounds(inFlightMax: Int) -> LaneWindow.Bounds {
        LaneWindow.Bounds(first: 4, most: inFlightMax, troubleAfter: 4, troubled: 1)
    }
}
