/// One function of the library: a name in one form with one number of arguments.
///
/// All its overloads by type are one implementation, which refuses operands it is not defined for.
struct Function: Sendable {
    typealias Nullary = @Sendable (inout Evaluation) throws(CELError) -> CELValue
    typealias Unary = @Sendable (CELValue, inout Evaluation) throws(CELError) -> CELValue
    typealias Binary = @Sendable (CELValue, CELValue, inout Evaluation) throws(CELError) -> CELValue
    typealias Variadic = @Sendable ([CELValue], inout Evaluation) throws(CELError) -> CELValue

    /// By the number of arguments, a receiver included.
    enum Implementation: Sendable {
        case nullary(Nullary)
        case unary(Unary)
        case binary(Binary)
        /// Exactly this number of arguments.
        case fixed(Int, Variadic)
        /// At least this number of arguments.
        case variadic(Int, Variadic)
    }

    /// As it is called: `size`, or `math.abs` for a function in a namespace.
    let name: String
    /// Whether it is called behind its first argument: `text.size()`.
    let isReceiverStyle: Bool
    /// The type of every result, nil when it depends on the arguments.
    let result: CELType?
    let implementation: Implementation

    static func global(
        _ name: String, gives result: CELType? = nil, _ implementation: Implementation
    ) -> Function {
        Function(
            name: name, isReceiverStyle: false, result: result, implementation: implementation)
    }

    static func receiver(
        _ name: String, gives result: CELType? = nil, _ implementation: Implementation
    ) -> Function {
        Function(name: name, isReceiverStyle: true, result: result, implementation: implementation)
    }

    /// Whether it can be called with so many arguments, a receiver included.
    func accepts(argumentCount: Int) -> Bool {
        switch implementation {
        case .nullary: argumentCount == 0
        case .unary: argumentCount == 1
        case .binary: argumentCount == 2
        case .fixed(let count, _): argumentCount == count
        case .variadic(let minimum, _): argumentCount >= minimum
        }
    }

    /// How an error message says what arguments it takes, a receiver left out.
    var argumentCountText: String {
        let receiver = isReceiverStyle ? 1 : 0
        switch implementation {
        case .nullary: return "no"
        case .unary: return "\(1 - receiver)"
        case .binary: return "\(2 - receiver)"
        case .fixed(let count, _): return "\(count - receiver)"
        case .variadic(let minimum, _): return "\(minimum - receiver) or more"
        }
    }
}

/// All functions, found by name, form and number of arguments.
struct FunctionTable: Sendable {
    /// The standard library and its extensions.
    static let standard = FunctionTable(
        [
            StandardFunctions.all, ConversionFunctions.all, TextFunctions.all, TimeFunctions.all,
            OptionalFunctions.all, MathFunctions.all, EncodingFunctions.all, ListFunctions.all,
        ].flatMap { $0 })

    private struct Key: Hashable {
        let name: String
        let isReceiverStyle: Bool
    }

    private let functions: [Key: [Function]]
    /// The distinct names, for suggestions.
    let names: [String]

    private init(_ functions: [Function]) {
        self.functions = Dictionary(grouping: functions) {
            Key(name: $0.name, isReceiverStyle: $0.isReceiverStyle)
        }
        names = Set(functions.map(\.name)).sorted()
    }

    /// The functions of this name and form, for every number of arguments.
    func candidates(_ name: String, isReceiverStyle: Bool) -> [Function] {
        functions[Key(name: name, isReceiverStyle: isReceiverStyle)] ?? []
    }
}

/// A call of a function with one argument.
final class UnaryCallNode: FoldableNode {
    private let argument: any PlanNode
    private let implementation: Function.Unary
    let resultType: CELType?

    init(
        _ argument: any PlanNode, gives resultType: CELType?,
        _ implementation: @escaping Function.Unary
    ) {
        self.argument = argument
        self.implementation = implementation
        self.resultType = resultType
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
    let resultType: CELType?

    init(
        _ first: any PlanNode, _ second: any PlanNode, gives resultType: CELType?,
        _ implementation: @escaping Function.Binary
    ) {
        self.first = first
        self.second = second
        self.implementation = implementation
        self.resultType = resultType
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
    let resultType: CELType?

    init(
        _ arguments: [any PlanNode], gives resultType: CELType?,
        _ implementation: @escaping Function.Variadic
    ) {
        operands = arguments
        self.implementation = implementation
        self.resultType = resultType
    }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        try evaluation.charge()
        var values: [CELValue] = []
        values.reserveCapacity(operands.count)
        for operand in operands { values.append(try operand.evaluate(&evaluation)) }
        return try implementation(values, &evaluation)
    }
}
