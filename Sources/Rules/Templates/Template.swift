/// A scalar's text with `${CEL}` inside, before the expressions are compiled.
struct TemplateText: Equatable {
    /// A piece of the text.
    enum Piece: Equatable {
        case text(String)
        /// The source of an expression, and how many Unicode scalars of the text are before it.
        case expression(String, offset: Int)
    }

    let pieces: [Piece]

    /// Takes a text apart; `$${` is a literal `${`.
    /// - Throws: ``TemplateError``
    init(_ text: String) throws(TemplateError) {
        var parser = TemplateParser(text)
        pieces = try parser.parse()
    }

    /// The text without expressions, or nil when there is one.
    var literal: String? {
        switch pieces.first {
        case nil: ""
        case .text(let text) where pieces.count == 1: text
        default: nil
        }
    }
}

/// Why a text is no template; offsets are in Unicode scalars.
enum TemplateError: Error, Equatable, CustomStringConvertible {
    /// `${` without its `}`.
    case unclosed(offset: Int)
    /// `${}`
    case empty(offset: Int)
    case tooMany(limit: Int)

    var description: String {
        switch self {
        case .unclosed: "\"${\" without \"}\"; a literal \"${\" is written \"$${\""
        case .empty: "an expression is missing between \"${\" and \"}\""
        case .tooMany(let limit): "more than \(limit) expressions in one text"
        }
    }

    var offset: Int {
        switch self {
        case .unclosed(let offset), .empty(let offset): offset
        case .tooMany: 0
        }
    }
}

private struct TemplateParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var pieces: [TemplateText.Piece] = []
    private var text = String.UnicodeScalarView()
    private var expressionCount = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(TemplateError) -> [TemplateText.Piece] {
        while position < scalars.count {
            if starts(with: "$${") {
                text.append(contentsOf: "${".unicodeScalars)
                position += 3
            } else if starts(with: "${") {
                try expression()
            } else {
                text.append(scalars[position])
                position += 1
            }
        }
        endText()
        return pieces
    }

    private mutating func expression() throws(TemplateError) {
        let open = position
        position += 2
        let start = position
        try skipExpression(from: open)
        let source = String(String.UnicodeScalarView(scalars[start..<position]))
        guard source.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw .empty(offset: open)
        }
        expressionCount += 1
        guard expressionCount <= RulesLimits.templatesMax else {
            throw .tooMany(limit: RulesLimits.templatesMax)
        }
        position += 1
        endText()
        pieces.append(.expression(source, offset: start))
    }

    private mutating func endText() {
        if !text.isEmpty { pieces.append(.text(String(text))) }
        text = String.UnicodeScalarView()
    }

    /// Goes to the `}` that ends an expression: not one of a map, nor one in a string or comment.
    private mutating func skipExpression(from open: Int) throws(TemplateError) {
        var depth = 0
        while position < scalars.count {
            switch scalars[position] {
            case "}" where depth == 0: return
            case "}": depth -= 1
            case "{": depth += 1
            case "\"", "'":
                skipString(isRaw: false)
                continue
            case "/" where starts(with: "//"):
                while position < scalars.count, scalars[position] != "\n" { position += 1 }
                continue
            case let character where character.isNamePart:
                skipName()
                continue
            default: break
            }
            position += 1
        }
        throw .unclosed(offset: open)
    }

    /// Skips a name, and the string behind it when it is the string's prefix.
    private mutating func skipName() {
        let start = position
        while position < scalars.count, scalars[position].isNamePart { position += 1 }
        guard position < scalars.count, scalars[position] == "\"" || scalars[position] == "'"
        else { return }
        let name = scalars[start..<position]
        let isPrefix = name.count <= 2 && name.allSatisfy { "rRbB".unicodeScalars.contains($0) }
        skipString(isRaw: isPrefix && name.contains { $0 == "r" || $0 == "R" })
    }

    private mutating func skipString(isRaw: Bool) {
        let quote = scalars[position]
        let isTriple =
            scalars.count - position >= 3 && scalars[position + 1] == quote
            && scalars[position + 2] == quote
        let length = isTriple ? 3 : 1
        position += length
        while position < scalars.count {
            let character = scalars[position]
            if character == "\\", !isRaw {
                position += 2
            } else if character == quote,
                scalars[position...].prefix(length).count(where: { $0 == quote }) == length
            {
                position += length
                return
            } else {
                position += 1
            }
        }
        position = scalars.count
    }

    private func starts(with text: String) -> Bool {
        scalars[position...].starts(with: text.unicodeScalars)
    }
}

extension Unicode.Scalar {
    fileprivate var isNamePart: Bool {
        self == "_" || properties.isAlphabetic || ("0"..."9").contains(self)
    }
}
