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
        while let (operand, selection, field) = try selection(base) {
            selections.append(selection)
            if let field { fields.append(field) } else { fields.removeAll() }
            base = operand
        }
        selections.reverse()
        fields.reverse()
        guard case .name(let name, let isRooted) = base.kind else {
            return AttributeNode(root: .value(try plan(base)), selections: selections)
        }
        return resolved(name, isRooted: isRooted, fields: fields, selections: selections)
    }

    /// A name with what is selected from it; the first selections are `fields`.
    @inline(never)
    private mutating func resolved(
        _ name: String, isRooted: Bool, fields: [String], selections: [AttributeNode.Selection]
    ) -> any PlanNode {
        if !isRooted, let slot = names.locals.lastIndex(of: name) {
            return AttributeNode(root: .local(slot), selections: selections)
        }
        for length in stride(from: fields.count, through: 0, by: -1) {
            let dotted = ([name] + fields.prefix(length)).joined(separator: ".")
            for candidate in names.candidates(dotted, isRooted: isRooted) {
                let rest = Array(selections.dropFirst(length))
                if let slot = environment.slots[candidate] {
                    usesVariables.insert(slot)
                    return AttributeNode(root: .variable(slot, name: dotted), selections: rest)
                }
                if let type = CELType(rawValue: candidate) {
                    let node = ConstantNode(.type(type))
                    return rest.isEmpty ? node : AttributeNode(root: .value(node), selections: rest)
                }
            }
        }
        return FailingNode(.unboundVariable(name))
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
