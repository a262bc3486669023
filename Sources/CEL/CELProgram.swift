/// A compiled expression; immutable, evaluated on several threads at once.
package struct CELProgram: Sendable {
    /// The slots of the variables that an evaluation can read.
    package let usesVariables: Set<Int>
    /// The type that the checker found out; `dyn` where it was left out.
    package let resultType: StaticType
    /// Calls in it that can only fail, since their arguments are constants; whether they are reached
    /// is another question.
    package let faults: [CELError]
    private let plan: Plan

    init(
        _ plan: Plan, resultType: StaticType, usesVariables: Set<Int>, faults: [CELError]
    ) {
        self.faults = faults
        self.plan = plan
        self.resultType = resultType
        self.usesVariables = usesVariables
    }

    /// The expression's value.
    /// - Throws: ``CELError`` without a position.
    package func evaluate(_ activation: any CELActivation) throws(CELError) -> CELValue {
        guard plan.localCount > 0 else {
            var evaluation = Evaluation(
                activation, limits: plan.limits,
                locals: UnsafeMutableBufferPointer(start: nil, count: 0))
            return try plan.root.evaluate(&evaluation)
        }
        return try evaluateWithCost(activation).value
    }

    /// The expression's value, with what it cost: see ``CELLimits/costMax``.
    package func evaluateWithCost(
        _ activation: any CELActivation
    ) throws(CELError) -> (value: CELValue, cost: Int) {
        // `withUnsafeTemporaryAllocation` has no typed throws.
        let result = withUnsafeTemporaryAllocation(
            of: Evaluation.Local.self, capacity: plan.localCount
        ) { locals in
            locals.initialize(repeating: .value(.null))
            defer { locals.deinitialize() }
            var evaluation = Evaluation(activation, limits: plan.limits, locals: locals)
            return Result { () throws(CELError) in
                (value: try plan.root.evaluate(&evaluation), cost: evaluation.cost)
            }
        }
        return try result.get()
    }
}

/// Gives the variables' values to an evaluation.
package protocol CELActivation: AnyObject {
    /// The variable's value, asked for when it is read; nil is an error of that evaluation.
    /// - Throws: ``CELError`` where a value could not be computed.
    func value(ofVariable slot: Int) throws(CELError) -> CELValue?
}

/// A tree of nodes that is shared between threads.
///
/// Unchecked, because a ``CELValue`` may hold JSON or an object that is not Sendable; the constants
/// of a plan come from literals and from functions of them, which make neither. Nodes are immutable.
final class Plan: @unchecked Sendable {
    let root: any PlanNode
    let localCount: Int
    let limits: CELLimits

    init(root: any PlanNode, localCount: Int, limits: CELLimits) {
        self.root = root
        self.localCount = localCount
        self.limits = limits
    }
}
