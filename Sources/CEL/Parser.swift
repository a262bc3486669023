/// Parses a source into an expression, macros expanded.
///
/// Precedence climbing with one function call a level of nesting that counts, so that a hostile
/// source meets the nesting limit before the end of the stack.
struct Parser {
    let source: [UInt8]
    private let tokens: [Token]
    private let limits: CELLimits
    private var position = 0
    private var nesting = 0

    private init(_ source: [UInt8], limits: CELLimits) throws(CELError) {
        self.source = source
        self.limits = limits
        tokens = try Lexer.tokens(of: source)
    }

    static func parse(_ source: [UInt8], limits: CELLimits) throws(CELError) -> Expression {
        let codePoints = source.reduce(0) { $1.isContinuation ? $0 : $0 + 1 }
        guard codePoints <= limits.sourceCodePointsMax else {
            throw .sourceTooLong(limit: limits.sourceCodePointsMax)
        }
        var parser = try Parser(source, limits: limits)
        let expression = try parser.expression()
        guard case .end = parser.token.kind else { throw parser.unexpected("an operator") }
        return expression
    }

    /// The next token that is not consumed yet.
    var token: Token { tokens[position] }

    mutating func advance() {
        // The end token is never passed.
        if position + 1 < tokens.count { position += 1 }
    }

    /// Consumes a symbol if it is the next token.
    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard token.symbol == symbol else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: Token.Symbol) throws(CELError) {
        guard skip(symbol) else { throw unexpected("\"\(symbol.rawValue)\"") }
    }

    func unexpected(_ expected: String) -> CELError {
        error("expected \(expected), found \(token.description)", at: token.offset)
    }

    func error(_ reason: String, at offset: Int) -> CELError {
        .syntax(reason: reason, at: CELPosition(offset: offset, in: source))
    }

    func make(_ kind: Expression.Kind, at offset: Int) throws(CELError) -> Expression {
        let depth = kind.operandDepth + 1
        guard depth <= limits.nestingMax else { throw tooDeep(at: offset) }
        return Expression(kind: kind, offset: offset, depth: depth)
    }

    private func tooDeep(at offset: Int) -> CELError {
        .nestedTooDeep(limit: limits.nestingMax, at: CELPosition(offset: offset, in: source))
    }

    /// An expression of any precedence.
    mutating func expression() throws(CELError) -> Expression {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= limits.nestingMax else { throw tooDeep(at: token.offset) }
        let condition = try disjunction()
        let offset = token.offset
        guard skip(.question) else { return condition }
        let then = try disjunction()
        try expect(.colon)
        let other = try expression()
        return try make(.conditional(condition, then: then, else: other), at: offset)
    }

    private mutating func disjunction() throws(CELError) -> Expression {
        let first = try conjunction()
        guard token.symbol == .or else { return first }
        let offset = token.offset
        var operands = [first]
        while skip(.or) { operands.append(try conjunction()) }
        return try make(.or(operands), at: offset)
    }

    private mutating func conjunction() throws(CELError) -> Expression {
        let first = try binary(above: 0)
        guard token.symbol == .and else { return first }
        let offset = token.offset
        var operands = [first]
        while skip(.and) { operands.append(try binary(above: 0)) }
        return try make(.and(operands), at: offset)
    }

    /// Left-associative operators that bind more tightly than `precedence`.
    private mutating func binary(above precedence: Int) throws(CELError) -> Expression {
        var left = try unary()
        while let symbol = token.symbol, let (operation, binding) = symbol.binaryOperator,
            binding > precedence
        {
            let offset = token.offset
            advance()
            let right = try binary(above: binding)
            left = try make(.operation(operation, [left, right]), at: offset)
        }
        return left
    }

    /// A run of `!`, or a run of `-`, then a member expression.
    private mutating func unary() throws(CELError) -> Expression {
        let offset = token.offset
        var count = 0
        let operation: Operator
        if token.symbol == .not {
            operation = .not
            while skip(.not) { count += 1 }
        } else if token.symbol == .minus {
            operation = .negate
            while skip(.minus) { count += 1 }
        } else {
            return try member(isNegative: false)
        }
        // The sign belongs to a number, or -9223372036854775808 could not be written.
        let foldsSign = operation == .negate && token.isSignedNumber
        if foldsSign { count -= 1 }
        var result = try member(isNegative: foldsSign)
        // Two of a kind cancel out, but for the check of the operand's type.
        for _ in 0..<(count > 2 ? 2 - count % 2 : count) {
            result = try make(.operation(operation, [result]), at: offset)
        }
        return result
    }
}

extension Token {
    fileprivate var isSignedNumber: Bool {
        switch kind {
        case .int, .double: true
        default: false
        }
    }
}

extension Token.Symbol {
    /// The operator and how tightly it binds.
    fileprivate var binaryOperator: (Operator, Int)? {
        switch self {
        case .equal: (.equal, 1)
        case .notEqual: (.notEqual, 1)
        case .less: (.less, 1)
        case .lessOrEqual: (.lessOrEqual, 1)
        case .greater: (.greater, 1)
        case .greaterOrEqual: (.greaterOrEqual, 1)
        case .in: (.in, 1)
        case .plus: (.add, 2)
        case .minus: (.subtract, 2)
        case .times: (.multiply, 3)
        case .divide: (.divide, 3)
        case .modulo: (.modulo, 3)
        default: nil
        }
    }
}
