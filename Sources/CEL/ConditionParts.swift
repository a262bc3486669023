/// The operands of a condition's outermost `&&`.
package enum ConditionParts {
    /// The operands' sources in their order; the whole source where there is no such `&&`, or where
    /// it is no CEL.
    package static func of(_ source: String) -> [String] {
        let bytes = Array(source.utf8)
        let tokens: [Token]
        do {
            tokens = try Lexer.tokens(of: bytes)
        } catch {
            return [source]
        }
        var depth = 0
        var parts: [String] = []
        var start = 0
        for token in tokens {
            switch token.symbol {
            case .openParenthesis, .openBracket, .openBrace: depth += 1
            case .closeParenthesis, .closeBracket, .closeBrace: depth -= 1
            // What binds more loosely makes the `&&` an operand itself.
            case .or where depth == 0, .question where depth == 0: return [source]
            case .and where depth == 0:
                parts.append(trimmed(bytes[start..<token.offset]))
                start = token.offset + 2
            default: break
            }
        }
        return parts.isEmpty ? [source] : parts + [trimmed(bytes[start...])]
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (9...13).contains($0) }
        let body = bytes.drop(while: isBlank)
        let end = body.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? body.startIndex
        return String(decoding: body[..<end], as: UTF8.self)
    }
}
