/// A part of a text that is put together later.
package enum TextPiece: Sendable, Equatable {
    case text(String)
    /// Any text, which is not known yet; it may be empty.
    case gap
}

extension Shape {
    /// The ways in which a text with gaps is no value of this shape, whatever comes into the gaps.
    package func violations(inPieces pieces: [TextPiece]) -> [ShapeViolation] {
        let messages: [String?] =
            switch kind {
            case .string: [lengthFault(pieces), patternFault(pieces)]
            case .integer(let range): [integerFault(pieces, range)]
            // A number in any of its forms, which no start has: left to the whole text.
            case .timestamp: []
            case .boolean: [fault(pieces, pattern: "true|false", "must be true or false")]
            case .list, .structure: ["must be \(kind.name), is text"]
            }
        return messages.compactMap { message in
            message.map { ShapeViolation(path: "", message: $0) }
        }
    }

    private func lengthFault(_ pieces: [TextPiece]) -> String? {
        let length = pieces.reduce(0) { $0 + $1.text.unicodeScalars.count }
        guard let max, length > max else { return nil }
        return "must have at most \(max) characters, has \(length) beside its expressions"
    }

    private func patternFault(_ pieces: [TextPiece]) -> String? {
        guard let pattern, lengthFault(pieces) == nil else { return nil }
        return fault(
            pieces, pattern: pattern,
            pattern == ".*" ? "must have no line break" : "must match \(pattern) as a whole")
    }

    private func integerFault(_ pieces: [TextPiece], _ range: ClosedRange<Int64>) -> String? {
        let expectation = "must be an integer from \(range.lowerBound) to \(range.upperBound)"
        let sign = range.lowerBound < 0 ? "[+\\-]?" : "\\+?"
        if let fault = fault(pieces, pattern: sign + "[0-9]+", expectation) { return fault }
        // More digits only make it more.
        let digits = pieces.map(\.text).joined().drop { "+-0".contains($0) }
        guard range.lowerBound >= 0, !digits.isEmpty,
            Int64(digits).map({ $0 > range.upperBound }) ?? true
        else { return nil }
        return expectation + Self.hopeless(pieces)
    }

    private func fault(
        _ pieces: [TextPiece], pattern: String, _ expectation: String
    ) -> String? {
        let length = pieces.reduce(0) { $0 + $1.text.unicodeScalars.count }
        let automaton = PatternAutomaton(pattern, repetitionsMax: length + pieces.count + 1)
        guard let automaton, !automaton.canMatch(pieces) else { return nil }
        return expectation + Self.hopeless(pieces)
    }

    private static func hopeless(_ pieces: [TextPiece]) -> String {
        let text = pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .gap: "${…}"
            }
        }
        return "; no value of the expressions in \"\(printable(text.joined()))\" makes it so"
    }
}

extension TextPiece {
    fileprivate var text: String {
        switch self {
        case .text(let text): text
        case .gap: ""
        }
    }
}
