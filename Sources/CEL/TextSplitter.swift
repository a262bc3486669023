/// Cutting text into parts.
enum TextSplitter {
    /// The parts between the first `limit` occurrences of a separator, all when it is negative.
    ///
    /// An empty separator occurs between code points and, with `aroundEnds`, at both ends.
    static func parts(
        of text: String, separator: String, limit: Int64, aroundEnds: Bool
    ) -> [ArraySlice<UInt8>] {
        let text = Array(text.utf8)
        let separator = Array(separator.utf8)
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var position = separator.isEmpty && aroundEnds ? -1 : 0
        while limit < 0 || parts.count < limit {
            let found =
                separator.isEmpty
                ? boundary(in: text, after: position, aroundEnds: aroundEnds)
                : offset(of: separator, in: text, from: position)
            guard let found else { break }
            parts.append(text[start..<found])
            start = found + separator.count
            position = start
        }
        // Without a separator, an empty text has no part at all unless its ends count.
        if separator.isEmpty, !aroundEnds, text.isEmpty { return [] }
        return parts + [text[start...]]
    }

    /// The next boundary of code points behind a position.
    private static func boundary(
        in text: [UInt8], after position: Int, aroundEnds: Bool
    ) -> Int? {
        var next = position + 1
        while next < text.count, text[next].isContinuation { next += 1 }
        let last = aroundEnds ? text.count : text.count - 1
        return next <= last ? next : nil
    }

    private static func offset(of part: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        text.withUnsafeBufferPointer { text in
            part.withUnsafeBufferPointer { text.firstOffset(of: $0, from: start) }
        }
    }
}
