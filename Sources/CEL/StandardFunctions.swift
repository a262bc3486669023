/// `size`, and the tests of strings that CEL has without extensions.
enum StandardFunctions {
    static let all: [Function] = [
        .global(
            "size",
            .unary { (value, evaluation) throws(CELError) in
                try size(value, &evaluation)
            }),
        .receiver(
            "size",
            .unary { (value, evaluation) throws(CELError) in
                try size(value, &evaluation)
            }),
        .receiver(
            "contains",
            .binary { (text, part, evaluation) throws(CELError) in
                try test("contains", text, part, &evaluation) {
                    $0.firstOffset(of: $1, from: 0) != nil
                }
            }),
        .receiver(
            "startsWith",
            .binary { (text, part, evaluation) throws(CELError) in
                try test("startsWith", text, part, &evaluation) { text, part in
                    text.count >= part.count
                        && UnsafeBufferPointer(rebasing: text[..<part.count]).hasSameBytes(as: part)
                }
            }),
        .receiver(
            "endsWith",
            .binary { (text, part, evaluation) throws(CELError) in
                try test("endsWith", text, part, &evaluation) { text, part in
                    text.count >= part.count
                        && UnsafeBufferPointer(rebasing: text[(text.count - part.count)...])
                            .hasSameBytes(as: part)
                }
            }),
        .receiver(
            "matches",
            .binary { (text, pattern, evaluation) throws(CELError) in
                try matches(text, pattern, &evaluation)
            }),
        .global(
            "matches",
            .binary { (text, pattern, evaluation) throws(CELError) in
                try matches(text, pattern, &evaluation)
            }),
    ]

    /// Code points of a string, octets of bytes, elements of a list, entries of a map.
    private static func size(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        if case .bytes(let bytes) = value { return .int(Int64(bytes.count)) }
        if let count = try value.count(&evaluation) { return .int(Int64(count)) }
        var byteCount = 0
        let codePoints = value.withUTF8 {
            byteCount = $0.count
            return $0.codePointCount
        }
        guard let codePoints else { throw .noOverload("size", value) }
        try evaluation.charge(byteCount / 16)
        return .int(Int64(codePoints))
    }

    private static func test(
        _ name: String, _ text: CELValue, _ part: CELValue, _ evaluation: inout Evaluation,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(CELError) -> CELValue {
        var byteCount = 0
        let result = text.withUTF8 { text in
            part.withUTF8 { part in
                byteCount = text.count
                return body(text, part)
            }
        }
        try evaluation.charge(byteCount / 16)
        guard let result, let result else { throw .noOverload(name, text, part) }
        return .bool(result)
    }

    /// With a pattern that is only known now; literals are compiled by the planner.
    private static func matches(
        _ text: CELValue, _ pattern: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        let limits = evaluation.limits
        let compiled = try pattern.withUTF8 { bytes throws(CELError) in
            try Pattern(bytes, limits: limits)
        }
        guard let compiled else { throw .noOverload("matches", text, pattern) }
        // Compiling takes microseconds for each few bytes.
        try evaluation.charge(100 + limits.patternBytesMax / 16)
        return try MatchNode.match(text, compiled, &evaluation)
    }
}
