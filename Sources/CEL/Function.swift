/// One function of the library: a name in one form with one number of arguments.
///
/// All its overloads by type are one implementation, which refuses operands it is not defined for.
package struct Function: Sendable {
    package typealias Nullary = @Sendable (inout Evaluation) throws(CELError) -> CELValue
    package typealias Unary = @Sendable (CELValue, inout Evaluation) throws(CELError) -> CELValue
    package typealias Binary =
        @Sendable (CELValue, CELValue, inout Evaluation) throws(CELError) -> CELValue
    package typealias Variadic =
        @Sendable ([CELValue], inout Evaluation) throws(CELError) -> CELValue

    /// By the number of arguments, a receiver included.
    package enum Implementation: Sendable {
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
    let implementation: Implementation
    var probe: Probe?

    /// What a binary function is called with in the place of an argument that is not known yet, to
    /// find out whether the other one, a constant, can ever be right.
    package enum Probe: Sendable {
        case text
        case timestamp

        var value: CELValue {
            switch self {
            case .text: .string("")
            case .timestamp: .timestamp(seconds: 0, nanoseconds: 0)
            }
        }
    }

    package static func global(
        _ name: String, _ implementation: Implementation, probe: Probe? = nil
    ) -> Function {
        Function(
            name: name, isReceiverStyle: false, implementation: implementation, probe: probe)
    }

    package static func receiver(
        _ name: String, _ implementation: Implementation, probe: Probe? = nil
    ) -> Function {
        Function(name: name, isReceiverStyle: true, implementation: implementation, probe: probe)
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
