extension Parser {
    /// A primary expression with its selections, indices and calls.
    mutating func member(isNegative: Bool) throws(CELError) -> Expression {
        var result = try primary(isNegative: isNegative)
        while true {
            let offset = token.offset
            if skip(.dot) {
                result = try selection(from: result, dot: offset)
            } else if skip(.openBracket) {
                let isOptional = skip(.question)
                let index = try expression()
                try expect(.closeBracket)
                result = try make(.index(result, index, isOptional: isOptional), at: offset)
            } else if token.symbol == .openBrace, result.isQualifiedName {
                throw error("message types are not supported", at: offset)
            } else {
                return result
            }
        }
    }

    private mutating func selection(
        from operand: Expression, dot: Int
    ) throws(CELError) -> Expression {
        let isOptional = skip(.question)
        let offset = token.offset
        switch token.kind {
        case .quotedIdentifier(let name):
            advance()
            return try make(.select(operand, field: name, isOptional: isOptional), at: offset)
        case .identifier(let name):
            advance()
            if !isOptional, skip(.openParenthesis) {
                let arguments = try list(until: .closeParenthesis)
                return try call(name, target: operand, arguments: arguments, at: offset)
            }
            return try make(.select(operand, field: name, isOptional: isOptional), at: offset)
        default: throw unexpected("a field or function name")
        }
    }

    private mutating func primary(isNegative: Bool) throws(CELError) -> Expression {
        let offset = token.offset
        switch token.kind {
        case .symbol(.openParenthesis):
            advance()
            let inner = try expression()
            try expect(.closeParenthesis)
            return inner
        case .symbol(.openBracket):
            advance()
            return try listLiteral(at: offset)
        case .symbol(.openBrace):
            advance()
            return try mapLiteral(at: offset)
        case .symbol(.dot):
            advance()
            return try name(isRooted: true)
        case .identifier: return try name(isRooted: false)
        default:
            let value = try literal(isNegative: isNegative)
            advance()
            return try make(.literal(value), at: offset)
        }
    }

    private func literal(isNegative: Bool) throws(CELError) -> CELValue {
        switch token.kind {
        case .int(let magnitude):
            if isNegative { return .int(Int64(truncatingIfNeeded: 0 &- magnitude)) }
            guard let value = Int64(exactly: magnitude) else {
                throw error("the number is too large for an int", at: token.offset)
            }
            return .int(value)
        case .uint(let value): return .uint(value)
        case .double(let value): return .double(isNegative ? -value : value)
        case .string(let text): return .string(text)
        case .bytes(let bytes): return .bytes(bytes)
        case .symbol(.true): return .bool(true)
        case .symbol(.false): return .bool(false)
        case .symbol(.null): return .null
        default: throw unexpected("an expression")
        }
    }

    private mutating func name(isRooted: Bool) throws(CELError) -> Expression {
        let offset = token.offset
        guard case .identifier(let name) = token.kind else { throw unexpected("a name") }
        guard !reservedWords.contains(name) else {
            throw error("\"\(name)\" is a reserved word", at: offset)
        }
        advance()
        guard skip(.openParenthesis) else {
            return try make(.name(name, isRooted: isRooted), at: offset)
        }
        let arguments = try list(until: .closeParenthesis)
        let function = isRooted ? ".\(name)" : name
        return try call(function, target: nil, arguments: arguments, at: offset)
    }

    private func call(
        _ function: String, target: Expression?, arguments: [Expression], at offset: Int
    ) throws(CELError) -> Expression {
        if let expanded = try macro(function, target: target, arguments: arguments, at: offset) {
            return expanded
        }
        return try make(.call(function, target: target, arguments: arguments), at: offset)
    }

    /// Arguments up to a closing symbol.
    private mutating func list(until close: Token.Symbol) throws(CELError) -> [Expression] {
        guard !skip(close) else { return [] }
        var result = [try expression()]
        while skip(.comma) { result.append(try expression()) }
        try expect(close)
        return result
    }

    private mutating func listLiteral(at offset: Int) throws(CELError) -> Expression {
        var elements: [Expression.Element] = []
        while !skip(.closeBracket) {
            let isOptional = skip(.question)
            elements.append(Expression.Element(value: try expression(), isOptional: isOptional))
            if !skip(.comma), token.symbol != .closeBracket {
                throw unexpected("\",\" or \"]\"")
            }
        }
        return try make(.list(elements), at: offset)
    }

    private mutating func mapLiteral(at offset: Int) throws(CELError) -> Expression {
        var entries: [Expression.Entry] = []
        while !skip(.closeBrace) {
            let isOptional = skip(.question)
            let key = try expression()
            try expect(.colon)
            let value = try expression()
            entries.append(Expression.Entry(key: key, value: value, isOptional: isOptional))
            if !skip(.comma), token.symbol != .closeBrace {
                throw unexpected("\",\" or \"}\"")
            }
        }
        return try make(.map(entries), at: offset)
    }
}

extension Expression {
    /// Whether this is a name or names joined by dots.
    fileprivate var isQualifiedName: Bool {
        switch kind {
        case .name: true
        case .select(let operand, _, isOptional: false): operand.isQualifiedName
        default: false
        }
    }
}
