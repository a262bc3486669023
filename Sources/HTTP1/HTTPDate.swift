internal import Glibc

/// The date format of HTTP fields: IMF-fixdate (RFC 9110 §5.6.7).
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// For example `Sun, 06 Nov 1994 08:49:37 GMT`. Not by strftime(3), which follows the locale.
    /// - Parameter seconds: Since 1970-01-01T00:00:00Z.
    package static func format(epochSeconds seconds: Int64) -> String {
        var seconds = time_t(seconds)
        var date = tm()
        gmtime_r(&seconds, &date)
        return "\(days[Int(date.tm_wday)]), \(two(date.tm_mday)) \(months[Int(date.tm_mon)]) "
            + "\(date.tm_year + 1900) \(two(date.tm_hour)):\(two(date.tm_min)):"
            + "\(two(date.tm_sec)) GMT"
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
