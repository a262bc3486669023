/// A host that system resolvers and URL libraries read as an IPv4 address, however it is spelt.
///
/// inet_aton(3) has one to four numbers, decimal, octal (`0177`) or hexadecimal (`0x7f`), of which
/// the last fills all bytes that are left: `2130706433` and `127.1` are 127.0.0.1.
enum IPv4Spelling: Equatable {
    /// No numbers only, so a name.
    case name
    /// The address's 32 bits.
    case address(UInt32)
    /// Numbers only, but no address: what it would be is for every reader to say.
    case invalid

    /// - Parameter host: In ASCII or, since IDNA maps them, with digits of other scripts.
    init(_ host: some StringProtocol) {
        var text = host.unicodeScalars.map { Self.asciiDigit($0) ?? $0 }
        // A name's own last dot, which means the root, is read over.
        if text.last == "." { text.removeLast() }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
            String(String.UnicodeScalarView(part))
        }
        guard parts.allSatisfy(Self.looksLikeNumber) else {
            self = .name
            return
        }
        self = Self.bits(parts).map { .address($0) } ?? .invalid
    }

    private static func asciiDigit(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        // Words for numbers, such as Chinese ones, are numeric too, but nothing turns them into digits.
        guard !scalar.isASCII,
            scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit,
            let value = scalar.properties.numericValue, let digit = UInt8(exactly: value),
            digit < 10
        else { return nil }
        return Unicode.Scalar(UInt8(ascii: "0") + digit)
    }

    private static func looksLikeNumber(_ part: String) -> Bool {
        let lower = part.lowercased()
        return lower.hasPrefix("0x")
            ? lower.utf8.dropFirst(2).allSatisfy(\.isHexDigit) : lower.utf8.allSatisfy(\.isDigit)
    }

    private static func bits(_ parts: [String]) -> UInt32? {
        guard (1...4).contains(parts.count) else { return nil }
        let numbers = parts.compactMap(number)
        guard numbers.count == parts.count, let last = numbers.last else { return nil }
        let front = numbers.dropLast()
        let bitsLeft = 32 - 8 * front.count
        guard front.allSatisfy({ $0 <= 0xFF }), UInt64(last) < 1 << UInt64(bitsLeft) else {
            return nil
        }
        let high = front.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return UInt32(high << UInt64(bitsLeft) | UInt64(last))
    }

    private static func number(_ part: String) -> UInt32? {
        let lower = part.lowercased()
        if lower.hasPrefix("0x") { return UInt32(lower.dropFirst(2), radix: 16) }
        return lower.hasPrefix("0") ? UInt32(lower, radix: 8) : UInt32(lower)
    }
}
