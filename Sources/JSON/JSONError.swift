/// Why a text is not a JSON value that Hookline accepts.
package enum JSONError: Error, Equatable, CustomStringConvertible {
    /// The bytes are not JSON (RFC 8259); the reason is the parser's, without any of the content.
    case malformed(reason: String)
    /// Arrays and objects are nested deeper than the limit.
    case tooDeep(limit: Int)
    /// There was no memory for the document.
    case outOfMemory

    package var description: String {
        switch self {
        case .malformed(let reason): "not valid JSON: \(reason)"
        case .tooDeep(let limit): "JSON is nested deeper than \(limit) levels"
        case .outOfMemory: "out of memory while parsing JSON"
        }
    }
}

/// Bounds on what a parser accepts.
package struct JSONLimits: Sendable {
    /// The deepest nesting of arrays and objects.
    package var depthMax = 1024  // simdjson's own default
    /// The longest text after which a ``JSONParser`` keeps its memory for the next one, in bytes.
    ///
    /// 256 KiB, for which simdjson takes some 4 MiB.
    package var keptTextBytesMax = 256 << 10

    package init() {}
}
