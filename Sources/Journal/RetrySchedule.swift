/// The waits between the attempts of a job.
package struct RetrySchedule: Sendable, Equatable {
    private enum Shape: Equatable {
        case doubling(first: Duration, longest: Duration)
        case steps([Duration])
    }

    private let shape: Shape
    /// The longest time from the job's making to an attempt.
    package let ageMax: Duration

    /// 5 s doubling to 15 min, up to 24 h: 5 s, 10 s, 20 s … 640 s, 900 s, 900 s.
    package static let start = RetrySchedule(
        shape: .doubling(first: .seconds(5), longest: .seconds(900)), ageMax: .seconds(86_400))

    /// 30 s doubling to 15 min, up to 24 h: for ResourceLimitExceeded, which only time mends.
    package static let resourceLimit = RetrySchedule(
        shape: .doubling(first: .seconds(30), longest: .seconds(900)), ageMax: .seconds(86_400))

    /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, then no more.
    /// Source: Standard Webhooks, "Deliverability and reliability".
    package static let callback = RetrySchedule(
        shape: .steps(
            [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) }),
        ageMax: .seconds(30 * 86_400))

    /// The wait before the next attempt, or nil when there is none.
    /// - Parameters:
    ///   - attempt: Failed attempts so far, 1-based.
    ///   - jitter: -1...1; the wait is moved by up to a tenth of itself.
    package func delay(afterAttempt attempt: Int, jitter: Double) -> Duration? {
        precondition(attempt >= 1, "attempts are counted from 1")
        guard let base = base(afterAttempt: attempt) else { return nil }
        let seconds = Double(base.components.seconds)
        return .milliseconds(Int64(seconds * 1000 * (1 + 0.1 * min(1, max(-1, jitter)))))
    }

    private func base(afterAttempt attempt: Int) -> Duration? {
        switch shape {
        case .doubling(let first, let longest):
            // Capped before it is doubled, so that no shift overflows.
            min(first * (1 << min(attempt - 1, 20)), longest)
        case .steps(let steps):
            attempt <= steps.count ? steps[attempt - 1] : nil
        }
    }
}
