/// The functions of optionals; `or` and `orValue`, which leave their argument alone unless they
/// need it, are nodes of their own.
enum OptionalFunctions {
    static let all: [Function] = [
        .global("optional.none", .nullary { _ in .optional(CELOptional(nil)) }),
        .global(
            "optional.of", .unary { (value, _) in .optional(CELOptional(value)) }),
        .global(
            "optional.ofNonZeroValue",
            .unary { (value, evaluation) throws(CELError) in
                .optional(CELOptional(try isZero(value, &evaluation) ? nil : value))
            }),
        .receiver(
            "hasValue",
            .unary { (value, _) throws(CELError) in
                .bool(try content("hasValue", value).value != nil)
            }),
        .receiver(
            "value",
            .unary { (value, _) throws(CELError) in
                guard let content = try content("value", value).value else { throw .emptyOptional }
                return content
            }),
        .receiver(
            "or",
            .binary { (value, other, _) throws(CELError) in
                try content("or", value).value == nil ? other : value
            }),
        .receiver(
            "orValue",
            .binary { (value, other, _) throws(CELError) in
                try content("orValue", value).value ?? other
            }),
        .global(
            "optional.unwrap",
            .unary { (value, evaluation) throws(CELError) in
                try unwrap("optional.unwrap", value, &evaluation)
            }),
        .receiver(
            "unwrapOpt",
            .unary { (value, evaluation) throws(CELError) in
                try unwrap("unwrapOpt", value, &evaluation)
            }),
        .receiver(
            "first",
            .unary { (value, evaluation) throws(CELError) in
                guard let count = try listCount("first", value, &evaluation), count > 0 else {
                    return .optional(CELOptional(nil))
                }
                return .optional(CELOptional(try value.element(at: .int(0), &evaluation)))
            }),
        .receiver(
            "last",
            .unary { (value, evaluation) throws(CELError) in
                guard let count = try listCount("last", value, &evaluation), count > 0 else {
                    return .optional(CELOptional(nil))
                }
                let last = CELValue.int(Int64(count - 1))
                return .optional(CELOptional(try value.element(at: last, &evaluation)))
            }),
    ]

    private static func content(_ name: String, _ value: CELValue) throws(CELError) -> CELOptional {
        guard case .optional(let optional) = value else { throw .noOverload(name, value) }
        return optional
    }

    private static func listCount(
        _ name: String, _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> Int? {
        guard ElementIterator(value) != nil else { throw .noOverload(name, value) }
        return try value.count(&evaluation)
    }

    /// Whether a value is its type's default: null, false, zero, empty.
    private static func isZero(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        switch value {
        case .null: return true
        case .bool(let value): return !value
        case .int(let value): return value == 0
        case .uint(let value): return value == 0
        case .double(let value): return value == 0
        case .string, .jsonString: return value.withUTF8 { $0.isEmpty } ?? false
        case .bytes(let bytes): return bytes.isEmpty
        case .list, .jsonList, .map, .jsonMap, .object: return try value.count(&evaluation) == 0
        case .timestamp(let seconds, let nanoseconds): return seconds == 0 && nanoseconds == 0
        case .duration(let nanoseconds): return nanoseconds == 0
        case .type, .semver: return false
        case .optional(let optional): return optional.value == nil
        }
    }

    /// The contents of the optionals in a list that are not empty.
    private static func unwrap(
        _ name: String, _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard var elements = ElementIterator(value) else { throw .noOverload(name, value) }
        var result: [CELValue] = []
        while let element = elements.next() {
            try evaluation.charge()
            guard case .optional(let optional) = element else { throw .noOverload(name, element) }
            if let content = optional.value { result.append(content) }
        }
        return .list(result)
    }
}

/// `optional.or(other)` or `optional.orValue(other)`
final class OptionalOrNode: PlanNode {
    private let optional: any PlanNode
    private let other: any PlanNode
    private let givesValue: Bool

    init(_ optional: any PlanNode, or other: any PlanNode, givesValue: Bool) {
        self.optional = optional
        self.other = other
        self.givesValue = givesValue
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        let value = try optional.evaluate(&evaluation)
        let name = givesValue ? "orValue" : "or"
        guard case .optional(let optional) = value else { throw .noOverload(name, value) }
        if let content = optional.value { return givesValue ? content : value }
        let otherValue = try other.evaluate(&evaluation)
        if givesValue { return otherValue }
        guard case .optional = otherValue else { throw .noOverload(name, value, otherValue) }
        return otherValue
    }
}
