import Glibc

/// A place on a document's tape that does not keep the document alive.
///
/// What goes through many values makes a cursor of each, which counts no references, and holds the
/// document itself meanwhile. A cursor is valid as long as the document is, and until the next parse.
package struct JSONCursor {
    private let tape: UnsafePointer<UInt64>
    private let strings: UnsafePointer<UInt8>
    private let document: Unmanaged<JSONDocument>
    private let index: Int

    package init(_ value: JSONValue) {
        tape = value.document.tape
        strings = value.document.strings
        document = Unmanaged.passUnretained(value.document)
        index = value.index
    }

    private init(_ other: JSONCursor, index: Int) {
        tape = other.tape
        strings = other.strings
        document = other.document
        self.index = index
    }

    /// The value, which keeps the document alive.
    package var value: JSONValue {
        JSONValue(document: document.takeUnretainedValue(), index: index)
    }

    /// The bytes of a string without its quotes and with its escapes resolved; nil for a value that
    /// is no string.
    package var utf8: UnsafeBufferPointer<UInt8>? {
        let word = tape[index]
        guard tag(word) == UInt8(ascii: "\"") else { return nil }
        return string(word)
    }

    /// The value at the end of a path, or nil where a member is missing or a value is no object.
    /// - Parameter weight: Gets added what the search weighs: for each object on the way, a 32nd of
    ///   its members, since all of them are looked at.
    package func at(_ path: JSONPath, weight: inout Int) -> JSONCursor? {
        var cursor = self
        var sum = 0
        for key in path.keys {
            let word = tape[cursor.index]
            guard tag(word) == UInt8(ascii: "{"), let next = cursor.index(ofMember: key) else {
                return nil
            }
            sum += (Int(word >> 32) & 0xFF_FFFF) / 32
            cursor = JSONCursor(self, index: next)
        }
        weight += sum
        return cursor
    }

    /// The index of the value of an object's member, or nil when there is none of this name.
    ///
    /// Of members with the same name the last counts.
    @inline(__always)
    func index(ofMember name: UnsafeBufferPointer<UInt8>) -> Int? {
        let close = JSONValue.end(of: index, on: tape) - 1
        var position = index + 1
        var found: Int?
        while position < close {
            let key = string(tape[position])
            if key.count == name.count, key.hasBytes(of: name) { found = position + 1 }
            position = JSONValue.end(of: position + 1, on: tape)
        }
        return found
    }

    /// The indices of the values of an object's members of these names; nil for each that is missing.
    ///
    /// Of members with the same name the last counts.
    func indices(ofMembers names: [StaticString]) -> [Int?] {
        var found = [Int?](repeating: nil, count: names.count)
        // Most members are not asked for, and most of those have another length than all that are.
        var lengths: UInt64 = 0
        for name in names { lengths |= 1 << UInt64(name.utf8CodeUnitCount & 63) }
        let close = JSONValue.end(of: index, on: tape) - 1
        var position = index + 1
        while position < close {
            let key = string(tape[position])
            if lengths & (1 << UInt64(key.count & 63)) != 0 {
                for (place, name) in names.enumerated() where name.utf8CodeUnitCount == key.count {
                    let bytes = UnsafeBufferPointer(start: name.utf8Start, count: key.count)
                    if key.hasBytes(of: bytes) { found[place] = position + 1 }
                }
            }
            position = JSONValue.end(of: position + 1, on: tape)
        }
        return found
    }

    /// simdjson's tape word is 8 bits of tag and 56 bits of payload.
    @inline(__always)
    private func tag(_ word: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> 56) }

    @inline(__always)
    private func string(_ word: UInt64) -> UnsafeBufferPointer<UInt8> {
        // A string is a native-endian 32-bit length, the bytes and a NUL.
        let start = strings + Int(word & 0x00FF_FFFF_FFFF_FFFF)
        let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(length))
    }

    /// The elements of an array, one after the other; none of any other value.
    package struct Elements {
        private let list: JSONCursor
        private var position: Int
        private let close: Int

        package init(of list: JSONCursor) {
            self.list = list
            position = list.index + 1
            close =
                list.tag(list.tape[list.index]) == UInt8(ascii: "[")
                ? JSONValue.end(of: list.index, on: list.tape) - 1 : 0
        }

        package mutating func next() -> JSONCursor? {
            guard position < close else { return nil }
            let element = JSONCursor(list, index: position)
            position = JSONValue.end(of: position, on: list.tape)
            return element
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the same bytes as others of the same count.
    @inline(__always)
    fileprivate func hasBytes(of other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = baseAddress, let otherBase = other.baseAddress else { return true }
        return memcmp(base, otherBase, count) == 0
    }
}
