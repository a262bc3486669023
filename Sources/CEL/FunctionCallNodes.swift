/// A call of a function with one argument.
final class UnaryCallNode: FoldableNode {
    private let argument: any PlanNode
    private let implementation: Function.Unary

    init(
        _ argument: any PlanNode, _ implementation: @escaping Function.Unary
    ) {
        self.argument = argument
        self.implementation = implementation
    }

    var operands: [any PlanNode] { [argument] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        return try implementation(try argument.evaluate(&evaluation), &evaluation)
    }
}

/// A call of a function with two arguments.
final class BinaryCallNode: FoldableNode {
    private let first: any PlanNode
    private let second: any PlanNode
    private let implementation: Function.Binary

    init(
        _ first: any PlanNode, _ second: any PlanNode,
        _ implementation: @escaping Function.Binary
    ) {
        self.first = first
        self.second = second
        self.implementation = implementation
    }

    var operands: [any PlanNode] { [first, second] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        let firstValue = try first.evaluate(&evaluation)
        return try implementation(firstValue, try second.evaluate(&evaluation), &evaluation)
    }
}

/// A call of a function with another number of arguments.
final class CallNode: FoldableNode {
    let operands: [any PlanNode]
    private let implementation: Function.Variadic

    init(
        _ arguments: [any PlanNode], _ implementation: @escaping Function.Variadic
    ) {
        operands = arguments
        self.implementation = implementation
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        var values: [CELValue] = []
        values.reserveCapacity(operands.count)
        for operand in operands { values.append(try operand.evaluate(&evaluation)) }
        return try implementation(values, &evaluation)
    }
}
