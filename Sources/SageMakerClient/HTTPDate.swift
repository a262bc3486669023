/// Reads the value of an HTTP Date field, `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Only the preferred form of RFC 9110 §5.6.7: AWS sends no other.
/// - Returns: Seconds since 1970, or nil for anything else.
package func secondsSince1970(httpDate text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count == 29, bytes[3...4].elementsEqual(", ".utf8),
        bytes[25...].elementsEqual(" GMT".utf8),
        [7, 11, 16].allSatisfy({ bytes[$0] == UInt8(ascii: " ") }),
        [19, 22].allSatisfy({ bytes[$0] == UInt8(ascii: ":") }),
        let day = number(bytes[5..<7]),
        let month = monthNames.firstIndex(where: { bytes[8..<11].elementsEqual($0.utf8) }),
        let year = number(bytes[12..<16]), let hour = number(bytes[17..<19]),
        let minute = number(bytes[20..<22]), let second = number(bytes[23..<25])
    else { return nil }
    // The name of the day says nothing that the date does not.
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

/// An optional fraction and an offset of zero.
private func isUTC(_ rest: ArraySlice<UInt8>) -> Bool {
    var rest = rest
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst().drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    // `UTC` is what older tools wrote into the SSO cache.
    return ["Z", "+00:00", "UTC"].contains { rest.elementsEqual($0.utf8) }
}
