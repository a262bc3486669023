internal import CSimdJSON

/// A parsed JSON text: simdjson's tape, read lazily through ``JSONValue``.
///
/// Not Sendable: a document is made, read and dropped on one thread.
package final class JSONDocument {
    let parser: OpaquePointer
    private(set) var tape: UnsafePointer<UInt64>
    private(set) var strings: UnsafePointer<UInt8>
    private let limits: JSONLimits

    /// Parses one JSON text.
    /// - Parameter bytes: UTF-8; they are copied and need not outlive the call.
    /// - Throws: ``JSONError``.
    package convenience init(
        parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) {
        try self.init(empty: limits)
        try parse(bytes, padded: false)
    }

    /// Parses one JSON text held in an array.
    /// - Throws: ``JSONError``.
    package convenience init(
        parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONError) {
        try self.init(empty: limits)
        // `withUnsafeBytes` has no typed throws.
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            try parse(UnsafeRawBufferPointer(buffer), padded: false)
        }
    }

    init(empty limits: JSONLimits) throws(JSONError) {
        guard let parser = hl_json_parser_create(limits.depthMax) else { throw .outOfMemory }
        self.parser = parser
        self.limits = limits
        tape = UnsafePointer(EmptyTape.words)
        strings = UnsafePointer(EmptyTape.bytes)
    }

    deinit { hl_json_parser_destroy(parser) }

    /// The outermost value.
    package var root: JSONValue { JSONValue(document: self, index: 1) }

    func parse(_ bytes: UnsafeRawBufferPointer, padded: Bool) throws(JSONError) {
        let code = run(bytes, padded: padded)
        if code != 0 {
            // simdjson refuses integers outside 64 bits, which RFC 8259 §6 allows; as CEL does
            // for JSON numbers, they become doubles.
            guard hl_json_is_number_error(code), let widened = wideIntegersAsDoubles(bytes) else {
                throw error(code)
            }
            let again = widened.withUnsafeBytes { run($0, padded: false) }
            if again != 0 { throw error(again) }
        }
        guard let tape = hl_json_tape(parser), let strings = hl_json_strings(parser) else {
            throw .outOfMemory
        }
        self.tape = tape
        self.strings = strings
    }

    private func run(_ bytes: UnsafeRawBufferPointer, padded: Bool) -> Int32 {
        var empty: UInt8 = 0
        return withUnsafePointer(to: &empty) { fallback in
            let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return hl_json_parse(parser, base ?? fallback, bytes.count, padded && base != nil)
        }
    }

    private func error(_ code: Int32) -> JSONError {
        if hl_json_is_depth_error(code) { return .tooDeep(limit: limits.depthMax) }
        if hl_json_is_memory_error(code) { return .outOfMemory }
        return .malformed(reason: String(cString: hl_json_error_message(code)))
    }
}

/// What a document shows before its first parse: nothing, but readable.
private enum EmptyTape {
    // Allocated once, never written again and never freed.
    nonisolated(unsafe) static let words = {
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 2)
        words.initialize(repeating: 0, count: 2)
        return words
    }()
    nonisolated(unsafe) static let bytes = {
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 4)
        bytes.initialize(repeating: 0, count: 4)
        return bytes
    }()
}

/// A parser that is used again and again on one thread.
///
/// The document of the last parse is taken over when nobody else holds it any more, so a busy
/// event loop allocates nothing for its payloads.
package struct JSONParser {
    /// Bytes that must be readable behind a text given to ``parse(padded:)``.
    package static let padding = hl_json_padding

    private var document: JSONDocument?
    private let limits: JSONLimits

    package init(limits: JSONLimits = JSONLimits()) { self.limits = limits }

    /// Parses in place.
    /// - Parameter bytes: UTF-8, with at least ``padding`` readable bytes behind it.
    /// - Throws: ``JSONError``.
    package mutating func parse(
        padded bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> JSONDocument {
        let document = try reusableDocument()
        try document.parse(bytes, padded: true)
        return document
    }

    private mutating func reusableDocument() throws(JSONError) -> JSONDocument {
        if isKnownUniquelyReferenced(&document), let document { return document }
        let fresh = try JSONDocument(empty: limits)
        document = fresh
        return fresh
    }
}

/// The text with `e0` behind every integer of 19 digits or more, or nil when there is none.
///
/// An integer of fewer digits fits 64 bits. The exponent makes the same number a double.
private func wideIntegersAsDoubles(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    var output: [UInt8] = []
    var copied = 0
    var position = 0
    while position < bytes.count {
        let byte = bytes[position]
        if byte == UInt8(ascii: "\"") {
            position = endOfString(bytes, from: position)
        } else if byte.isDigit {
            let end = endOfDigits(bytes, from: position)
            let isInteger = end == bytes.count || !isFraction(bytes[end])
            if isInteger, end - position >= 19 {
                output.append(contentsOf: bytes[copied..<end])
                output.append(contentsOf: [UInt8(ascii: "e"), UInt8(ascii: "0")])
                copied = end
            }
            position = isInteger ? end : endOfNumber(bytes, from: end)
        } else {
            position += 1
        }
    }
    guard copied > 0 else { return nil }
    output.append(contentsOf: bytes[copied...])
    return output
}

private func endOfString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start + 1
    while position < bytes.count {
        switch bytes[position] {
        case UInt8(ascii: "\\"): position += 2
        case UInt8(ascii: "\""): return position + 1
        default: position += 1
        }
    }
    return bytes.count
}

private func endOfDigits(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    while position < bytes.count, bytes[position].isDigit { position += 1 }
    return position
}

private func endOfNumber(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    while position < bytes.count, bytes[position].isDigit || isFraction(bytes[position]) {
        position += 1
    }
    return position
}

private func isFraction(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"),
        UInt8(ascii: "-"):
        true
    default: false
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
