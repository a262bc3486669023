internal import EventPoll

/// Starts that stalled and throttled lanes gave back for a moment, and that others are to be asked for,
/// some at a time: a backlog of thousands would otherwise go through the store over and over, as fast as
/// the disk takes it.
struct OwedStarts {
    /// So many of such a backlog go by at once for the starts behind it, and then so many in a
    /// second: a service that does not answer for an hour must not keep the disk busy.
    static let atOnce = 1000.0
    static let perSecond = 300.0
    /// How often they are asked for.
    private static let step = Duration.milliseconds(20)

    private var count = 0
    private var tokens = Self.atOnce
    private var askedAt = MonotonicTime(nanoseconds: 0)

    /// When to ask next; nil while nothing is owed.
    var nextMoment: MonotonicTime? { count > 0 ? askedAt.advanced(by: Self.step) : nil }

    mutating func add() { count += 1 }

    /// - Returns: How many may be asked for now.
    mutating func take(at now: MonotonicTime) -> Int {
        guard count > 0 else { return 0 }
        let elapsed = now.since(askedAt)
        guard elapsed >= Self.step.nanoseconds else { return 0 }
        tokens = min(Self.atOnce, tokens + Double(elapsed) / 1e9 * Self.perSecond)
        askedAt = now
        let taken = min(count, Int(tokens))
        tokens -= Double(taken)
        count -= taken
        return taken
    }
}
