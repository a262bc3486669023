/// Turns an expression into a plan: names resolved, constants folded, patterns compiled.
///
/// What stands for nothing fails when it is evaluated; the ``Checker`` is who refuses it before.
struct Planner {
    let source: [UInt8]
    let environment: CELEnvironment
    /// The position of a variable among the scope's locals is its slot.
    var names: NameScope
    private(set) var localCount = 0
    var usesVariables: Set<Int> = []
    /// Calls with constant arguments that can only fail, such as `timestamp("tomorrow")`.
    private(set) var faults: [CELError] = []

    /// Steps that folding one constant expression may take.
    private static let foldingCostMax = 10_000

    init(_ source: [UInt8], _ environment: CELEnvironment) {
        self.source = source
        self.environment = environment
        names = NameScope(environment)
    }

    func position(_ offset: Int) -> CELPosition { CELPosition(offset: offset, in: source) }

    mutating func plan(_ expression: Expression) throws(CELError) -> any PlanNode {
        switch expression.kind {
        case .literal(let value): return ConstantNode(value)
        case .name, .select, .index: return try attribute(expression)
        case .has(let operand, let field):
            return PresenceNode(try plan(operand), field: ConstantText(field))
        case .operation(let operation, let operands):
            return folded(try self.operation(operation, operands))
        case .and(let operands): return LogicNode(try plan(operands), deciding: false)
        case .or(let operands): return LogicNode(try plan(operands), deciding: true)
        case .conditional(let condition, let then, let other):
            return ConditionalNode(
                try plan(condition), then: try plan(then), other: try plan(other))
        case .call(let name, let target, let arguments):
            return folded(
                try call(name, target, arguments, at: expression.offset), at: expression.offset)
        case .list(let elements): return folded(try list(elements))
        case .map(let entries): return folded(try map(entries))
        case .fold(let fold): return try self.fold(fold)
        case .bind(let name, let value, let body): return try bind(name, value, body)
        case .optionalMap(let operand, let variable, let body, let isFlat):
            return try optionalMap(operand, variable, body, isFlat: isFlat)
        }
    }

    @inline(never)
    private mutating func bind(
        _ name: String, _ value: Expression, _ body: Expression
    ) throws(CELError) -> any PlanNode {
        let value = try plan(value)
        let slot = enter(name)
        defer { leave() }
        return BindNode(slot: slot, value: value, body: try plan(body))
    }

    @inline(never)
    private mutating func optionalMap(
        _ operand: Expression, _ variable: String, _ body: Expression, isFlat: Bool
    ) throws(CELError) -> any PlanNode {
        let operand = try plan(operand)
        let slot = enter(variable)
        defer { leave() }
        return OptionalMapNode(operand, slot: slot, body: try plan(body), isFlat: isFlat)
    }

    mutating func plan(_ expressions: [Expression]) throws(CELError) -> [any PlanNode] {
        var nodes: [any PlanNode] = []
        for expression in expressions { nodes.append(try plan(expression)) }
        return nodes
    }

    /// Opens the scope of a variable.
    /// - Returns: Its slot.
    private mutating func enter(_ name: String) -> Int {
        names.locals.append(name)
        localCount = max(localCount, names.locals.count)
        return names.locals.count - 1
    }

    private mutating func leave() { names.locals.removeLast() }

    @inline(never)
    private mutating func fold(_ fold: Expression.Fold) throws(CELError) -> any PlanNode {
        let range = try plan(fold.range)
        var slots: [Int] = []
        for name in fold.variables { slots.append(enter(name)) }
        defer { for _ in fold.variables { leave() } }
        var filter: (any PlanNode)?
        if let expression = fold.filter { filter = try plan(expression) }
        return FoldNode(
            fold.result, range: range,
            slots: (slots[0], slots.count > 1 ? slots[1] : nil), filter: filter,
            body: try plan(fold.body))
    }

    @inline(never)
    private mutating func operation(
        _ operation: Operator, _ operands: [Expression]
    ) throws(CELError) -> any PlanNode {
        Self.node(operation, try plan(operands))
    }

    @inline(never)
    private static func node(_ operation: Operator, _ nodes: [any PlanNode]) -> any PlanNode {
        switch operation {
        case .negate, .not: return UnaryNode(operation, nodes[0])
        case .equal, .notEqual:
            let isNegated = operation == .notEqual
            if let text = nodes[1].constantText {
                return TextEqualityNode(nodes[0], text, isNegated: isNegated)
            }
            if let text = nodes[0].constantText {
                return TextEqualityNode(nodes[1], text, isNegated: isNegated)
            }
            return EqualityNode(nodes[0], nodes[1], isNegated: isNegated)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return OrderNode(operation, nodes[0], nodes[1])
        case .in:
            if case .list(let elements) = nodes[1].constant,
                let texts = TextMembershipNode.texts(elements)
            {
                return TextMembershipNode(nodes[0], in: texts)
            }
            return MembershipNode(nodes[0], in: nodes[1])
        case .add, .subtract, .multiply, .divide, .modulo:
            return ArithmeticNode(operation, nodes[0], nodes[1])
        }
    }

    @inline(never)
    private mutating func list(
        _ elements: [Expression.Element]
    ) throws(CELError) -> any PlanNode {
        var nodes: [(node: any PlanNode, isOptional: Bool)] = []
        for element in elements { nodes.append((try plan(element.value), element.isOptional)) }
        return ListNode(nodes)
    }

    @inline(never)
    private mutating func map(_ entries: [Expression.Entry]) throws(CELError) -> any PlanNode {
        var nodes: [MapNode.Entry] = []
        for entry in entries {
            nodes.append(
                MapNode.Entry(
                    key: try plan(entry.key), value: try plan(entry.value),
                    isOptional: entry.isOptional))
        }
        return MapNode(nodes)
    }

    /// Notes the error of a call whose arguments can never be right.
    mutating func note(_ error: CELError, at offset: Int) {
        guard error.isOfArguments else { return }
        faults.append(.invalidLiteral(reason: error.description, at: position(offset)))
    }

    /// A constant in the place of a node all of whose operands are constants.
    ///
    /// What fails stays, since an error only counts when it is evaluated.
    /// - Parameter offset: Where a call is, whose failure is noted.
    @inline(never)
    private mutating func folded(_ node: any PlanNode, at offset: Int? = nil) -> any PlanNode {
        guard let operands = (node as? any FoldableNode)?.operands,
            operands.allSatisfy({ $0 is ConstantNode })
        else { return node }
        var limits = environment.limits
        limits.costMax = min(limits.costMax, Self.foldingCostMax)
        var evaluation = Evaluation(
            NoVariables.only, limits: limits,
            locals: UnsafeMutableBufferPointer(start: nil, count: 0))
        do throws(CELError) {
            return ConstantNode(try node.evaluate(&evaluation))
        } catch {
            if let offset { note(error, at: offset) }
            return node
        }
    }
}

/// A node whose value depends on its operands' values only.
protocol FoldableNode: PlanNode {
    var operands: [any PlanNode] { get }
}

final class NoVariables: CELActivation, Sendable {
    static let only = NoVariables()

    func value(ofVariable slot: Int) -> CELValue? { nil }
}

extension PlanNode {
    /// The value of a constant, else nil.
    var constant: CELValue? { (self as? ConstantNode)?.value }

    /// The text of a constant string, else nil.
    var constantText: ConstantText? { constant?.stringValue.map { ConstantText($0) } }
}
