import Glibc

/// Numbers as text.
enum NumberText {
    /// The shortest decimal that reads back as the same double, in the form of Go's `%g`.
    ///
    /// Below 10^-4 and from 10^6 on it has an exponent: 1234567.0 is `1.234567e+06`.
    static func shortest(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let sign = value.sign == .minus ? "-" : ""
        guard value != 0 else { return sign + "0" }
        let (digits, point) = decimal(value.magnitude)
        let exponent = point - 1
        if exponent < -4 || exponent >= 6 {
            return sign + scientific(digits, exponent: exponent)
        }
        return sign + positional(digits, point: point)
    }

    /// All digits of the shortest decimal, without an exponent.
    static func positional(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return shortest(value) }
        let (digits, point) = decimal(value.magnitude)
        return (value < 0 ? "-" : "") + positional(digits, point: point)
    }

    /// `%.3f` or `%.3e` of C, which round the exact binary value.
    static func fixed(_ value: Double, precision: Int, isScientific: Bool) -> String {
        let count = precision + 330  // A double has at most 309 digits in front of the point.
        return String(unsafeUninitializedCapacity: count) { output in
            output.withMemoryRebound(to: CChar.self) { output in
                let format = isScientific ? "%.*e" : "%.*f"
                let arguments: [any CVarArg] = [CInt(precision), value]
                return withVaList(arguments) {
                    Int(vsnprintf(output.baseAddress, count, format, $0))
                }
            }
        }
    }

    /// The digits of the shortest decimal and how many of them are in front of the point.
    private static func decimal(_ value: Double) -> (digits: [UInt8], point: Int) {
        // The standard library writes digits, maybe a point, maybe `e` and an exponent.
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        let text = Array(value.description.utf8)
        for (position, byte) in text.enumerated() {
            if byte.isDigit {
                digits.append(byte)
            } else if byte == UInt8(ascii: ".") {
                point = digits.count
            } else {
                exponent = Int(String(decoding: text[(position + 1)...], as: UTF8.self)) ?? 0
                break
            }
        }
        var front = (point ?? digits.count) + exponent
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        while digits.count > 1, digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            front -= 1
        }
        return (digits, front)
    }

    private static func scientific(_ digits: [UInt8], exponent: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        let mantissa = digits.count > 1 ? text.prefix(1) + "." + text.dropFirst() : text[...]
        let magnitude = String(abs(exponent))
        return mantissa + "e" + (exponent < 0 ? "-" : "+") + (magnitude.count < 2 ? "0" : "")
            + magnitude
    }

    private static func positional(_ digits: [UInt8], point: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + text }
        if point >= digits.count {
            return text + String(repeating: "0", count: point - digits.count)
        }
        return text.prefix(point) + "." + text.dropFirst(point)
    }
}
