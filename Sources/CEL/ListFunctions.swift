/// The lists and sets extensions.
enum ListFunctions {
    static let all: [Function] = lists + sets

    private static let lists: [Function] = [
        .receiver(
            "distinct",
            .unary { (list, evaluation) throws(CELError) in
                try distinct(list, &evaluation)
            }),
        .receiver(
            "flatten",
            .unary { (list, evaluation) throws(CELError) in
                try flatten(list, depth: 1, &evaluation)
            }),
        .receiver(
            "flatten",
            .binary { (list, depth, evaluation) throws(CELError) in
                guard case .int(let depth) = depth else {
                    throw .noOverload("flatten", list, depth)
                }
                guard depth >= 0 else {
                    throw .invalidArgument(function: "flatten", reason: "the depth is negative")
                }
                return try flatten(list, depth: depth, &evaluation)
            }),
        .global(
            "lists.range",
            .unary { (count, evaluation) throws(CELError) in
                guard case .int(let count) = count else { throw .noOverload("lists.range", count) }
                let elements = max(0, Int(count))
                try evaluation.charge(newElements: elements)
                return .list((0..<elements).map { .int(Int64($0)) })
            }),
        .receiver(
            "slice",
            .fixed(3) { (arguments, evaluation) throws(CELError) in
                guard case .int(let start) = arguments[1], case .int(let end) = arguments[2] else {
                    throw .noSuchOverload(function: "slice", types: arguments.map(\.typeName))
                }
                let elements = try elements("slice", arguments[0], &evaluation)
                guard start >= 0, start <= end, end <= elements.count else {
                    throw .invalidArgument(
                        function: "slice",
                        reason: "\(start) to \(end) is out of range, the size is \(elements.count)")
                }
                return .list(Array(elements[Int(start)..<Int(end)]))
            }),
        .receiver(
            "sort",
            .unary { (list, evaluation) throws(CELError) in
                let elements = try elements("sort", list, &evaluation)
                return .list(try sorted(elements, by: elements, function: "sort", &evaluation))
            }),
    ]

    private static let sets: [Function] = [
        .global(
            "sets.contains",
            .binary { (list, other, evaluation) throws(CELError) in
                let elements = try elements("sets.contains", list, &evaluation)
                let others = try ListFunctions.elements("sets.contains", other, &evaluation)
                return .bool(try contains(elements, others, &evaluation))
            }),
        .global(
            "sets.equivalent",
            .binary { (list, other, evaluation) throws(CELError) in
                let elements = try elements("sets.equivalent", list, &evaluation)
                let others = try ListFunctions.elements("sets.equivalent", other, &evaluation)
                guard try contains(elements, others, &evaluation) else { return .bool(false) }
                return .bool(try contains(others, elements, &evaluation))
            }),
        .global(
            "sets.intersects",
            .binary { (list, other, evaluation) throws(CELError) in
                let elements = try elements("sets.intersects", list, &evaluation)
                let others = try ListFunctions.elements("sets.intersects", other, &evaluation)
                for element in others where try contains(elements, [element], &evaluation) {
                    return .bool(true)
                }
                return .bool(false)
            }),
    ]

    /// A list's elements in the order of their keys, of which there is one for each.
    static func sorted(
        _ elements: [CELValue], by keys: [CELValue], function: String,
        _ evaluation: inout Evaluation
    ) throws(CELError) -> [CELValue] {
        guard let first = keys.first else { return [] }
        // Whether a type has an order does not depend on the values, so this finds all errors.
        for key in keys { _ = try Comparison.order(first, key, function: function, &evaluation) }
        try evaluation.charge(keys.count * (Int.bitWidth - keys.count.leadingZeroBitCount))
        var sorting = evaluation
        let order = keys.indices.sorted { left, right in
            let order = try? Comparison.order(
                keys[left], keys[right], function: function, &sorting)
            // Equal keys keep their order.
            guard let order, order != 0 else { return left < right }
            return order < 0
        }
        evaluation = sorting
        return order.map { elements[$0] }
    }

    static func reversed(
        _ list: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        .list(try elements("reverse", list, &evaluation).reversed())
    }

    private static func elements(
        _ function: String, _ list: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> [CELValue] {
        guard var iterator = ElementIterator(list) else { throw .noOverload(function, list) }
        try evaluation.charge(newElements: try list.count(&evaluation) ?? 0)
        if case .list(let elements) = list { return elements }
        var elements: [CELValue] = []
        while let element = iterator.next() { elements.append(element) }
        return elements
    }

    private static func distinct(
        _ list: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        var result: [CELValue] = []
        for element in try elements("distinct", list, &evaluation)
        where try !contains(result, [element], &evaluation) {
            result.append(element)
        }
        return .list(result)
    }

    private static func flatten(
        _ list: CELValue, depth: Int64, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        let limit = evaluation.limits.listCountMax
        var elements = try elements("flatten", list, &evaluation)
        var depth = depth
        // A round without a list among the elements is the last, however deep was asked for.
        while depth > 0, elements.contains(where: { ElementIterator($0) != nil }) {
            var flat: [CELValue] = []
            for element in elements {
                try evaluation.charge()
                guard var inner = ElementIterator(element) else {
                    flat.append(element)
                    continue
                }
                while let element = inner.next() {
                    try evaluation.charge()
                    flat.append(element)
                    if flat.count > limit { throw .listTooLong(limit: limit) }
                }
            }
            elements = flat
            depth -= 1
        }
        return .list(elements)
    }

    /// Whether each of `others` equals one of the elements.
    private static func contains(
        _ elements: [CELValue], _ others: [CELValue], _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        for other in others {
            var isFound = false
            for element in elements where !isFound {
                try evaluation.charge()
                isFound = try Comparison.areEqual(element, other, &evaluation)
            }
            if !isFound { return false }
        }
        return true
    }
}
