/// How many jobs of a lane may be under way at a time. Pure.
///
/// A lane that nothing is known of begins with few, which each answer doubles; a failure takes it back
/// there. One that gets no answer in a row is in trouble, and has just enough under way to see when that is
/// over.
struct LaneWindow: Equatable {
    struct Bounds: Equatable {
        let first: Int
        let most: Int
        /// Attempts without an answer, in a row, after which a lane is in trouble.
        let troubleAfter: Int
        /// The size in trouble.
        let troubled: Int
    }

    private let bounds: Bounds
    private(set) var size: Int
    private(set) var inFlight = 0
    private var unansweredInARow = 0

    init(_ bounds: Bounds) {
        self.bounds = bounds
        size = min(bounds.first, bounds.most)
    }

    var isInTrouble: Bool { unansweredInARow >= bounds.troubleAfter }
    var isOpen: Bool { inFlight < size }

    /// How many jobs of the lane may be in memory: those under way, and enough to follow them while the
    /// journal writes what became of others.
    var room: Int { isInTrouble ? size : size * DispatchLimits.heldPerSlot }

    mutating func noteSent() { inFlight += 1 }

    mutating func noteLanded() { inFlight -= 1 }

    /// An attempt reached the other side, which could do something with it, whatever it said.
    mutating func noteAnswer() {
        unansweredInARow = 0
        size = min(bounds.most, size * 2)
    }

    /// An attempt reached the other side, which failed at it. That binds only the job: others may be
    /// ones that it does not fail at.
    mutating func noteFault() {
        unansweredInARow = 0
        size = min(bounds.first, bounds.most)
    }

    /// An attempt ended without an answer.
    mutating func noteSilence() {
        unansweredInARow += 1
        size = min(isInTrouble ? bounds.troubled : bounds.first, bounds.most)
    }
}
