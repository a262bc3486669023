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
            // simdjson refuses some numbers and escapes that RFC 8259 allows.
            guard hl_json_is_number_error(code) || hl_json_is_string_error(code),
                let rewritten = RewrittenText(bytes)
            else { throw error(code) }
            let again = rewritten.bytes.withUnsafeBytes { run($0, padded: false) }
            if again != 0 { throw error(again) }
            write(rewritten.infinities)
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

    /// Puts infinities onto the tape, which a JSON text cannot say.
    private func write(_ infinities: [RewrittenText.Infinity]) {
        guard let tape = hl_json_tape(parser) else { return }
        var rest = infinities[...]
        var numbers = 0
        var index = 1
        while let next = rest.first {
            switch UInt8(truncatingIfNeeded: tape[index] >> 56) {
            case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"):
                if numbers == next.ordinal {
                    hl_json_set_double(parser, index, next.isNegative ? -.infinity : .infinity)
                    rest.removeFirst()
                }
                numbers += 1
                index += 2
            case UInt8(ascii: "r"): return
            default: index += 1
            }
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
/// event loop allocates nothing for its payloads. That of a text above
/// ``JSONLimits/keptTextBytesMax`` is not kept: a tape never shrinks, and takes many times its text.
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
        let document =
            bytes.count > limits.keptTextBytesMax
            ? try JSONDocument(empty: limits) : try reusableDocument()
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
