/// Timestamps and durations as text.
enum TimeText {
    /// A timestamp of RFC 3339, in capital letters, with any number of digits behind the second, of
    /// which nine count; nil for anything else or out of range.
    static func timestamp(_ text: UnsafeBufferPointer<UInt8>) -> CELValue? {
        var reader = DigitReader(text)
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2),
            reader.skip("-"), let day = reader.digits(2), reader.skip("T"),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2),
            reader.skip(":"), let second = reader.digits(2)
        else { return nil }
        guard (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 60,
            day <= CivilTime.daysInMonth(year: year, month: month)
        else { return nil }
        var nanoseconds = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        guard let offset = zoneOffset(&reader), reader.isAtEnd else { return nil }
        let days = CivilTime.days(year: year, month: month, day: day)
        let seconds = Int64(days * 86_400 + hour * 3600 + minute * 60 + second - offset)
        guard TimeArithmetic.secondsRange.contains(seconds) else { return nil }
        return .timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }

    /// `Z`, or a sign, hours and minutes; in seconds.
    private static func zoneOffset(_ reader: inout DigitReader) -> Int? {
        if reader.skip("Z") { return 0 }
        let isNegative = reader.skip("-")
        guard isNegative || reader.skip("+"), let hours = reader.digits(2), reader.skip(":"),
            let minutes = reader.digits(2), hours < 24, minutes < 60
        else { return nil }
        let offset = hours * 3600 + minutes * 60
        return isNegative ? -offset : offset
    }

    /// RFC 3339 in UTC, with as many digits behind the second as are not zero.
    static func text(seconds: Int64, nanoseconds: Int32) -> String {
        let time = CivilTime(secondsSinceEpoch: seconds)
        let date = padded(time.year, 4) + "-" + padded(time.month, 2) + "-" + padded(time.day, 2)
        let clock =
            padded(time.hour, 2) + ":" + padded(time.minute, 2) + ":" + padded(time.second, 2)
        return date + "T" + clock + fractionText(nanoseconds) + "Z"
    }

    /// A duration in seconds, `-1.5s`.
    static func text(durationNanoseconds nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        let perSecond = UInt64(TimeArithmetic.nanosecondsPerSecond)
        let fraction = fractionText(Int32(magnitude % perSecond))
        return (nanoseconds < 0 ? "-" : "") + String(magnitude / perSecond) + fraction + "s"
    }

    /// The nanoseconds of a duration such as `1h34m0.5s`, nil for anything else or out of range.
    ///
    /// A sign, then numbers with the units h, m, s, ms, us, ns; or `0`.
    static func duration(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var reader = DigitReader(text)
        let isNegative = reader.skip("-")
        if !isNegative { _ = reader.skip("+") }
        if reader.rest == 1, reader.skip("0") { return 0 }
        guard !reader.isAtEnd else { return nil }
        var total: UInt64 = 0
        while !reader.isAtEnd {
            guard let part = durationPart(&reader) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        if isNegative {
            return total <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- total) : nil
        }
        return Int64(exactly: total)
    }

    /// One number and its unit, in nanoseconds.
    private static func durationPart(_ reader: inout DigitReader) -> UInt64? {
        let whole = reader.number()
        var fraction: Int?
        if reader.skip(".") { fraction = reader.fraction() }
        guard whole != nil || fraction != nil, let unit = reader.unit() else { return nil }
        let (product, overflow) = (whole ?? 0).multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        // Less than a unit, so the quotient fits although the product may not.
        let scaled = UInt64(fraction ?? 0).multipliedFullWidth(by: unit)
        let part = UInt64(TimeArithmetic.nanosecondsPerSecond).dividingFullWidth(scaled).quotient
        let (sum, carry) = product.addingReportingOverflow(part)
        return carry ? nil : sum
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func fractionText(_ nanoseconds: Int32) -> String {
        guard nanoseconds != 0 else { return "" }
        var digits = padded(Int(nanoseconds), 9)
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }
}

/// Reads digits and single characters, one after the other.
struct DigitReader {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var isAtEnd: Bool { position == text.count }
    var rest: Int { text.count - position }

    var next: UInt8? { position < text.count ? text[position] : nil }

    mutating func advance() { position += 1 }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// A number of exactly so many digits.
    mutating func digits(_ count: Int) -> Int? {
        guard rest >= count else { return nil }
        var value = 0
        for _ in 0..<count {
            guard let digit = next, digit.isDigit else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
            position += 1
        }
        return value
    }

    /// A number of one or more digits that fits 64 bits.
    mutating func number() -> UInt64? {
        var value: UInt64?
        while let digit = next, digit.isDigit {
            let (product, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
            position += 1
        }
        return value
    }

    /// Digits behind a point, as billionths; further digits are cut off.
    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while let digit = next, digit.isDigit {
            if count < 9 { value = value * 10 + Int(digit - UInt8(ascii: "0")) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 9 - count) { value *= 10 }
        return value
    }

    /// A unit of a duration, in nanoseconds.
    fileprivate mutating func unit() -> UInt64? {
        if skip("h") { return 3_600_000_000_000 }
        if skip("s") { return 1_000_000_000 }
        if skip("m") { return skip("s") ? 1_000_000 : 60_000_000_000 }
        if skip("n") { return skip("s") ? 1 : nil }
        if skip("u") { return skip("s") ? 1000 : nil }
        // U+00B5 and U+03BC, both of which Go takes for micro.
        let isMicro =
            rest >= 2
            && (text[position] == 0xC2 && text[position + 1] == 0xB5
                || text[position] == 0xCE && text[position + 1] == 0xBC)
        guard isMicro else { return nil }
        position += 2
        return skip("s") ? 1000 : nil
    }
}
