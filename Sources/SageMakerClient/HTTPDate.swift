/// Reads the value of an HTTP Date field in any of the three forms of RFC 9110 §5.6.7, which a
/// recipient must take: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`,
/// `Sun Nov  6 08:49:37 1994`.
/// - Parameter now: Seconds since 1970, by which a year of two digits is read.
/// - Returns: Seconds since 1970, or nil for anything else.
package func secondsSince1970(httpDate text: String, now: Int64) -> Int64? {
    let bytes = Array(text.utf8)
    // The name of the day says nothing that the date does not.
    switch bytes.count {
    case 29: return fixedDate(bytes)
    case 24: return asctimeDate(bytes)
    default: return dashedDate(bytes, now: now)
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
private func fixedDate(_ bytes: [UInt8]) -> Int64? {
    guard bytes[3...4].elementsEqual(", ".utf8), bytes[25...].elementsEqual(" GMT".utf8),
        [7, 11, 16].allSatisfy({ bytes[$0] == UInt8(ascii: " ") })
    else { return nil }
    return seconds(
        number(bytes[12..<16]), bytes[8..<11], day: number(bytes[5..<7]), Array(bytes[17..<25]))
}

/// `Sun Nov  6 08:49:37 1994`
private func asctimeDate(_ bytes: [UInt8]) -> Int64? {
    guard [3, 7, 10, 19].allSatisfy({ bytes[$0] == UInt8(ascii: " ") }) else { return nil }
    let day = bytes[8] == UInt8(ascii: " ") ? bytes[9..<10] : bytes[8..<10]
    return seconds(
        number(bytes[20..<24]), bytes[4..<7], day: number(day), Array(bytes[11..<19]))
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
private func dashedDate(_ bytes: [UInt8], now: Int64) -> Int64? {
    guard let comma = bytes.firstIndex(of: UInt8(ascii: ",")), (6...9).contains(comma),
        bytes.count == comma + 24
    else { return nil }
    let rest = Array(bytes[comma...])
    guard rest[1] == UInt8(ascii: " "), [4, 8].allSatisfy({ rest[$0] == UInt8(ascii: "-") }),
        rest[11] == UInt8(ascii: " "), rest[20...].elementsEqual(" GMT".utf8),
        let yearOfCentury = number(rest[9..<11])
    else { return nil }
    let century = UTCTime(epochSeconds: now).year / 100 * 100
    // A moment more than 50 years ahead is one of the past.
    let fiftyYears: Int64 = 50 * 31_557_600
    return [century + 100, century, century - 100].lazy.compactMap { century in
        seconds(
            century + yearOfCentury, rest[5..<8], day: number(rest[2..<4]), Array(rest[12..<20]))
    }.first { $0 <= now + fiftyYears }
}

/// - Parameter time: `08:49:37`
private func seconds(
    _ year: Int?, _ monthName: ArraySlice<UInt8>, day: Int?, _ time: [UInt8]
) -> Int64? {
    guard let year, let day, [2, 5].allSatisfy({ time[$0] == UInt8(ascii: ":") }),
        let month = monthNames.firstIndex(where: { monthName.elementsEqual($0.utf8) }),
        let hour = number(time[0..<2]), let minute = number(time[3..<5]),
        let second = number(time[6..<8])
    else { return nil }
    return UTCTime(
        year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second
    )?.epochSeconds
}

private let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

/// Reads a moment of RFC 3339 in UTC, `2026-11-26T12:00:00Z`, with or without a fraction, which is
/// dropped: the form of every expiry that AWS sends.
/// - Returns: Seconds since 1970, or nil for anything else.
func secondsSince1970(timestamp text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard (20...40).contains(bytes.count), [4, 7].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
        bytes[10] == UInt8(ascii: "T"),
        [13, 16].allSatisfy({ bytes[$0] == UInt8(ascii: ":") }),
        let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
        let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]),
        let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
        isUTC(bytes[19...])
    else { return nil }
    return UTCTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second
    )?.epochSeconds
}

/// A moment as ``secondsSince1970(timestamp:)`` reads it: `2026-11-26T12:00:00Z`.
func timestamp(_ epochSeconds: Int64) -> String {
    let time = UTCTime(epochSeconds: epochSeconds)
    func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(time.year, 4))-\(padded(time.month))-\(padded(time.day))"
        + "T\(padded(time.hour)):\(padded(time.minute)):\(padded(time.second))Z"
}

/// An optional fraction and an offset of zero.
private func isUTC(_ rest: ArraySlice<UInt8>) -> Bool {
    var rest = rest
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst().drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    // `UTC` is what older tools wrote into the SSO cache.
    return ["Z", "+00:00", "UTC"].contains { rest.elementsEqual($0.utf8) }
}
