internal import EventPoll

/// Starts that stalled lanes gave back and that others are to be asked for, some at a time: a backlog of
/// thousands would otherwise go through the store over and over as fast as the disk takes it.
struct OwedStarts {
    /// A stalled lane's backlog goes by this fast for the starts behind it.
    static let perSecond = 1000.0
    /// How often they are asked for.
    private static let step = Duration.milliseconds(20)

    private var count = 0
    private var askedAt = MonotonicTime(nanoseconds: 0)

    /// When to ask next; nil while nothing is owed.
    var nextMoment: MonotonicTime? { count > 0 ? askedAt.advanced(by: Self.step) : nil }

    mutating func add(at now: MonotonicTime) {
        // A pause before the first is no time to make up for.
        if count == 0, now.since(askedAt) > Self.step.nanoseconds { askedAt = now }
        count += 1
    }

    /// - Returns: How many may be asked for now.
    mutating func take(at now: MonotonicTime) -> Int {
        guard count > 0 else { return 0 }
        let elapsed = now.since(askedAt)
        guard elapsed >= Self.step.nanoseconds else { return 0 }
        let taken = min(count, Int(Double(elapsed) / 1e9 * Self.perSecond))
        count -= taken
        askedAt = now
        return taken
    }
}
