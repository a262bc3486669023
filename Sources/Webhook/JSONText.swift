internal import JSON

/// JSON that must be looked at before anything is verified: tokens that are in the content itself.
enum JSONText {
    /// Nesting beyond this is nobody's who sends a token in his JSON.
    private static let depthMax = 64

    /// The texts of the outermost object's members of this name; none where it is no JSON.
    static func members(_ name: String, of content: UnsafeRawBufferPointer) -> [[UInt8]] {
        guard let root = document(content)?.root else { return [] }
        let found = root.members.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
        if found.count == 1, found[0].kind != .string { return [] }
        return found.map { Array($0.utf8) }
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
