/// Writes compact JSON (RFC 8259) into an array of bytes.
///
/// The caller opens and closes arrays and objects in pairs; commas are placed by the writer.
package struct JSONWriter {
    /// The text so far, UTF-8.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name; its value follows.
    package mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member's name in which nothing needs an escape; its value follows.
    package mutating func name(plain name: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var name = name
        name.withUTF8 { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member's name from valid UTF-8; its value follows.
    package mutating func name(utf8 name: UnsafeBufferPointer<UInt8>) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    package mutating func string(utf8 text: UnsafeBufferPointer<UInt8>) {
        separate()
        quote(text)
        needsComma = true
    }

    package mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
    package mutating func int(_ value: some BinaryInteger) { literal(String(value)) }
    package mutating func null() { literal("null") }

    /// Writes a number; infinities and NaN, which JSON lacks, as strings.
    package mutating func double(_ value: Double) {
        guard value.isFinite else {
            return string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        }
        literal("\(value)")
    }

    /// Writes a member with a string value.
    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    /// Writes a member with a string value, or null.
    package mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    /// Writes text that is already JSON.
    package mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// Writes a parsed value again.
    package mutating func value(_ value: JSONValue) {
        switch value.kind {
        case .null: null()
        case .bool: bool(value.bool == true)
        case .int: int(value.int ?? 0)
        case .uint: int(value.uint ?? 0)
        case .double: double(value.double ?? 0)
        case .string: string(utf8: value.utf8)
        case .array:
            beginArray()
            for element in value.elements { self.value(element) }
            endArray()
        case .object:
            beginObject()
            for (key, member) in value.members {
                name(utf8: key.utf8)
                self.value(member)
            }
            endObject()
        }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        var text = text
        text.withUTF8 { quote($0) }
    }

    private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        if text.needsEscape {
            escape(text)
        } else {
            bytes.append(contentsOf: text)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        for byte in text {
            if byte.needsEscape { escape(byte) } else { bytes.append(byte) }
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
        case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
        case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
        case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
        default:
            bytes.append(contentsOf: #"\u00"#.utf8)
            bytes.append(hexDigit(byte >> 4))
            bytes.append(hexDigit(byte & 0x0F))
        }
    }

    private func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether any byte needs an escape. Eight are asked at a time: hardly any text has one.
    fileprivate var needsEscape: Bool {
        let bytes = UnsafeRawBufferPointer(self)
        // The last eight can be asked a second time.
        let last = bytes.count - 8
        guard last >= 0 else { return contains(where: \.needsEscape) }
        for position in stride(from: 0, to: last, by: 8) {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            if word.hasByteThatNeedsEscape { return true }
        }
        return bytes.loadUnaligned(fromByteOffset: last, as: UInt64.self).hasByteThatNeedsEscape
    }
}

extension UInt64 {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// Whether one of the eight bytes needs an escape.
    ///
    /// A byte borrows from its top bit where it is less than what is taken from it, and had that bit
    /// clear before. The lowest that does is right; a byte above it can only be wrong where one was.
    fileprivate var hasByteThatNeedsEscape: Bool {
        let quotes = self ^ (Self.ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = self ^ (Self.ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (self &- Self.ones &* 0x20) & ~self
        let zeros =
            ((quotes &- Self.ones) & ~quotes) | ((backslashes &- Self.ones) & ~backslashes)
        return (controls | zeros) & Self.tops != 0
    }
}

extension UInt8 {
    /// RFC 8259 §7: quotation mark, reverse solidus and the control characters.
    fileprivate var needsEscape: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}
