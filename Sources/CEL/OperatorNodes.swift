/// `+ - * / %`
final class ArithmeticNode: FoldableNode {
    private let operation: Operator
    private let left: any PlanNode
    private let right: any PlanNode

    init(_ operation: Operator, _ left: any PlanNode, _ right: any PlanNode) {
        self.operation = operation
        self.left = left
        self.right = right
    }

    var operands: [any PlanNode] { [left, right] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        let leftValue = try left.evaluate(&evaluation)
        return try Arithmetic.apply(
            operation, leftValue, try right.evaluate(&evaluation), &evaluation)
    }
}

/// `!` or the unary `-`
final class UnaryNode: FoldableNode {
    private let operation: Operator
    private let operand: any PlanNode

    init(_ operation: Operator, _ operand: any PlanNode) {
        self.operation = operation
        self.operand = operand
    }

    var operands: [any PlanNode] { [operand] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        let value = try operand.evaluate(&evaluation)
        if operation == .negate { return try Arithmetic.negate(value) }
        guard case .bool(let bool) = value else { throw .noOverload("!", value) }
        return .bool(!bool)
    }
}

/// `==` or `!=`
final class EqualityNode: FoldableNode {
    private let left: any PlanNode
    private let right: any PlanNode
    private let isNegated: Bool

    init(_ left: any PlanNode, _ right: any PlanNode, isNegated: Bool) {
        self.left = left
        self.right = right
        self.isNegated = isNegated
    }

    var operands: [any PlanNode] { [left, right] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        let leftValue = try left.evaluate(&evaluation)
        let rightValue = try right.evaluate(&evaluation)
        return .bool(
            try Comparison.areEqual(leftValue, rightValue, &evaluation) != isNegated)
    }
}

/// `==` or `!=` with a string literal, which needs no String for JSON.
final class TextEqualityNode: FoldableNode {
    private let operand: TextOperand
    private let text: ConstantText
    private let isNegated: Bool

    init(_ operand: any PlanNode, _ text: ConstantText, isNegated: Bool) {
        self.operand = TextOperand(operand)
        self.text = text
        self.isNegated = isNegated
    }

    var operands: [any PlanNode] { [operand.node] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        let reading = try operand.read(&evaluation) { ($0.hasSameBytes(as: text.utf8), $0.count) }
        switch reading {
        case .text((let isSame, let count)):
            // As cel-go counts it, though texts of different lengths are not read.
            try evaluation.charge(bytes: min(count, text.utf8.count))
            return .bool(isSame != isNegated)
        case .other: return .bool(isNegated)
        }
    }
}

/// `<`, `<=`, `>` or `>=`
final class OrderNode: FoldableNode {
    private let operation: Operator
    private let left: any PlanNode
    private let right: any PlanNode

    init(_ operation: Operator, _ left: any PlanNode, _ right: any PlanNode) {
        self.operation = operation
        self.left = left
        self.right = right
    }

    var operands: [any PlanNode] { [left, right] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        let leftValue = try left.evaluate(&evaluation)
        let rightValue = try right.evaluate(&evaluation)
        let order = try Comparison.order(
            leftValue, rightValue, function: operation.rawValue, &evaluation)
        // NaN is neither before, nor equal to, nor after anything.
        guard let order else { return .bool(false) }
        switch operation {
        case .less: return .bool(order < 0)
        case .lessOrEqual: return .bool(order <= 0)
        case .greater: return .bool(order > 0)
        default: return .bool(order >= 0)
        }
    }
}

/// `in`: an element of a list or a key of a map
final class MembershipNode: FoldableNode {
    private let value: any PlanNode
    private let container: any PlanNode

    init(_ value: any PlanNode, in container: any PlanNode) {
        self.value = value
        self.container = container
    }

    var operands: [any PlanNode] { [value, container] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        let value = try value.evaluate(&evaluation)
        let container = try container.evaluate(&evaluation)
        guard var elements = ElementIterator(container) else {
            try evaluation.charge()
            switch container {
            case .map, .jsonMap, .object:
                return .bool(try container.hasKey(value, &evaluation))
            default: throw .noOverload("in", value, container)
            }
        }
        // All of it, wherever the element is found.
        try evaluation.charge(try container.count(&evaluation) ?? 0)
        while let element = elements.next() {
            if try Comparison.areEqual(value, element, &evaluation) { return .bool(true) }
        }
        return .bool(false)
    }
}

/// `in` with a list of string literals
final class TextMembershipNode: FoldableNode {
    /// Texts up to which comparing with each beats hashing.
    private static let comparedCountMax = 16

    private let value: any PlanNode
    private let texts: [ConstantText]
    private let keys: Set<CELKey>

    init(_ value: any PlanNode, in texts: [ConstantText]) {
        self.value = value
        self.texts = texts
        keys = texts.count > Self.comparedCountMax ? Set(texts.map(\.key)) : []
    }

    /// The list's texts, or nil when an element is no string.
    static func texts(_ elements: [CELValue]) -> [ConstantText]? {
        let texts = elements.compactMap { $0.stringValue.map { ConstantText($0) } }
        return texts.count == elements.count ? texts : nil
    }

    var operands: [any PlanNode] { [value] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge(texts.count)
        let value = try value.evaluate(&evaluation)
        if keys.isEmpty { return .bool(texts.contains { value.isString($0) }) }
        return .bool(CELKey(value).map { keys.contains($0) } ?? false)
    }
}
