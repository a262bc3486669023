/// Where something is in an expression's source.
package struct CELPosition: Sendable, Equatable {
    /// Bytes of UTF-8 before it.
    package let offset: Int
    /// 1-based.
    package let line: Int
    /// 1-based, in code points.
    package let column: Int

    package init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }
}

/// Why an expression cannot be compiled or has no value.
///
/// Indirect, so that it takes one word and is cheap to throw past `&&` and `||`, which absorb it.
package indirect enum CELError: Error, Equatable, CustomStringConvertible {
    /// The source is not CEL.
    case syntax(reason: String, at: CELPosition)
    /// The source has more code points than the limit.
    case sourceTooLong(limit: Int)
    /// Parts of the source are nested deeper than the limit.
    case nestedTooDeep(limit: Int, at: CELPosition)
    /// A name that is neither variable nor type; `nearest` is a known one that looks like it.
    case unknownVariable(String, nearest: String?, at: CELPosition)
    /// A selection that no value of the variable has; `known` are those that there are.
    case unknownMember(
        String, of: String, nearest: String?, known: [String], at: CELPosition)
    /// A function that does not exist, or not in this form (global or behind a receiver).
    case unknownFunction(String, nearest: String?, at: CELPosition)
    /// A function that does not take so many arguments; `expected` reads like `1 or 2`.
    case wrongArgumentCount(function: String, given: Int, expected: String, at: CELPosition)
    /// A value where its type can never be right.
    case wrongType(reason: String, at: CELPosition)
    /// A function that is not defined for arguments of these types, a receiver included;
    /// `expected` reads like `(string, int) or (string, int, int)`.
    case noOverloadFits(function: String, types: [String], expected: String, at: CELPosition)
    /// A literal argument that can never be right, such as a malformed regular expression.
    case invalidLiteral(reason: String, at: CELPosition)

    /// A variable had no value.
    case unboundVariable(String)
    /// A map has no such key; nil when the key was itself computed.
    case noSuchKey(String?)
    /// A member of null was asked for; nil when what is null has no name.
    case memberOfNull(String, of: String?)
    /// An operator or function is not defined for values of these types.
    case noSuchOverload(function: String, types: [String])
    case indexOutOfRange(index: Int64, count: Int)
    /// The result of an operation lies outside its type's range.
    case overflow(function: String)
    case divisionByZero
    case modulusByZero
    /// A value has no counterpart in the other type.
    case noConversion(from: String, to: String, reason: String)
    /// An argument of the right type has a value that the function refuses.
    case invalidArgument(function: String, reason: String)
    /// A map would have the same key twice.
    case repeatedKey
    /// A map key that is not bool, int, uint or string.
    case invalidKey(type: String)
    /// `value()` of an empty optional.
    case emptyOptional

    /// A variable's own expression has no value.
    case inVariable(String, CELError)

    /// The evaluation cost more than the limit.
    case costTooHigh(limit: Int)
    /// A string or bytes value would be longer than the limit.
    case stringTooLong(limitBytes: Int)
    /// A list or map would have more elements than the limit.
    case listTooLong(limit: Int)
    /// The JSON form of a value is longer than the limit.
    case outputTooLong(limitBytes: Int)

    package var description: String {
        switch self {
        case .syntax(let reason, _): reason
        case .sourceTooLong(let limit): "the expression is longer than \(limit) characters"
        case .nestedTooDeep(let limit, _): "the expression is nested deeper than \(limit) levels"
        case .unknownVariable(let name, let nearest, _):
            "unknown variable \"\(name)\"" + Self.suggestion(nearest)
        case .unknownMember(let name, let variable, let nearest, let known, _):
            "\(variable) has no member \"\(name)\""
                + (nearest == nil
                    ? "; it has \(known.joined(separator: ", "))" : Self.suggestion(nearest))
        case .unknownFunction(let name, let nearest, _):
            "unknown function \"\(name)\"" + Self.suggestion(nearest)
        case .wrongArgumentCount(let function, let given, let expected, _):
            "\(function) takes \(expected) argument\(expected == "1" ? "" : "s"), not \(given)"
        case .wrongType(let reason, _), .invalidLiteral(let reason, _): reason
        case .noOverloadFits(let function, let types, let expected, _):
            "\(function) takes \(expected), not (\(types.joined(separator: ", ")))"
        default: evaluationDescription
        }
    }

    /// Where in the source the error is; nil for errors of an evaluation.
    package var position: CELPosition? {
        switch self {
        case .syntax(_, let position), .nestedTooDeep(_, let position),
            .unknownVariable(_, _, let position), .unknownFunction(_, _, let position),
            .unknownMember(_, _, _, _, let position), .wrongArgumentCount(_, _, _, let position),
            .wrongType(_, let position), .noOverloadFits(_, _, _, let position),
            .invalidLiteral(_, let position):
            position
        default: nil
        }
    }

    /// Whether a limit was reached, which no operator absorbs.
    var isLimit: Bool {
        switch self {
        case .costTooHigh, .stringTooLong, .listTooLong, .outputTooLong: true
        case .inVariable(_, let error): error.isLimit
        default: false
        }
    }

    /// Whether an argument has a value that no call takes.
    var isOfArguments: Bool {
        switch self {
        case .invalidArgument, .noConversion: true
        default: false
        }
    }

    private var evaluationDescription: String {
        switch self {
        case .unboundVariable(let name): "the variable \"\(name)\" has no value here"
        case .noSuchKey(let key): key.map { "no such key \"\($0)\"" } ?? "no such key"
        case .memberOfNull(let member, let owner):
            "\(owner ?? "the value in front of \"\(member)\"") is null, so there is no member "
                + "\"\(member)\"; .? asks for what may be absent"
        case .noSuchOverload(let function, let types):
            "no such overload: \(function) of (\(types.joined(separator: ", ")))"
        case .indexOutOfRange(let index, let count):
            "index \(index) is out of range, the size is \(count)"
        case .overflow(let function): "\(function): the result is out of range"
        case .divisionByZero: "division by zero"
        case .modulusByZero: "modulus by zero"
        case .noConversion(let from, let to, let reason):
            "cannot convert \(from) to \(to): \(reason)"
        case .invalidArgument(let function, let reason): "\(function): \(reason)"
        case .repeatedKey: "a map has the same key twice"
        case .invalidKey(let type): "\(type) cannot be a map key"
        case .emptyOptional: "the optional has no value"
        case .inVariable(let name, let error): "\(name): \(error.description)"
        case .costTooHigh(let limit): "the evaluation costs more than the limit of \(limit)"
        case .stringTooLong(let limit): "a string is longer than \(limit) bytes"
        case .listTooLong(let limit): "a list or map has more than \(limit) elements"
        case .outputTooLong(let limit): "the value's JSON is longer than \(limit) bytes"
        default: "invalid expression"
        }
    }

    private static func suggestion(_ nearest: String?) -> String {
        nearest.map { "; did you mean \"\($0)\"?" } ?? ""
    }
}
