/// One value of a ``JSONDocument``: a position on its tape.
///
/// Nothing is converted before it is asked for. Copies are cheap and keep the document alive.
package struct JSONValue {
    /// The kind of a JSON value. Integral numbers within 64 bits are `int` or `uint`.
    package enum Kind: Sendable {
        case null, bool, int, uint, double, string, array, object
    }

    package let document: JSONDocument
    let index: Int

    init(document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    private var word: UInt64 { document.tape[index] }
    private var tag: UInt8 { UInt8(truncatingIfNeeded: word >> 56) }
    /// simdjson's tape word is 8 bits of tag and 56 bits of payload.
    private var payload: Int { Int(word & 0x00FF_FFFF_FFFF_FFFF) }

    package var kind: Kind {
        switch tag {
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "l"): .int
        case UInt8(ascii: "u"): .uint
        case UInt8(ascii: "d"): .double
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        default: .null
        }
    }

    package var isNull: Bool { tag == UInt8(ascii: "n") }

    /// The value of `true` or `false`, else nil.
    package var bool: Bool? {
        switch tag {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// An integral number that fits Int64, else nil.
    package var int: Int64? {
        tag == UInt8(ascii: "l") ? Int64(bitPattern: document.tape[index + 1]) : nil
    }

    /// An integral number above Int64.max that fits UInt64, else nil.
    package var uint: UInt64? {
        tag == UInt8(ascii: "u") ? document.tape[index + 1] : nil
    }

    /// A number written with a fraction or an exponent, or beyond 64 bits, else nil.
    package var double: Double? {
        tag == UInt8(ascii: "d") ? Double(bitPattern: document.tape[index + 1]) : nil
    }

    /// A string, copied, else nil.
    package var string: String? {
        guard tag == UInt8(ascii: "\"") else { return nil }
        return String(decoding: utf8, as: UTF8.self)
    }

    /// The bytes of a string without its quotes and with its escapes resolved.
    ///
    /// Valid as long as the document is. Empty for a value that is no string.
    package var utf8: UnsafeBufferPointer<UInt8> {
        guard tag == UInt8(ascii: "\"") else { return UnsafeBufferPointer(start: nil, count: 0) }
        // A string is a native-endian 32-bit length, the bytes and a NUL.
        let start = document.strings + payload
        let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(length))
    }

    /// Whether this is a string of exactly these characters.
    package func equals(_ text: StaticString) -> Bool {
        guard tag == UInt8(ascii: "\"") else { return false }
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return utf8.elementsEqual(bytes)
    }

    /// The index behind this value on the tape.
    var end: Int { Self.end(of: index, on: document.tape) }

    static func end(of index: Int, on tape: UnsafePointer<UInt64>) -> Int {
        let word = tape[index]
        switch UInt8(truncatingIfNeeded: word >> 56) {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return Int(word & 0xFFFF_FFFF)
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): return index + 2
        default: return index + 1
        }
    }
}

extension JSONValue {
    /// The member of this name, or nil when there is none or this is no object.
    ///
    /// Of members with the same name the last counts, as in ECMAScript (RFC 8259 §4 leaves it open).
    package subscript(_ name: StaticString) -> JSONValue? {
        member(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    /// The member of this name, or nil when there is none or this is no object.
    package subscript(_ name: String) -> JSONValue? {
        var name = name
        return name.withUTF8 { member($0) }
    }

    /// The member whose name has these UTF-8 bytes, or nil when there is none or this is no object.
    package func member(_ name: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        guard kind == .object else { return nil }
        return withExtendedLifetime(document) {
            JSONCursor(self).index(ofMember: name).map {
                JSONValue(document: document, index: $0)
            }
        }
    }

    /// The members of these names, in their order; nil for each that is missing, and for all where
    /// this is no object. Of members with the same name the last counts.
    ///
    /// For several of a large object, which is gone through once and not once for each name.
    package func members(named names: StaticString...) -> [JSONValue?] {
        guard kind == .object else { return names.map { _ in nil } }
        return withExtendedLifetime(document) {
            JSONCursor(self).indices(ofMembers: names).map { index in
                index.map { JSONValue(document: document, index: $0) }
            }
        }
    }

    /// The value at a path of member names, or nil where one is missing.
    package func at(_ path: StaticString...) -> JSONValue? {
        var value = self
        for name in path {
            guard let next = value[name] else { return nil }
            value = next
        }
        return value
    }

    /// The elements of an array or the members of an object, repeated names included; 0 for any
    /// other kind.
    package var count: Int {
        guard kind == .array || kind == .object else { return 0 }
        // simdjson keeps 24 bits of the count beside the end.
        let kept = Int(document.tape[index] >> 32) & 0xFF_FFFF
        guard kept == 0xFF_FFFF else { return kept }
        return kind == .array
            ? elements.reduce(0) { count, _ in count + 1 }
            : members.reduce(0) { count, _ in count + 1 }
    }

    /// The elements of an array; empty for any other kind.
    package var elements: Elements {
        kind == .array
            ? Elements(document: document, position: index + 1, close: end - 1)
            : Elements(document: document, position: 0, close: 0)
    }

    /// The members of an object in the order of the text, repeated names included.
    package var members: Members {
        kind == .object
            ? Members(document: document, position: index + 1, close: end - 1)
            : Members(document: document, position: 0, close: 0)
    }

    /// The members of an object with each name once: where it is first, with its last value.
    package var uniqueMembers: [(name: JSONValue, value: JSONValue)] {
        var unique: [(name: JSONValue, value: JSONValue)] = []
        var positions: [NameBytes: Int] = [:]
        positions.reserveCapacity(count)
        withExtendedLifetime(document) {
            for (name, value) in members {
                let key = NameBytes(bytes: name.utf8)
                if let position = positions[key] {
                    unique[position].value = value
                } else {
                    positions[key] = unique.count
                    unique.append((name, value))
                }
            }
        }
        return unique
    }

    /// The elements of a JSON array, one after the other.
    package struct Elements: Sequence, IteratorProtocol {
        let document: JSONDocument
        var position: Int
        let close: Int

        package mutating func next() -> JSONValue? {
            guard position < close else { return nil }
            let value = JSONValue(document: document, index: position)
            position = value.end
            return value
        }
    }

    /// The members of a JSON object, one after the other; `name` is a string value.
    package struct Members: Sequence, IteratorProtocol {
        let document: JSONDocument
        var position: Int
        let close: Int

        package mutating func next() -> (name: JSONValue, value: JSONValue)? {
            guard position < close else { return nil }
            let name = JSONValue(document: document, index: position)
            let value = JSONValue(document: document, index: position + 1)
            position = value.end
            return (name, value)
        }
    }
}

/// A member's name on the document, which its user keeps alive.
private struct NameBytes: Hashable {
    let bytes: UnsafeBufferPointer<UInt8>

    static func == (left: NameBytes, right: NameBytes) -> Bool {
        left.bytes.elementsEqual(right.bytes)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
}
