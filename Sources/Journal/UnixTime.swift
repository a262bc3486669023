internal import Glibc

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
package struct UnixTime: Sendable, Comparable, Hashable, CustomStringConvertible {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: UnixTime, right: UnixTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package func advanced(by duration: Duration) -> UnixTime {
        let (seconds, attoseconds) = duration.components
        return UnixTime(
            milliseconds: milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    /// The time from an earlier moment to this one.
    package func since(_ earlier: UnixTime) -> Duration {
        .milliseconds(milliseconds - earlier.milliseconds)
    }

    /// RFC 3339 in UTC with milliseconds, such as `2026-11-21T04:05:06.789Z`.
    package var description: String {
        var seconds = time_t((Double(milliseconds) / 1000).rounded(.down))
        var date = tm()
        gmtime_r(&seconds, &date)
        let fraction = Int(milliseconds) - seconds * 1000
        return "\(padded(Int(date.tm_year) + 1900, 4))-\(padded(Int(date.tm_mon) + 1, 2))"
            + "-\(padded(Int(date.tm_mday), 2))T\(padded(Int(date.tm_hour), 2))"
            + ":\(padded(Int(date.tm_min), 2)):\(padded(Int(date.tm_sec), 2))"
            + ".\(padded(fraction, 3))Z"
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
