/// A request line and header section that passed every rule of RFC 9110 and RFC 9112.
package struct RequestHead: Sendable {
    /// How the content is delimited (RFC 9112 §6).
    package enum Framing: Sendable, Equatable {
        case none
        /// The declared length in bytes; saturated at Int.max.
        case length(Int)
        case chunked
    }

    /// A field line: ranges of ``bytes``.
    struct FieldLine: Sendable {
        let name: Range<Int>
        let value: Range<Int>
    }

    /// Request line and header section, with field names in lower case.
    let bytes: [UInt8]
    let methodRange: Range<Int>
    let targetRange: Range<Int>
    let fields: [FieldLine]
    /// The minor version of HTTP/1: 0 or 1.
    package let minorVersion: Int
    package let framing: Framing
    /// Whether the client keeps the connection open behind this request (RFC 9112 §9.3).
    package let keepsConnection: Bool
    /// Whether the client waits for 100 (Continue) before it sends content.
    package let expectsContinue: Bool

    /// The method, compared byte for byte (RFC 9110 §9.1).
    package var method: String { String(decoding: bytes[methodRange], as: UTF8.self) }

    package func isMethod(_ name: StaticString) -> Bool { equal(methodRange, name) }

    /// The value of the first field line of this name, without white space around it.
    /// - Parameter name: Lower-case.
    package func field(_ name: StaticString) -> ArraySlice<UInt8>? {
        for line in fields where equal(line.name, name) { return bytes[line.value] }
        return nil
    }

    /// The value of the first field line of this name.
    /// - Parameter name: Lower-case.
    package func field(_ name: String) -> ArraySlice<UInt8>? {
        for line in fields where equal(line.name, name) { return bytes[line.value] }
        return nil
    }

    /// The values of all field lines of this name, in their order.
    /// - Parameter name: Lower-case.
    package func allFields(_ name: String) -> [ArraySlice<UInt8>] {
        fields.filter { equal($0.name, name) }.map { bytes[$0.value] }
    }

    /// The value of the one field line of this name; nil where there is none, or more than one.
    /// - Parameter name: Lower-case.
    package func onlyField(_ name: StaticString) -> ArraySlice<UInt8>? {
        var value: ArraySlice<UInt8>?
        for line in fields where equal(line.name, name) {
            guard value == nil else { return nil }
            value = bytes[line.value]
        }
        return value
    }

    /// Every field line as text, names in lower case, in the order received.
    package var fieldTexts: [(name: String, value: String)] {
        fields.map {
            (
                String(decoding: bytes[$0.name], as: UTF8.self),
                String(decoding: bytes[$0.value], as: UTF8.self)
            )
        }
    }

    /// Gives every field name once, in lower case, with the value of its first line. The bytes are
    /// valid during the call only; a value may be other than UTF-8 (RFC 9110 §5.5, obs-text).
    package func forEachField(
        _ receive: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Void
    ) {
        bytes.withUnsafeBufferPointer { bytes in
            for (position, line) in fields.enumerated() {
                let name = UnsafeBufferPointer(rebasing: bytes[line.name])
                let isRepeated = fields[..<position].contains { earlier in
                    earlier.name.count == line.name.count
                        && bytes[earlier.name].elementsEqual(name)
                }
                if !isRepeated { receive(name, UnsafeBufferPointer(rebasing: bytes[line.value])) }
            }
        }
    }

    private func equal(_ range: Range<Int>, _ name: StaticString) -> Bool {
        equal(range, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    private func equal(_ range: Range<Int>, _ name: String) -> Bool {
        guard range.count == name.utf8.count else { return false }
        var name = name
        return name.withUTF8 { equal(range, $0) }
    }

    private func equal(_ range: Range<Int>, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard range.count == name.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<range.count where bytes[range.lowerBound + offset] != name[offset] {
                return false
            }
            return true
        }
    }
}
