/// Name resolution: comprehension variables, then variables and types in the container and its
/// parents, with the longest dotted prefix of a selection first (langdef.md, "Name Resolution").
extension Planner {
    /// A name with the selections and indices behind it.
    @inline(never)
    mutating func attribute(_ expression: Expression) throws(CELError) -> any PlanNode {
        var selections: [AttributeNode.Selection] = []
        // The fields directly behind the name, which may be parts of a dotted one.
        var fields: [String] = []
        var base = expression
        var firstOffset = expression.offset
        while let (operand, selection, field) = try selection(base) {
            selections.append(selection)
            firstOffset = base.offset
            if let field { fields.append(field) } else { fields.removeAll() }
            base = operand
        }
        selections.reverse()
        fields.reverse()
        guard case .name(let name, let isRooted) = base.kind else {
            return AttributeNode(root: .value(try plan(base)), selections: selections)
        }
        return try resolved(
            name, isRooted: isRooted, fields: fields, selections: selections, at: base.offset,
            firstSelectionAt: firstOffset)
    }

    /// A name with what is selected from it; the first selections are `fields`.
    @inline(never)
    private mutating func resolved(
        _ name: String, isRooted: Bool, fields: [String], selections: [AttributeNode.Selection],
        at offset: Int, firstSelectionAt firstOffset: Int
    ) throws(CELError) -> any PlanNode {
        if !isRooted, let slot = locals.lastIndex(of: name) {
            return AttributeNode(root: .local(slot), selections: selections)
        }
        for length in stride(from: fields.count, through: 0, by: -1) {
            let dotted = ([name] + fields.prefix(length)).joined(separator: ".")
            let rest = Array(selections.dropFirst(length))
            for candidate in candidates(dotted, isRooted: isRooted) {
                if let slot = environment.slots[candidate] {
                    usesVariables.insert(slot)
                    let declaration = environment.declarations[candidate]
                    try check(rest.first, of: candidate, declaration?.members, at: firstOffset)
                    return AttributeNode(
                        root: .variable(slot, name: dotted), selections: rest,
                        rootType: declaration?.type)
                }
                if let type = CELType(rawValue: candidate) {
                    let node = ConstantNode(.type(type))
                    return rest.isEmpty ? node : AttributeNode(root: .value(node), selections: rest)
                }
            }
        }
        return try unknown(name, at: offset)
    }

    /// Refuses a first selection that no value of the variable can have.
    private func check(
        _ selection: AttributeNode.Selection?, of variable: String, _ members: [String]?,
        at offset: Int
    ) throws(CELError) {
        guard let members else { return }
        switch selection {
        case .member(let name), .key(let name), .optionalMember(let name):
            guard !members.contains(name.text) else { return }
            throw .unknownMember(
                name.text, of: variable, nearest: nearestName(to: name.text, among: members),
                at: position(offset))
        case .element, .computed, .optionalElement, nil: return
        }
    }

    /// The full names that a name may stand for, the container's own first.
    func candidates(_ name: String, isRooted: Bool) -> [String] {
        guard !isRooted else { return [name] }
        var result: [String] = []
        var parts = environment.container.split(separator: ".")
        while !parts.isEmpty {
            result.append(parts.joined(separator: ".") + "." + name)
            parts.removeLast()
        }
        result.append(name)
        return result
    }

    /// The names joined by dots that an expression consists of, or nil when it is anything else.
    func qualifiedName(_ expression: Expression) -> (name: String, isRooted: Bool)? {
        switch expression.kind {
        case .name(let name, let isRooted):
            if !isRooted, locals.contains(name) { return nil }
            return (name, isRooted)
        case .select(let operand, let field, isOptional: false):
            guard let (name, isRooted) = qualifiedName(operand) else { return nil }
            return (name + "." + field, isRooted)
        default: return nil
        }
    }

    private func unknown(_ name: String, at offset: Int) throws(CELError) -> any PlanNode {
        switch unknownNames {
        case .evaluationError: return FailingNode(.unboundVariable(name))
        case .refused:
            let nearest = nearestName(to: name, among: locals + environment.variables)
            throw .unknownVariable(name, nearest: nearest, at: position(offset))
        }
    }

    /// One selection or index, its operand and, for a plain selection, its field.
    @inline(never)
    private mutating func selection(
        _ expression: Expression
    ) throws(CELError) -> (Expression, AttributeNode.Selection, String?)? {
        switch expression.kind {
        case .select(let operand, let field, let isOptional):
            let text = ConstantText(field)
            return isOptional
                ? (operand, .optionalMember(text), nil) : (operand, .member(text), field)
        case .index(let operand, let index, let isOptional):
            let node = try plan(index)
            if isOptional { return (operand, .optionalElement(node), nil) }
            if let text = node.constantText { return (operand, .key(text), nil) }
            if let value = node.constant { return (operand, .element(value), nil) }
            return (operand, .computed(node), nil)
        default: return nil
        }
    }
}
