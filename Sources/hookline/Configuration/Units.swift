/// Reads sizes and durations as they are written in the configuration.
enum Units {
    private static let sizes: [(suffix: String, bytes: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1), ("", 1),
    ]
    private static let durations: [(suffix: String, duration: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
        ("d", .seconds(86_400)),
    ]

    /// What ``bytes(_:)`` reads, for schemas.
    static let bytesPattern = "^[0-9]+(B|KiB|MiB|GiB)?$"
    /// What ``bytesPerSecond(_:)`` reads, for schemas.
    static let bytesPerSecondPattern = "^[0-9]+(B|KiB|MiB|GiB)?/s$"
    /// What ``duration(_:)`` reads, for schemas.
    static let durationPattern = "^[0-9]+(ms|s|m|h|d)$"
    /// What ``rate(_:)`` reads, for schemas.
    static let ratePattern = "^[0-9]+/[smh]$"

    /// A size as it would be written: 16384 is `16KiB`.
    static func text(bytes: Int) -> String {
        let unit = sizes.dropLast().sorted { $0.bytes > $1.bytes }.first { bytes % $0.bytes == 0 }
        guard bytes > 0, let unit else { return "\(bytes)" }
        return "\(bytes / unit.bytes)\(unit.suffix)"
    }

    /// A duration as it would be written: 90 seconds are `90s`.
    static func text(_ duration: Duration) -> String {
        let milliseconds =
            duration.components.seconds * 1000
            + duration.components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    /// Bytes: a whole number with `B`, `KiB`, `MiB` or `GiB`, or without a unit.
    static func bytes(_ text: String) -> Int? {
        for (suffix, bytes) in sizes where text.hasSuffix(suffix) {
            guard let number = wholeNumber(text.dropLast(suffix.count)) else { continue }
            let (product, overflow) = number.multipliedReportingOverflow(by: bytes)
            return overflow ? nil : product
        }
        return nil
    }

    /// Bytes a second: a size and `/s`.
    static func bytesPerSecond(_ text: String) -> Int? {
        text.hasSuffix("/s") ? bytes(String(text.dropLast(2))) : nil
    }

    /// A number of times in a second, minute or hour: `100/s`, `600/m`, `5000/h`.
    static func rate(_ text: String) -> (count: Int, period: Duration)? {
        let periods: [(suffix: String, period: Duration)] = [
            ("/s", .seconds(1)), ("/m", .seconds(60)), ("/h", .seconds(3600)),
        ]
        for (suffix, period) in periods where text.hasSuffix(suffix) {
            return wholeNumber(text.dropLast(suffix.count)).map { ($0, period) }
        }
        return nil
    }

    /// A whole number with `ms`, `s`, `m`, `h` or `d`, of at most ten years.
    static func duration(_ text: String) -> Duration? {
        for (suffix, duration) in durations where text.hasSuffix(suffix) {
            guard let number = wholeNumber(text.dropLast(suffix.count)) else { continue }
            return number <= 315_360_000_000 ? min(duration * number, .seconds(315_360_000)) : nil
        }
        return nil
    }

    private static func wholeNumber(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(digits)
    }
}
