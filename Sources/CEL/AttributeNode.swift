import JSON

/// A variable and the selections behind it, `body.commits[0].id`, in one node.
final class AttributeNode: PlanNode {
    enum Root {
        /// A slot of the activation; the name is for the error message.
        case variable(Int, name: String)
        /// A slot of the evaluation's own variables.
        case local(Int)
        case value(any PlanNode)
    }

    enum Selection {
        case member(ConstantText)
        /// `["name"]`, which a list refuses by another message.
        case key(ConstantText)
        case element(CELValue)
        case computed(any PlanNode)
        case optionalMember(ConstantText)
        case optionalElement(any PlanNode)
    }

    let root: Root
    let selections: [Selection]
    /// One for the name and one for each selection. An index that is a name costs what the
    /// selection does, not twice.
    private let cost: Int

    init(root: Root, selections: [Selection]) {
        self.root = root
        self.selections = selections
        var cost = selections.count
        if case .value = root {} else { cost += 1 }
        for case .computed(let node) in selections where node is AttributeNode { cost -= 1 }
        self.cost = cost
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge(cost)
        var value = try rootValue(&evaluation)
        for selection in selections {
            if case .member(let key) = selection, case .jsonMap(let map) = value {
                // The path of nearly every selection; the rest is for the others.
                guard let member = try map.member(key.utf8, &evaluation) else {
                    throw .noSuchKey(key.text)
                }
                value = member
            } else {
                value = try select(selection, in: value, &evaluation)
            }
        }
        return value
    }

    private func rootValue(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        switch root {
        case .local(let slot): return evaluation.locals[slot]
        case .variable(let slot, let name):
            guard let value = try evaluation.activation.value(ofVariable: slot) else {
                throw .unboundVariable(name)
            }
            return value
        case .value(let node): return try node.evaluate(&evaluation)
        }
    }

    private func select(
        _ selection: Selection, in value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        if case .optional(let optional) = value {
            return try selectInOptional(selection, optional, &evaluation)
        }
        switch selection {
        case .member(let key):
            guard let member = try value.member(key, &evaluation) else {
                throw .noSuchKey(key.text)
            }
            return member
        case .key(let key):
            return try requiredElement(.string(key.text), in: value, name: key.text, &evaluation)
        case .element(let index):
            return try requiredElement(index, in: value, name: nil, &evaluation)
        case .computed(let node):
            let index = try node.evaluate(&evaluation)
            return try requiredElement(index, in: value, name: nil, &evaluation)
        case .optionalMember, .optionalElement:
            return .optional(CELOptional(try find(selection, in: value, &evaluation)))
        }
    }

    private func requiredElement(
        _ index: CELValue, in value: CELValue, name: String?, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        if let element = try value.element(at: index, &evaluation) { return element }
        switch value {
        case .list, .jsonList:
            throw .indexOutOfRange(
                index: index.intValue ?? .max, count: try value.count(&evaluation) ?? 0)
        default: throw .noSuchKey(name)
        }
    }

    /// Selections from an optional give optionals: empty when something on the way is absent.
    private func selectInOptional(
        _ selection: Selection, _ optional: CELOptional, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let value = optional.value else { return .optional(optional) }
        return .optional(CELOptional(try find(selection, in: value, &evaluation)))
    }

    /// What a selection finds, or nil.
    private func find(
        _ selection: Selection, in value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue? {
        let found: CELValue?
        switch selection {
        case .member(let key), .optionalMember(let key):
            found = try value.member(key, &evaluation)
        case .key(let key): found = try value.element(at: .string(key.text), &evaluation)
        case .element(let index): found = try value.element(at: index, &evaluation)
        case .computed(let node), .optionalElement(let node):
            found = try value.element(at: try node.evaluate(&evaluation), &evaluation)
        }
        return value.hidesNull ? found?.presentInObject : found
    }
}

/// `has(operand.field)`
final class PresenceNode: PlanNode {
    private let operand: any PlanNode
    private let field: ConstantText

    init(_ operand: any PlanNode, field: ConstantText) {
        self.operand = operand
        self.field = field
    }

    /// Costs nothing beside its operand, as in cel-go.
    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        var value = try operand.evaluate(&evaluation)
        if case .optional(let optional) = value {
            guard let content = optional.value else { return .bool(false) }
            value = content
        }
        let member = try value.member(field, &evaluation)
        return .bool((value.hidesNull ? member?.presentInObject : member) != nil)
    }
}
