internal import Glibc

/// A moment as RFC 3339 writes it: `2026-12-31T00:00:00Z`, `2026-12-31T01:00:00.5+01:00`.
package struct Timestamp: Sendable, Equatable {
    /// Since 1970-01-01T00:00:00Z; what is finer is cut off.
    package let milliseconds: Int64

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// In UTC, to the second.
    var text: String {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { Int($0) }
        let padded = { (numbers: [Int], separator: String) in
            numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: separator)
        }
        return padded(date, "-") + "T" + padded(time, ":") + "Z"
    }

    /// Nil for any other text: a day that its month does not have, a leap second, lower-case letters.
    package init?(_ text: String) {
        var reader = DigitReader(rest: Array(text.utf8)[...])
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2, in: 1...12), reader.skip("-"),
            let day = reader.number(digits: 2, in: 1...Self.days(inMonth: month, of: year)),
            reader.skip("T"), let hour = reader.number(digits: 2, in: 0...23), reader.skip(":"),
            let minute = reader.number(digits: 2, in: 0...59), reader.skip(":"),
            let second = reader.number(digits: 2, in: 0...59),
            let fraction = reader.fractionMilliseconds(), let offset = reader.offsetMinutes(),
            reader.rest.isEmpty
        else { return nil }
        let days = Self.days(before: year, month) + day - 1
        let minutes = (days * 24 + hour) * 60 + minute - offset
        milliseconds = Int64((minutes * 60 + second) * 1000 + fraction)
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The days from 1970 to the beginning of a month; negative before.
    private static func days(before year: Int, _ month: Int) -> Int {
        let past = year - 1
        // Of the years 1 to 1969 there are 719,162 days in the Gregorian calendar.
        let ofYears = past * 365 + leapDays(upTo: past) - (year == 0 ? 1 : 0) - 719_162
        return (1..<month).reduce(ofYears) { $0 + days(inMonth: $1, of: year) }
    }

    private static func leapDays(upTo year: Int) -> Int { year / 4 - year / 100 + year / 400 }
}

private struct DigitReader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits count: Int, in range: ClosedRange<Int> = 0...9999) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(\.isDigit) else { return nil }
        rest.removeFirst(count)
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return range.contains(number) ? number : nil
    }

    /// The fraction of a second, if there is one; nil for a point without digits.
    mutating func fractionMilliseconds() -> Int? {
        guard skip(".") else { return 0 }
        let digits = rest.prefix(while: \.isDigit)
        guard !digits.isEmpty else { return nil }
        rest.removeFirst(digits.count)
        let three = (Array(digits.prefix(3)) + Array("00".utf8)).prefix(3)
        return three.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// `Z`, or hours and minutes ahead of UTC.
    mutating func offsetMinutes() -> Int? {
        if skip("Z") { return 0 }
        let sign = skip("-") ? -1 : 1
        guard sign < 0 || skip("+"), let hours = number(digits: 2, in: 0...23), skip(":"),
            let minutes = number(digits: 2, in: 0...59)
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
