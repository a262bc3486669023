/// A list of patterns as GitHub Actions' filters have them: in order, `!` in front of an exception.
package struct FilterPatterns: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        let pattern: GlobPattern
        let isNegative: Bool
    }

    private let entries: [Entry]

    /// The patterns as they are written.
    package var sources: [String] {
        entries.map { ($0.isNegative ? "!" : "") + $0.pattern.source }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// Whether there is a pattern without `!`, without which an inclusive list matches nothing.
    package var hasPositive: Bool { entries.contains { !$0.isNegative } }

    /// - Throws: ``FilterPatternsError`` for the first that is no pattern.
    package init(_ sources: [String]) throws(FilterPatternsError) {
        var entries: [Entry] = []
        for (index, source) in sources.enumerated() {
            let isNegative = source.utf8.first == UInt8(ascii: "!")
            do {
                let pattern = try GlobPattern(isNegative ? String(source.dropFirst()) : source)
                entries.append(Entry(pattern: pattern, isNegative: isNegative))
            } catch {
                throw FilterPatternsError(
                    index: index, offset: error.offset + (isNegative ? 1 : 0), reason: error)
            }
        }
        self.entries = entries
    }

    /// As an inclusive list (`branches`, `tags`, `paths`): whether the last pattern that matches
    /// the text has no `!`. Of an empty list, yes.
    package func includes(_ text: String) -> Bool {
        guard !entries.isEmpty else { return true }
        return entries.last { $0.pattern.matches(text) }.map { !$0.isNegative } ?? false
    }

    /// As an exclusive list (`branches-ignore` and so on): whether a pattern without `!` matches
    /// the text, or one with `!` does not.
    package func ignores(_ text: String) -> Bool {
        entries.contains { $0.pattern.matches(text) != $0.isNegative }
    }

    /// As an inclusive list, whether one of several texts is enough to run.
    package func includesAny(of texts: [String]) -> Bool {
        entries.isEmpty || texts.contains { includes($0) }
    }

    /// As an exclusive list, whether all of several texts are ignored. Of an empty list, no.
    package func ignoresAll(of texts: [String]) -> Bool {
        !entries.isEmpty && texts.allSatisfy { ignores($0) }
    }
}

/// Which pattern of a list is none, and why.
package struct FilterPatternsError: Error, Equatable {
    /// The pattern's position in the list.
    package let index: Int
    /// In Unicode scalars of the pattern as it is written.
    package let offset: Int
    package let reason: GlobPatternError

    package init(index: Int, offset: Int, reason: GlobPatternError) {
        self.index = index
        self.offset = offset
        self.reason = reason
    }
}
