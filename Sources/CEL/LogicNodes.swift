/// `&&` or `||` over two or more operands.
///
/// Both are commutative over errors: one operand that decides makes errors of the others void
/// (langdef.md, "Logical Operators").
final class LogicNode: PlanNode {
    private let operands: [any PlanNode]
    /// The operand that decides: false for `&&`, true for `||`.
    private let deciding: Bool

    init(_ operands: [any PlanNode], deciding: Bool) {
        self.operands = operands
        self.deciding = deciding
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        var failure: CELError?
        for operand in operands {
            do throws(CELError) {
                let value = try operand.evaluate(&evaluation)
                guard case .bool(let bool) = value else {
                    throw .noOverload(deciding ? "||" : "&&", value)
                }
                if bool == deciding { return value }
            } catch {
                if error.isLimit { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return .bool(!deciding)
    }
}

/// `condition ? then : other`
final class ConditionalNode: PlanNode {
    private let condition: any PlanNode
    private let then: any PlanNode
    private let other: any PlanNode

    init(_ condition: any PlanNode, then: any PlanNode, other: any PlanNode) {
        self.condition = condition
        self.then = then
        self.other = other
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        let value = try condition.evaluate(&evaluation)
        guard case .bool(let bool) = value else { throw .noOverload("?:", value) }
        return try (bool ? then : other).evaluate(&evaluation)
    }
}

/// `cel.bind(name, value, body)`
final class BindNode: PlanNode {
    private let slot: Int
    private let value: any PlanNode
    private let body: any PlanNode

    init(slot: Int, value: any PlanNode, body: any PlanNode) {
        self.slot = slot
        self.value = value
        self.body = body
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        // cel-go binds by a loop over an empty list, and a list costs 10.
        try evaluation.charge(10)
        do throws(CELError) {
            evaluation.locals[slot] = .value(try value.evaluate(&evaluation))
        } catch {
            if error.isLimit { throw error }
            // cel-go evaluates the value where it is first read, so one that nobody reads can fail.
            evaluation.locals[slot] = .failed(error)
        }
        return try body.evaluate(&evaluation)
    }
}

/// `optional.optMap(name, body)` or `optFlatMap`
final class OptionalMapNode: PlanNode {
    private let operand: any PlanNode
    private let slot: Int
    private let body: any PlanNode
    private let isFlat: Bool

    init(_ operand: any PlanNode, slot: Int, body: any PlanNode, isFlat: Bool) {
        self.operand = operand
        self.slot = slot
        self.body = body
        self.isFlat = isFlat
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        let value = try operand.evaluate(&evaluation)
        guard case .optional(let optional) = value else {
            throw .noOverload(isFlat ? "optFlatMap" : "optMap", value)
        }
        guard let content = optional.value else { return value }
        evaluation.locals[slot] = .value(content)
        let result = try body.evaluate(&evaluation)
        guard isFlat else { return .optional(CELOptional(result)) }
        guard case .optional = result else { throw .noOverload("optFlatMap", value, result) }
        return result
    }
}
