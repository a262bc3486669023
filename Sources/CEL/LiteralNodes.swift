/// `[a, ?b]`
final class ListNode: FoldableNode {
    private let elements: [(node: any PlanNode, isOptional: Bool)]

    init(_ elements: [(node: any PlanNode, isOptional: Bool)]) { self.elements = elements }

    var operands: [any PlanNode] { elements.map(\.node) }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge(10)
        try evaluation.charge(newElements: elements.count)
        var result: [CELValue] = []
        result.reserveCapacity(elements.count)
        for (node, isOptional) in elements {
            let value = try node.evaluate(&evaluation)
            if !isOptional {
                result.append(value)
            } else if let content = try value.optionalContent() {
                result.append(content)
            }
        }
        return .list(result)
    }
}

/// `{a: b, ?c: d}`
final class MapNode: FoldableNode {
    struct Entry {
        let key: any PlanNode
        let value: any PlanNode
        let isOptional: Bool
    }

    private let entries: [Entry]

    init(_ entries: [Entry]) { self.entries = entries }

    var operands: [any PlanNode] { entries.flatMap { [$0.key, $0.value] } }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge(30)
        try evaluation.charge(newElements: entries.count)
        var builder = CELMapBuilder()
        for entry in entries {
            let key = try entry.key.evaluate(&evaluation)
            var value = try entry.value.evaluate(&evaluation)
            if entry.isOptional {
                guard let content = try value.optionalContent() else { continue }
                value = content
            }
            try builder.insertNew(key, value, &evaluation)
        }
        return .map(CELMap(builder))
    }
}

extension CELMapBuilder {
    /// Adds an entry of a map literal or a transformation, and pays for a long key.
    /// - Throws: ``CELError/repeatedKey``, or ``CELError/invalidKey(type:)`` for a key that is not
    ///   bool, int, uint or string.
    mutating func insertNew(
        _ keyValue: CELValue, _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) {
        // cel-go takes nothing for keys; those of common length are free here too.
        if let count = keyValue.withUTF8(\.count), count > 64 {
            try evaluation.charge(bytes: count)
        }
        if case .double = keyValue { throw .invalidKey(type: keyValue.typeName) }
        guard let key = CELKey(keyValue) else { throw .invalidKey(type: keyValue.typeName) }
        guard insert(keyValue, key: key, value) else { throw .repeatedKey }
    }
}

extension CELValue {
    /// What is in an optional, nil when it is empty.
    fileprivate func optionalContent() throws(CELError) -> CELValue? {
        guard case .optional(let optional) = self else { throw .noOverload("?", self) }
        return optional.value
    }
}
