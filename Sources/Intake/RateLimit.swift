internal import EventPoll
internal import Synchronization

/// How many requests a source takes in a time, over all event loops.
///
/// The generic cell rate algorithm (ITU-T I.371, Annex A): as many as are allowed in the whole
/// period may come at once, and after that one each `period / requests`.
package final class RateLimit: Sendable {
    package let requests: Int
    package let period: Duration
    private let periodNanoseconds: Int64
    private let interval: Int64
    /// When the bucket is empty again.
    private let emptyAt = Atomic<Int64>(.min)

    /// - Parameters:
    ///   - requests: 1 or more.
    ///   - period: Above zero.
    package init(requests: Int, period: Duration) {
        precondition(requests > 0 && period > .zero, "a rate has requests and a period")
        self.requests = requests
        self.period = period
        periodNanoseconds = period.nanoseconds
        interval = max(1, periodNanoseconds / Int64(requests))
    }

    /// Counts a request.
    /// - Returns: Nil when it may pass, else how long to wait until one may.
    func take(at now: MonotonicTime) -> Duration? {
        var current = emptyAt.load(ordering: .relaxed)
        while true {
            let next = max(current, now.nanoseconds) + interval
            let excess = next - now.nanoseconds - periodNanoseconds
            if excess > 0 { return .nanoseconds(excess) }
            let (exchanged, original) = emptyAt.compareExchange(
                expected: current, desired: next, ordering: .relaxed)
            if exchanged { return nil }
            current = original
        }
    }
}
