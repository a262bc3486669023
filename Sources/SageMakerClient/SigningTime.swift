/// The moment of a signature, as Signature Version 4 writes it.
package struct SigningTime: Sendable, Equatable {
    /// Seconds since 1970.
    package let epochSeconds: Int64
    /// `20150830T123600Z`, the value of X-Amz-Date.
    package let stamp: String

    /// `20150830`, the first part of a credential scope.
    package var date: String { String(stamp.prefix(8)) }

    /// - Parameter epochSeconds: Seconds since 1970, within 1970...9999.
    package init(epochSeconds: Int64) {
        let time = UTCTime(epochSeconds: epochSeconds)
        self.epochSeconds = time.epochSeconds
        var stamp = String()
        stamp.reserveCapacity(16)
        stamp.append(padded(time.year, to: 4))
        stamp.append(padded(time.month, to: 2))
        stamp.append(padded(time.day, to: 2))
        stamp.append("T")
        stamp.append(padded(time.hour, to: 2))
        stamp.append(padded(time.minute, to: 2))
        stamp.append(padded(time.second, to: 2))
        stamp.append("Z")
        self.stamp = stamp
    }

    /// Reads `20150830T123600Z`; nil for anything else.
    package init?(_ stamp: String) {
        let bytes = Array(stamp.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
            let year = number(bytes[0..<4]), let month = number(bytes[4..<6]),
            let day = number(bytes[6..<8]), let hour = number(bytes[9..<11]),
            let minute = number(bytes[11..<13]), let second = number(bytes[13..<15]),
            let time = UTCTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        epochSeconds = time.epochSeconds
        self.stamp = stamp
    }
}

private func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
