internal import EventPoll

/// Lets so many things through in a second, and as many at once after a pause.
struct TokenBucket {
    private let perSecond: Double
    private var tokens: Double
    private var filledAt: MonotonicTime

    /// - Parameter perSecond: 0 for no limit.
    init(perSecond: Int, at now: MonotonicTime) {
        self.perSecond = Double(perSecond)
        tokens = Double(max(perSecond, 1))
        filledAt = now
    }

    /// Takes a token.
    /// - Returns: Nil when there was one, else when there will be.
    mutating func take(at now: MonotonicTime) -> MonotonicTime? {
        guard perSecond > 0 else { return nil }
        let earned = Double(now.since(filledAt)) / 1e9 * perSecond
        tokens = min(perSecond, tokens + earned)
        filledAt = now
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        let missing = (1 - tokens) / perSecond
        return now.advanced(by: .nanoseconds(Int64((missing * 1e9).rounded(.up))))
    }
}
