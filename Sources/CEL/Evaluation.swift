import JSON

/// The state of one evaluation.
package struct Evaluation {
    /// The value of a variable of a loop or binding.
    enum Local {
        case value(CELValue)
        /// An element of a JSON list, which the loop holds.
        case json(JSONCursor)
        /// What is bound has no value, which only matters where it is read.
        case failed(CELError)
    }

    let activation: any CELActivation
    let limits: CELLimits
    /// The variables of the loops and bindings that the evaluation is in, by their slots; the
    /// caller's memory, so that an evaluation allocates nothing for them.
    let locals: UnsafeMutableBufferPointer<Local>
    /// What the evaluation may still cost.
    private(set) var costLeft: Int

    /// - Parameter locals: Initialized, one for each slot of the plan.
    init(
        _ activation: any CELActivation, limits: CELLimits,
        locals: UnsafeMutableBufferPointer<Local>
    ) {
        self.activation = activation
        self.limits = limits
        self.locals = locals
        costLeft = limits.costMax
    }

    /// The value of the variable in a slot.
    func local(_ slot: Int) throws(CELError) -> CELValue {
        switch locals[slot] {
        case .value(let value): return value
        case .json(let cursor): return CELValue(json: cursor.value)
        case .failed(let error): throw error
        }
    }

    /// What the evaluation has cost so far.
    var cost: Int { limits.costMax - costLeft }

    /// Pays for work that is about to be done.
    package mutating func charge(_ cost: Int = 1) throws(CELError) {
        costLeft -= cost
        if costLeft < 0 { throw .costTooHigh(limit: limits.costMax) }
    }

    /// Pays for going through bytes of text: a tenth of them, of which the call has paid 1.
    package mutating func charge(bytes: Int) throws(CELError) {
        if bytes > 10 { try charge((bytes + 9) / 10 - 1) }
    }

    /// Pays for a string or bytes value that is about to be made.
    package mutating func charge(newBytes count: Int) throws(CELError) {
        guard count <= limits.stringBytesMax else {
            throw .stringTooLong(limitBytes: limits.stringBytesMax)
        }
        try charge(bytes: count)
    }

    /// Pays for a list or map that is about to be made.
    ///
    /// cel-go takes its length for nothing; a quarter of it bounds the memory of one evaluation.
    package mutating func charge(newElements count: Int) throws(CELError) {
        guard count <= limits.listCountMax else { throw .listTooLong(limit: limits.listCountMax) }
        try charge(count / 4)
    }
}

/// A step of a plan: an expression with its names resolved.
///
/// Nodes are immutable, so that one plan serves several threads.
protocol PlanNode: AnyObject {
    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue
}

/// A literal, or what the planner has computed already.
final class ConstantNode: PlanNode {
    let value: CELValue

    init(_ value: CELValue) { self.value = value }

    func evaluate(_ evaluation: inout Evaluation) -> CELValue { value }
}

/// A name that stood for nothing when the expression was compiled.
final class FailingNode: PlanNode {
    private let error: CELError

    init(_ error: CELError) { self.error = error }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue { throw error }
}

extension CELError {
    /// The error of an operator or function that is not defined for its operands.
    static func noOverload(_ function: String, _ operands: CELValue...) -> CELError {
        .noSuchOverload(function: function, types: operands.map(\.typeName))
    }
}
