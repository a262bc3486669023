/// A pattern of GitHub Actions' filters, without the `!` in front.
///
/// `*` is any characters but `/`, `**` any, `**/` nothing or any directories, `[a-z]` one of some
/// letters and digits; `?` and `+` repeat the character before them: not at all or once, once or
/// more. `\` takes a pattern's sign for itself. A pattern is matched against the whole text.
/// Source: docs.github.com, "Workflow syntax", filter pattern cheat sheet.
package struct GlobPattern: Sendable, Equatable {
    /// What one part of a pattern stands for.
    enum Atom: Equatable {
        /// One Unicode scalar, as its UTF-8 bytes.
        case character([UInt8])
        case oneOf(ASCIISet)
        /// `*`
        case name
        /// `**`
        case anything
        /// `**/`
        case directories
    }

    /// How often a part occurs.
    enum Repetition: Equatable {
        case once, optional, onceOrMore
    }

    struct Part: Equatable {
        let atom: Atom
        var repetition = Repetition.once
    }

    /// Some of the 128 ASCII characters.
    struct ASCIISet: Equatable {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        mutating func insert(_ byte: UInt8) {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }

        func contains(_ byte: UInt8) -> Bool {
            guard byte < 128 else { return false }
            return (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte - 64)) & 1 == 1
        }
    }

    /// The pattern as it is written.
    package let source: String
    /// The bytes that every match begins with.
    let prefix: [UInt8]
    /// What follows the prefix; empty when the pattern is the prefix alone.
    let parts: [Part]
    /// The bytes that every match ends with, behind the prefix; also the last of `parts`.
    let suffix: [UInt8]

    /// - Throws: ``GlobPatternError`` for what is no pattern.
    package init(_ source: String) throws(GlobPatternError) {
        guard source.utf8.count <= RulesLimits.patternBytesMax else {
            throw .tooLong(limitBytes: RulesLimits.patternBytesMax)
        }
        var parser = GlobParser(source)
        let parts = try parser.parse()
        let literals = parts.prefix { $0.literal != nil }
        prefix = literals.flatMap { $0.literal ?? [] }
        self.parts = Array(parts.dropFirst(literals.count))
        suffix = self.parts.reversed().prefix { $0.literal != nil }.reversed()
            .flatMap { $0.literal ?? [] }
        self.source = source
    }
}

extension GlobPattern.Part {
    fileprivate var literal: [UInt8]? {
        guard case .character(let bytes) = atom, repetition == .once else { return nil }
        return bytes
    }
}

/// Why a text is no pattern; offsets are in Unicode scalars.
package enum GlobPatternError: Error, Equatable, CustomStringConvertible {
    case empty
    case tooLong(limitBytes: Int)
    /// `\` at the end.
    case nothingEscaped
    case unclosedBracket(offset: Int)
    case emptyBracket(offset: Int)
    /// Something between brackets that is no letter, digit or range of them.
    case invalidBracket(offset: Int)
    /// `?` or `+` behind another of them.
    case repeatedRepetition(offset: Int)

    package var description: String {
        switch self {
        case .empty: "an empty pattern matches nothing"
        case .tooLong(let limit): "the pattern is longer than \(limit) bytes"
        case .nothingEscaped: "a pattern cannot end with \"\\\""
        case .unclosedBracket: "\"[\" without \"]\""
        case .emptyBracket: "\"[]\" matches nothing"
        case .invalidBracket:
            "only letters, digits and their ranges, such as a-z, can be between \"[\" and \"]\""
        case .repeatedRepetition: "\"?\" and \"+\" repeat one character, not one another"
        }
    }

    /// Where in the pattern the error is.
    package var offset: Int {
        switch self {
        case .empty, .tooLong, .nothingEscaped: 0
        case .unclosedBracket(let offset), .emptyBracket(let offset), .invalidBracket(let offset),
            .repeatedRepetition(let offset):
            offset
        }
    }
}

private struct GlobParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    mutating func parse() throws(GlobPatternError) -> [GlobPattern.Part] {
        guard !scalars.isEmpty else { throw .empty }
        var parts: [GlobPattern.Part] = []
        while position < scalars.count {
            let character = scalars[position]
            if character == "?" || character == "+", let last = parts.last {
                guard last.repetition == .once else {
                    throw .repeatedRepetition(offset: position)
                }
                parts[parts.count - 1].repetition = repetition(character, of: last)
                position += 1
            } else {
                parts.append(GlobPattern.Part(atom: try atom()))
            }
        }
        return parts
    }

    /// Wildcards can be empty and be long, so repeating one changes nothing.
    private func repetition(
        _ sign: Unicode.Scalar, of part: GlobPattern.Part
    ) -> GlobPattern.Repetition {
        switch part.atom {
        case .name, .anything, .directories: .once
        case .character, .oneOf: sign == "?" ? .optional : .onceOrMore
        }
    }

    private mutating func atom() throws(GlobPatternError) -> GlobPattern.Atom {
        let character = scalars[position]
        position += 1
        switch character {
        case "*":
            guard position < scalars.count, scalars[position] == "*" else { return .name }
            position += 1
            guard position < scalars.count, scalars[position] == "/" else { return .anything }
            position += 1
            return .directories
        case "[": return .oneOf(try bracket())
        case "\\":
            guard position < scalars.count else { throw .nothingEscaped }
            position += 1
            return .character(Array(UTF8.encode(scalars[position - 1]) ?? .init()))
        default: return .character(Array(UTF8.encode(character) ?? .init()))
        }
    }

    private mutating func bracket() throws(GlobPatternError) -> GlobPattern.ASCIISet {
        let open = position - 1
        guard let close = scalars[position...].firstIndex(of: "]") else {
            throw .unclosedBracket(offset: open)
        }
        guard close > position else { throw .emptyBracket(offset: open) }
        var set = GlobPattern.ASCIISet()
        while position < close {
            guard let first = letterOrDigit(at: position) else {
                throw .invalidBracket(offset: position)
            }
            var last = first
            if position + 1 < close, scalars[position + 1] == "-" {
                guard position + 2 < close, let end = letterOrDigit(at: position + 2),
                    first <= end, first.isDigit == end.isDigit
                else { throw .invalidBracket(offset: position) }
                last = end
                position += 2
            }
            for byte in first...last where byte.isDigit || byte.isLetter { set.insert(byte) }
            position += 1
        }
        position = close + 1
        return set
    }

    private func letterOrDigit(at position: Int) -> UInt8? {
        guard let byte = UInt8(exactly: scalars[position].value), byte.isDigit || byte.isLetter
        else { return nil }
        return byte
    }
}
