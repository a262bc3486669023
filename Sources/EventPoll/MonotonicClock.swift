internal import Glibc

/// A moment of the monotonic clock, in nanoseconds since some moment in the past.
package struct MonotonicTime: Sendable, Comparable, Hashable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Reads CLOCK_MONOTONIC. Called by event loops once a turn, and by nothing that is pure.
    package static func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package func advanced(by duration: Duration) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds + duration.nanoseconds)
    }

    /// Nanoseconds from an earlier moment to this one.
    package func since(_ earlier: MonotonicTime) -> Int64 { nanoseconds - earlier.nanoseconds }
}

extension Duration {
    /// This duration in whole nanoseconds, at most 292 years.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000
    }
}
