/// Equality and order of values.
enum Comparison {
    /// Whether two values are equal; values of different types are not, but numbers are on one line.
    /// - Throws: When the evaluation's limit is reached.
    static func areEqual(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): return left == right
        case (.bool(let left), .bool(let right)): return left == right
        case (.null, .null): return true
        case (.string, _), (.jsonString, _):
            return try textOrder(left, right, &evaluation, equalityOnly: true) == 0
        case (.int, _), (.uint, _), (.double, _):
            return right.isNumber && numberOrder(left, right) == 0
        case (.bytes(let left), .bytes(let right)):
            try evaluation.charge(bytes: min(left.count, right.count))
            return left == right
        case (
            .timestamp(let leftSeconds, let leftNanoseconds),
            .timestamp(let rightSeconds, let rightNanoseconds)
        ):
            return leftSeconds == rightSeconds && leftNanoseconds == rightNanoseconds
        case (.duration(let left), .duration(let right)): return left == right
        case (.type(let left), .type(let right)): return left == right
        case (.semver(let left), .semver(let right)): return left.order(to: right) == 0
        case (.optional(let left), .optional(let right)):
            guard let left = left.value, let right = right.value else {
                return left.value == nil && right.value == nil
            }
            return try areEqual(left, right, &evaluation)
        case (.list, _), (.jsonList, _): return try areEqualLists(left, right, &evaluation)
        case (.map, _), (.jsonMap, _), (.object, _):
            return try areEqualMaps(left, right, &evaluation)
        default: return false
        }
    }

    /// Negative, zero or positive as `left` comes before, equals or comes after `right`; nil when
    /// one of them is NaN, which has no order.
    /// - Throws: ``CELError/noSuchOverload(function:types:)`` in the name of `function`.
    static func order(
        _ left: CELValue, _ right: CELValue, function: String, _ evaluation: inout Evaluation
    ) throws(CELError) -> Int? {
        switch (left, right) {
        case (.int(let left), .int(let right)): return sign(left, right)
        case (.bool(let left), .bool(let right)): return (left ? 1 : 0) - (right ? 1 : 0)
        case (.bytes(let left), .bytes(let right)):
            try evaluation.charge(bytes: min(left.count, right.count))
            return left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { left.order(to: $0) }
            }
        case (
            .timestamp(let leftSeconds, let leftNanoseconds),
            .timestamp(let rightSeconds, let rightNanoseconds)
        ):
            let order = sign(leftSeconds, rightSeconds)
            return order != 0 ? order : sign(leftNanoseconds, rightNanoseconds)
        case (.duration(let left), .duration(let right)): return sign(left, right)
        case (.semver(let left), .semver(let right)): return left.order(to: right)
        default: break
        }
        if left.isNumber, right.isNumber { return numberOrder(left, right) }
        if let order = try textOrder(left, right, &evaluation, equalityOnly: false) {
            return order
        }
        throw .noOverload(function, left, right)
    }

    /// The order of two numbers, nil when one is NaN.
    ///
    /// A double beyond the integer's range decides; otherwise integers are compared with doubles
    /// after rounding, as the conformance suite wants it.
    private static func numberOrder(_ left: CELValue, _ right: CELValue) -> Int? {
        switch (left, right) {
        case (.int(let left), .int(let right)): sign(left, right)
        case (.uint(let left), .uint(let right)): sign(left, right)
        case (.double(let left), .double(let right)): doubleOrder(left, right)
        // The standard library compares integers of different types by their values.
        case (.int(let left), .uint(let right)): left < right ? -1 : left > right ? 1 : 0
        case (.uint(let left), .int(let right)): left < right ? -1 : left > right ? 1 : 0
        case (.int(let left), .double(let right)): doubleOrder(Double(left), right)
        case (.double(let left), .int(let right)): doubleOrder(left, Double(right))
        case (.uint(let left), .double(let right)): doubleOrder(Double(left), right)
        case (.double(let left), .uint(let right)): doubleOrder(left, Double(right))
        default: nil
        }
    }

    private static func doubleOrder(_ left: Double, _ right: Double) -> Int? {
        if left < right { return -1 }
        if left > right { return 1 }
        return left == right ? 0 : nil
    }

    private static func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left > right ? 1 : 0
    }

    /// The order of two strings by code points, nil when one is none.
    private static func textOrder(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation, equalityOnly: Bool
    ) throws(CELError) -> Int? {
        var bytesPaid = 0
        let order: Int?? = left.withUTF8 { left in
            right.withUTF8 { right in
                // As cel-go counts it, though texts of different lengths are not read.
                bytesPaid = min(left.count, right.count)
                if equalityOnly, left.count != right.count { return 1 }
                return left.order(to: right)
            }
        }
        try evaluation.charge(bytes: bytesPaid)
        return order ?? nil
    }

    /// Whether two parts of lists or maps are equal. A nested list or map costs 1, or comparing
    /// lists that share their parts would take exponential time.
    private static func areEqualParts(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        switch left {
        case .list, .jsonList, .map, .jsonMap, .object, .optional: try evaluation.charge()
        default: break
        }
        return try areEqual(left, right, &evaluation)
    }

    private static func areEqualLists(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        guard var leftElements = ElementIterator(left), var rightElements = ElementIterator(right)
        else { return false }
        if case .list(let left) = left, case .list(let right) = right, left.count != right.count {
            return false
        }
        // A tenth for each element, as of a text's characters; nested ones pay for themselves.
        var compared = 0
        while true {
            compared += 1
            if compared.isMultiple(of: 10) { try evaluation.charge() }
            switch (leftElements.next(), rightElements.next()) {
            case (nil, nil): return true
            case (let left?, let right?):
                guard try areEqualParts(left, right, &evaluation) else { return false }
            default: return false
            }
        }
    }

    private static func areEqualMaps(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> Bool {
        guard let left = try left.asMap(&evaluation), let right = try right.asMap(&evaluation),
            left.entries.count == right.entries.count
        else { return false }
        try evaluation.charge(left.entries.count / 10)
        for (key, value) in left.entries {
            guard let key = CELKey(key), let other = right.value(of: key),
                try areEqualParts(value, other, &evaluation)
            else { return false }
        }
        return true
    }
}

extension CELValue {
    var isNumber: Bool {
        switch self {
        case .int, .uint, .double: true
        default: false
        }
    }
}
