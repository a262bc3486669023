/// Lower-case hexadecimal digits.
package func hexEncoded(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits: StaticString = "0123456789abcdef"
    return String(unsafeUninitializedCapacity: bytes.count * 2) { output in
        for (position, byte) in bytes.enumerated() {
            output[2 * position] = digits.utf8Start[Int(byte >> 4)]
            output[2 * position + 1] = digits.utf8Start[Int(byte & 0x0F)]
        }
        return bytes.count * 2
    }
}

/// Lower-case hexadecimal digits.
package func hexEncoded(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { hexEncoded($0) } }

/// Decodes hexadecimal digits of either case into `output`, which must hold half as many bytes.
/// - Returns: Whether `digits` was an even number of hexadecimal digits that fills `output`.
package func hexDecode(
    _ digits: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
) -> Bool {
    guard digits.count == output.count * 2 else { return false }
    for position in 0..<output.count {
        guard let high = digits[2 * position].hexValue,
            let low = digits[2 * position + 1].hexValue
        else { return false }
        output[position] = high << 4 | low
    }
    return true
}

/// The bytes of hexadecimal digits of either case, or nil for anything else.
package func hexDecoded(_ digits: some Collection<UInt8>) -> [UInt8]? {
    let digits = Array(digits)
    var output = [UInt8](repeating: 0, count: digits.count / 2)
    let decoded = digits.withUnsafeBytes { digits in
        output.withUnsafeMutableBytes { hexDecode(digits, into: $0) }
    }
    return decoded ? output : nil
}

/// Base64 with padding (RFC 4648 §4).
package func base64Encoded(_ bytes: [UInt8]) -> String {
    let alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var bits: UInt32 = 0
        for byte in group { bits = bits << 8 | UInt32(byte) }
        bits <<= 8 * UInt32(3 - group.count)
        for sextet in 0..<4 {
            let used = sextet <= group.count
            let index = Int(bits >> (18 - 6 * UInt32(sextet))) & 0x3F
            output.append(used ? alphabet.utf8Start[index] : UInt8(ascii: "="))
        }
    }
    return String(decoding: output, as: UTF8.self)
}

/// The bytes of base64 (RFC 4648 §4), or nil for anything else.
///
/// Padding may be missing altogether but not partly, bits behind the last byte must be zero, and no
/// other character is allowed, so every value has one or two spellings and no third.
/// - Parameter ignoringTrailingBits: Whether the bits behind the last byte may be anything.
package func base64Decoded(
    _ text: some Collection<UInt8>, ignoringTrailingBits: Bool = false
) -> [UInt8]? {
    var text = Array(text)
    if text.count % 4 == 0 {
        for _ in 0..<2 where text.last == UInt8(ascii: "=") { text.removeLast() }
    }
    guard text.count % 4 != 1 else { return nil }
    var output: [UInt8] = []
    output.reserveCapacity(text.count * 3 / 4)
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for character in text {
        guard let sextet = character.base64Value else { return nil }
        bits = bits << 6 | UInt32(sextet)
        bitCount += 6
        if bitCount >= 8 {
            bitCount -= 8
            output.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            bits &= (1 << bitCount) - 1
        }
    }
    return bits == 0 || ignoringTrailingBits ? output : nil
}

/// The bytes of base64url (RFC 4648 §5), or nil for anything else; padding as in
/// ``base64Decoded(_:)``.
package func base64URLDecoded(_ text: some Collection<UInt8>) -> [UInt8]? {
    var standard: [UInt8] = []
    standard.reserveCapacity(text.count)
    for character in text {
        switch character {
        case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
        case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
        case UInt8(ascii: "+"), UInt8(ascii: "/"): return nil
        default: standard.append(character)
        }
    }
    return base64Decoded(standard)
}

/// Base64url without padding (RFC 4648 §5).
package func base64URLEncoded(_ bytes: [UInt8]) -> String {
    String(
        decoding: base64Encoded(bytes).utf8.compactMap { character -> UInt8? in
            switch character {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: character
            }
        }, as: UTF8.self)
}

extension UInt8 {
    fileprivate var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    fileprivate var base64Value: UInt8? {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): self - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): self - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
