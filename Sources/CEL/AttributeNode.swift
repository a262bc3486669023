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

    /// What the attribute is: a place in a document that is held elsewhere, or a value.
    enum Resolved {
        case json(JSONCursor)
        case value(CELValue)
    }

    /// A root without its parts that are counted.
    private enum RootKind {
        case variable(Int)
        case local(Int)
        case value
    }

    let root: Root
    let selections: [Selection]
    private let rootKind: RootKind
    /// The members that are selected first, for the way through JSON; nil without any.
    private let path: JSONPath?
    private let pathCount: Int
    /// One for the name and one for each selection. An index that is a name costs what the
    /// selection does, not twice.
    private let cost: Int

    init(root: Root, selections: [Selection]) {
        self.root = root
        self.selections = selections
        rootKind =
            switch root {
            case .variable(let slot, _): .variable(slot)
            case .local(let slot): .local(slot)
            case .value: .value
            }
        let names = Self.members(inFrontOf: selections)
        path = names.isEmpty ? nil : JSONPath(names)
        pathCount = names.count
        var cost = selections.count
        if case .value = root {} else { cost += 1 }
        for case .computed(let node) in selections where node is AttributeNode { cost -= 1 }
        self.cost = cost
    }

    private static func members(inFrontOf selections: [Selection]) -> [String] {
        var names: [String] = []
        for selection in selections {
            guard case .member(let key) = selection else { break }
            names.append(key.text)
        }
        return names
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        var owner = CELValue.null
        switch try resolve(&evaluation, owner: &owner) {
        case .json(let cursor):
            return withExtendedLifetime(owner) { CELValue(json: cursor.value) }
        case .value(let value): return value
        }
    }

    /// What the attribute is, without counting references where it is JSON.
    /// - Parameter owner: Gets what keeps the document of a place alive.
    func resolve(
        _ evaluation: inout Evaluation, owner: inout CELValue
    ) throws(CELError) -> Resolved {
        try evaluation.charge(cost)
        let start: JSONCursor
        switch try rootPlace(&evaluation) {
        case .json(let cursor): start = cursor
        case .value(let value):
            guard let cursor = value.cursor else {
                return .value(try select(from: 0, in: value, &evaluation))
            }
            owner = value
            start = cursor
        }
        guard let path else { return try resolve(from: 0, start, &evaluation) }
        var weight = 0
        guard let place = start.at(path, weight: &weight) else {
            // Looked for again, step by step, to tell which step failed.
            let value = CELValue(json: start.value)
            return .value(try select(from: 0, in: value, &evaluation))
        }
        try evaluation.charge(weight)
        return try resolve(from: pathCount, place, &evaluation)
    }

    private func resolve(
        from first: Int, _ place: JSONCursor, _ evaluation: inout Evaluation
    ) throws(CELError) -> Resolved {
        guard first < selections.count else { return .json(place) }
        return .value(try select(from: first, in: CELValue(json: place.value), &evaluation))
    }

    private func rootPlace(_ evaluation: inout Evaluation) throws(CELError) -> Resolved {
        switch rootKind {
        case .local(let slot):
            switch evaluation.locals[slot] {
            case .json(let cursor): return .json(cursor)
            case .value(let value): return .value(value)
            case .failed(let error): throw error
            }
        case .variable(let slot):
            guard let value = try evaluation.activation.value(ofVariable: slot) else {
                throw unbound
            }
            return .value(value)
        case .value: return .value(try rootNodeValue(&evaluation))
        }
    }

    /// What is in front of a selection, as it is written; nil where it begins with no name.
    func path(inFrontOf position: Int) -> String? {
        guard case .variable(_, let root) = root else { return nil }
        return selections.prefix(position).reduce(root) { text, selection in
            text.flatMap { text in selection.name.map { "\(text).\($0)" } }
        }
    }

    private var unbound: CELError {
        guard case .variable(_, let name) = root else { return .unboundVariable("") }
        return .unboundVariable(name)
    }

    private func rootNodeValue(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        guard case .value(let node) = root else { return .null }
        return try node.evaluate(&evaluation)
    }

    private func select(
        from first: Int, in value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        var value = value
        for (position, selection) in selections.enumerated().dropFirst(first) {
            if value.isNull, let name = selection.name {
                throw .memberOfNull(name, of: path(inFrontOf: position))
            }
            value = try select(selection, in: value, &evaluation)
        }
        return value
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
        return value.hidesNullFromOptionals ? found?.presentInObject : found
    }
}

extension AttributeNode.Selection {
    /// The name that is selected; nil for an index.
    fileprivate var name: String? {
        switch self {
        case .member(let key), .key(let key), .optionalMember(let key): key.text
        case .element, .computed, .optionalElement: nil
        }
    }
}

extension CELValue {
    /// The place of a value that is JSON's; nil for any other.
    fileprivate var cursor: JSONCursor? {
        switch self {
        case .jsonMap(let value), .jsonList(let value), .jsonString(let value): JSONCursor(value)
        default: nil
        }
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
        if value.isNull {
            let attribute = operand as? AttributeNode
            throw .memberOfNull(
                field.text, of: attribute.flatMap { $0.path(inFrontOf: $0.selections.count) })
        }
        let member = try value.member(field, &evaluation)
        return .bool((value.hidesNull ? member?.presentInObject : member) != nil)
    }
}
