/// A JSON text with what RFC 8259 allows and simdjson refuses written so that simdjson reads it.
///
/// Each number and each escape is looked at by itself: one odd value must not blur those beside
/// it. A text that is no JSON stays none.
struct RewrittenText {
    /// A number whose nearest double is an infinity (RFC 8259 §6).
    struct Infinity {
        /// How many numbers stand before it.
        let ordinal: Int
        let isNegative: Bool
    }

    private(set) var bytes: [UInt8] = []
    /// The numbers for which the text has a 0, in the order of the text.
    private(set) var infinities: [Infinity] = []
    private let text: UnsafeRawBufferPointer
    private var copied = 0
    private var numbers = 0

    /// Nil for a text in which there is nothing to rewrite.
    init?(_ text: UnsafeRawBufferPointer) {
        self.text = text
        var position = 0
        while position < text.count {
            if text[position] == UInt8(ascii: "\"") {
                position = rewriteString(from: position)
            } else if text[position].isDigit {
                position = rewriteNumber(from: position)
            } else {
                position += 1
            }
        }
        guard copied > 0 else { return nil }
        bytes.append(contentsOf: text[copied...])
    }

    /// - Returns: The position behind the string.
    private mutating func rewriteString(from start: Int) -> Int {
        var position = start + 1
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\\"): position = rewriteEscape(from: position)
            case UInt8(ascii: "\""): return position + 1
            default: position += 1
            }
        }
        return text.count
    }

    /// Half of a surrogate pair (RFC 8259 §8.2), which UTF-8 cannot hold, becomes U+FFFD: senders
    /// that count in UTF-16 cut a text in the middle of an emoji.
    /// - Returns: The position behind the escape.
    private mutating func rewriteEscape(from start: Int) -> Int {
        guard let unit = codeUnit(at: start) else { return start + 2 }
        guard 0xD800...0xDFFF ~= unit else { return start + 6 }
        if unit < 0xDC00, let low = codeUnit(at: start + 6), 0xDC00...0xDFFF ~= low {
            return start + 12
        }
        replace(start..<start + 6, by: #"\ufffd"#)
        return start + 6
    }

    /// The code unit of the `\uXXXX` at a position, or nil where there is none.
    private func codeUnit(at start: Int) -> UInt16? {
        guard start + 6 <= text.count, text[start] == UInt8(ascii: "\\"),
            text[start + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt16 = 0
        for byte in text[start + 2..<start + 6] {
            guard let digit = byte.hexDigit else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    /// - Returns: The position behind the number.
    private mutating func rewriteNumber(from start: Int) -> Int {
        var end = start
        while end < text.count, text[end].isDigit || text[end].isOfFraction { end += 1 }
        let isNegative = start > 0 && text[start - 1] == UInt8(ascii: "-")
        if let number = NumberText(text[start..<end]) {
            if number.isInfinite {
                replace(start..<end, by: "0")
                infinities.append(Infinity(ordinal: numbers, isNegative: isNegative))
            } else if !number.fits64Bits(isNegative: isNegative) {
                // The exponent makes the same number a double, as CEL does.
                replace(end..<end, by: "e0")
            }
        }
        numbers += 1
        return end
    }

    private mutating func replace(_ range: Range<Int>, by replacement: StaticString) {
        bytes.append(contentsOf: text[copied..<range.lowerBound])
        bytes.append(
            contentsOf: UnsafeBufferPointer(
                start: replacement.utf8Start, count: replacement.utf8CodeUnitCount))
        copied = range.upperBound
    }
}

/// A number of RFC 8259 §6 without its sign.
private struct NumberText {
    private let text: Slice<UnsafeRawBufferPointer>
    private let integer: Slice<UnsafeRawBufferPointer>
    /// The exponent, cut off at a million, or nil where there is none.
    private var exponent: Int?
    private var hasFraction = false

    /// Nil for a text that is no number.
    init?(_ text: Slice<UnsafeRawBufferPointer>) {
        self.text = text
        integer = text.prefix { $0.isDigit }
        guard integer.count == 1 || integer.first != UInt8(ascii: "0") else { return nil }
        var rest = text[integer.endIndex...]
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { $0.isDigit }
            guard !fraction.isEmpty else { return nil }
            hasFraction = true
            rest = rest[fraction.endIndex...]
        }
        guard let letter = rest.popFirst() else { return }
        guard letter | 0x20 == UInt8(ascii: "e") else { return nil }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.allSatisfy(\.isDigit) else { return nil }
        let size = rest.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1_000_000) }
        exponent = isNegative ? -size : size
    }

    /// Whether the nearest double is an infinity.
    var isInfinite: Bool {
        // Below 10^308 nothing is, so that few numbers are converted.
        guard integer.count + (exponent ?? 0) > 308 else { return false }
        return Double(String(decoding: text, as: UTF8.self))?.isInfinite == true
    }

    /// False for an integer outside -2^63...2^64-1, what an `Int64` or a `UInt64` holds.
    func fits64Bits(isNegative: Bool) -> Bool {
        guard exponent == nil, !hasFraction else { return true }
        let bound = (isNegative ? "9223372036854775808" : "18446744073709551615").utf8
        if integer.count != bound.count { return integer.count < bound.count }
        return !bound.lexicographicallyPrecedes(integer)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    fileprivate var hexDigit: UInt16? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Whether this is a character of a number's fraction or exponent that is no digit.
    fileprivate var isOfFraction: Bool {
        switch self {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
