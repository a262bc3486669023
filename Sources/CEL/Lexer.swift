/// Cuts a source into tokens.
struct Lexer {
    let source: [UInt8]
    var position = 0

    init(_ source: [UInt8]) { self.source = source }

    /// All tokens, the last one being the end.
    static func tokens(of source: [UInt8]) throws(CELError) -> [Token] {
        var lexer = Lexer(source)
        var tokens: [Token] = []
        tokens.reserveCapacity(source.count / 3 + 1)
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if case .end = token.kind { return tokens }
        }
    }

    private mutating func next() throws(CELError) -> Token {
        skipBlanks()
        let start = position
        guard let byte = peek() else { return Token(kind: .end, offset: start) }
        let kind: Token.Kind
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): kind = try number()
        case UInt8(ascii: "."):
            kind = peek(1)?.isDigit == true ? try number() : try symbol()
        case UInt8(ascii: "\""), UInt8(ascii: "'"): kind = try text(prefixLength: 0)
        case UInt8(ascii: "`"): kind = try quotedIdentifier()
        case _ where byte.isNameStart:
            if let length = textPrefixLength() {
                kind = try text(prefixLength: length)
            } else {
                kind = name()
            }
        default: kind = try symbol()
        }
        return Token(kind: kind, offset: start)
    }

    func peek(_ distance: Int = 0) -> UInt8? {
        position + distance < source.count ? source[position + distance] : nil
    }

    func error(_ reason: String, at offset: Int) -> CELError {
        .syntax(reason: reason, at: CELPosition(offset: offset, in: source))
    }

    private mutating func skipBlanks() {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
                0x0C:
                position += 1
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while let byte = peek(), byte != UInt8(ascii: "\n") {
                    _ = byte
                    position += 1
                }
            default: return
            }
        }
    }

    private mutating func name() -> Token.Kind {
        let start = position
        while let byte = peek(), byte.isNamePart { position += 1 }
        let name = String(decoding: source[start..<position], as: UTF8.self)
        switch name {
        case "in": return .symbol(.in)
        case "true": return .symbol(.true)
        case "false": return .symbol(.false)
        case "null": return .symbol(.null)
        default: return .identifier(name)
        }
    }

    private mutating func quotedIdentifier() throws(CELError) -> Token.Kind {
        let start = position
        position += 1
        while let byte = peek(), byte.isQuotedNamePart { position += 1 }
        guard peek() == UInt8(ascii: "`"), position > start + 1 else {
            throw error(
                "a name in backticks takes letters, digits and \"_.-/ \", and ends with a backtick",
                at: position)
        }
        position += 1
        return .quotedIdentifier(
            String(decoding: source[(start + 1)..<(position - 1)], as: UTF8.self))
    }

    private mutating func symbol() throws(CELError) -> Token.Kind {
        let start = position
        for length in [2, 1] where start + length <= source.count {
            let text = String(decoding: source[start..<(start + length)], as: UTF8.self)
            if let symbol = Token.Symbol(rawValue: text) {
                position += length
                return .symbol(symbol)
            }
        }
        // Named as a scalar, since a lone byte of a longer sequence says nothing.
        let scalar = String(decoding: source[start...].prefix(4), as: UTF8.self).unicodeScalars
            .first
        throw error(Self.refusal(of: scalar ?? "\u{FFFD}"), at: start)
    }

    /// What other languages write, and what CEL has for it.
    private static let slips: [Unicode.Scalar: String] = ["=": "==", "&": "&&", "|": "||"]

    private static func refusal(of scalar: Unicode.Scalar) -> String {
        guard scalar.isASCII, scalar.value > 0x20, scalar.value != 0x7F else {
            return "unexpected character U+\(String(scalar.value, radix: 16, uppercase: true))"
        }
        return "unexpected character \"\(scalar)\""
            + (slips[scalar].map { "; did you mean \"\($0)\"?" } ?? "")
    }
}

extension CELPosition {
    /// The line and column of a byte offset.
    init(offset: Int, in source: [UInt8]) {
        let before = source.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        let codePoints = before[lineStart...].reduce(0) { $1.isContinuation ? $0 : $0 + 1 }
        self.init(offset: offset, line: line, column: codePoints + 1)
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isLetter: Bool {
        let lower = self | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    /// Whether this is not the first byte of a code point in UTF-8.
    var isContinuation: Bool { self & 0xC0 == 0x80 }

    var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    fileprivate var isNameStart: Bool { isLetter || self == UInt8(ascii: "_") }
    fileprivate var isNamePart: Bool { isNameStart || isDigit }

    fileprivate var isQuotedNamePart: Bool {
        switch self {
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: " "): true
        default: isNamePart
        }
    }
}
