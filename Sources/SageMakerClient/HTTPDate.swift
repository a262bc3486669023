/// Reads the value of an HTTP Date field, `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Only the preferred form of RFC 9110 §5.6.7: AWS sends no other.
/// - Returns: Seconds since 1970, or nil for anything else.
func secondsSince1970(httpDate text: String) -> Int64? {
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
