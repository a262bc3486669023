/// One lexical element of a source.
struct Token {
    enum Kind {
        /// A name; reserved words are names too, since they may be fields.
        case identifier(String)
        /// A name between backticks, which may only be a field.
        case quotedIdentifier(String)
        /// An int without its sign, at most 2^63.
        case int(UInt64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case symbol(Symbol)
        case end
    }

    /// Punctuation, operators and the keywords that are neither name nor field.
    enum Symbol: String {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case modulo = "%"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case and = "&&"
        case or = "||"
        case not = "!"
        case question = "?"
        case colon = ":"
        case comma = ","
        case dot = "."
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
        case `in` = "in"
        case `true` = "true"
        case `false` = "false"
        case null = "null"
    }

    let kind: Kind
    /// Bytes before the token.
    let offset: Int

    var symbol: Symbol? {
        if case .symbol(let symbol) = kind { symbol } else { nil }
    }

    /// How an error message names the token.
    var description: String {
        switch kind {
        case .identifier(let name): "\"\(name)\""
        case .quotedIdentifier(let name): "\"`\(name)`\""
        case .int, .uint, .double: "a number"
        case .string: "a string"
        case .bytes: "a bytes literal"
        case .symbol(let symbol): "\"\(symbol.rawValue)\""
        case .end: "the end of the expression"
        }
    }
}

/// Words that cannot be variables or functions (langdef.md, "Syntax": RESERVED).
let reservedWords: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
    "package", "namespace", "return", "var", "void", "while",
]
