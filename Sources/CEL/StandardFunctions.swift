/// `size`, and the tests of strings that CEL has without extensions.
enum StandardFunctions {
    static let all: [Function] =
        [
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
                "matches",
                .binary { (text, pattern, evaluation) throws(CELError) in
                    try matches(text, pattern, &evaluation)
                }),
            .global(
                "matches",
                .binary { (text, pattern, evaluation) throws(CELError) in
                    try matches(text, pattern, &evaluation)
                }),
        ] + TextTest.allCases.map(\.function)

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
        // Free of charge in cel-go, which bounds no time.
        try evaluation.charge(byteCount / 1024)
        return .int(Int64(codePoints))
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
        // Compiling takes microseconds for each few bytes, and cel-go takes nothing for it.
        try evaluation.charge(100 + compiled.cost)
        return try MatchNode.match(text, compiled, &evaluation)
    }
}
