internal import JSON

/// JSON that must be looked at before anything is verified: tokens that are in the content itself.
enum JSONText {
    /// Nesting beyond this is nobody's who sends a token in his JSON.
    private static let depthMax = 64

    /// The text of a member of the outermost object; nil when there is none, or no JSON.
    static func member(_ name: String, of content: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let value = document(content)?.root[name], value.kind == .string else { return nil }
        return Array(value.utf8)
    }

    static func document(_ content: UnsafeRawBufferPointer) -> JSONDocument? {
        var limits = JSONLimits()
        limits.depthMax = depthMax
        return try? JSONDocument(parsing: content, limits: limits)
    }

    static func document(_ content: [UInt8]) -> JSONDocument? {
        content.withUnsafeBytes { document($0) }
    }
}
