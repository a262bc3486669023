/// The types that one overload of a function takes and gives.
package struct Signature: Sendable {
    /// A receiver's type comes first.
    let parameters: [StaticType]
    let result: StaticType
    /// Type parameters are `.parameter(0)` to this number, exclusive.
    let typeParameterCount: Int
    /// Whether the last parameter may be repeated.
    let isVariadic: Bool

    init(
        parameters: [StaticType], result: StaticType, typeParameterCount: Int,
        isVariadic: Bool = false
    ) {
        self.parameters = parameters
        self.result = result
        self.typeParameterCount = typeParameterCount
        self.isVariadic = isVariadic
    }

    /// Whether so many arguments, a receiver included, can be given.
    func accepts(argumentCount: Int) -> Bool {
        isVariadic ? argumentCount >= parameters.count : argumentCount == parameters.count
    }

    /// The parameter of an argument.
    func parameter(at position: Int) -> StaticType {
        position < parameters.count ? parameters[position] : parameters[parameters.count - 1]
    }

    /// Whether it only counts when no other overload fits.
    var isLastResort: Bool {
        parameters.contains { $0 == .number || $0 == .list(.number) }
    }
}

/// A function's name, form and one overload.
package struct FunctionDeclaration: Sendable {
    package let name: String
    /// Whether it is called behind its first argument: `text.size()`.
    package let isReceiverStyle: Bool
    package let signature: Signature

    /// The overload as documentation writes it: `string.charAt(int) -> string`.
    package var text: String {
        var arguments = signature.parameters.map(\.description)
        let receiver = isReceiverStyle && !arguments.isEmpty ? arguments.removeFirst() + "." : ""
        let list = arguments.joined(separator: ", ") + (signature.isVariadic ? "..." : "")
        return "\(receiver)\(name)(\(list)) -> \(signature.result)"
    }
}

extension FunctionDeclaration {
    /// Reads declarations, one a line: `size(list(A)) -> int`, `(string).charAt(int) -> string`,
    /// `math.greatest(int...) -> int`; upper-case letters are type parameters. Words in front of
    /// `|` stand for `$`, one after the other: `int uint | math.abs($) -> $`.
    ///
    /// Declarations are part of the program, so that a malformed one is a bug.
    static func list(_ text: String) -> [FunctionDeclaration] {
        text.split(separator: "\n").flatMap { line -> [FunctionDeclaration] in
            let halves = line.split(separator: "|", maxSplits: 1).map { Array($0.utf8) }
            guard halves.count == 2 else { return [one(line)] }
            return halves[0].split(separator: UInt8(ascii: " ")).map {
                word -> FunctionDeclaration in
                let parts = halves[1].dropFirst().split(
                    separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
                let expanded = Array(parts.joined(separator: word))
                return one(Substring(decoding: expanded, as: UTF8.self))
            }
        }
    }

    private static func one(_ line: Substring) -> FunctionDeclaration {
        var reader = DeclarationReader(line)
        guard let declaration = reader.declaration() else {
            preconditionFailure("malformed declaration: \(line)")
        }
        return declaration
    }
}

/// Reads one declaration.
private struct DeclarationReader {
    private var rest: Substring
    private var parameterCount = 0

    init(_ line: Substring) { rest = line }

    mutating func declaration() -> FunctionDeclaration? {
        var parameters: [StaticType] = []
        let isReceiverStyle = rest.first == "("
        if isReceiverStyle {
            rest.removeFirst()
            guard let receiver = type(), skip(").") else { return nil }
            parameters.append(receiver)
        }
        guard let open = rest.firstIndex(of: "(") else { return nil }
        let name = String(rest[..<open])
        rest = rest[rest.index(after: open)...]
        var isVariadic = false
        while !skip(")") {
            guard let parameter = type() else { return nil }
            parameters.append(parameter)
            isVariadic = skip("...")
            _ = skip(", ")
        }
        guard skip(" -> "), let result = type(), rest.isEmpty else { return nil }
        return FunctionDeclaration(
            name: name, isReceiverStyle: isReceiverStyle,
            signature: Signature(
                parameters: parameters, result: result, typeParameterCount: parameterCount,
                isVariadic: isVariadic))
    }

    private mutating func skip(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    private mutating func type() -> StaticType? {
        let name = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(name.count)
        switch name {
        case "dyn": return .dyn
        case "null": return .null
        case "bool": return .bool
        case "int": return .int
        case "uint": return .uint
        case "double": return .double
        case "string": return .string
        case "bytes": return .bytes
        case "timestamp": return .timestamp
        case "duration": return .duration
        case "number": return .number
        case "semver": return .abstract("semver", [])
        case "list", "optional", "type":
            guard skip("("), let inner = type(), skip(")") else { return nil }
            return name == "list" ? .list(inner) : name == "type" ? .type(inner) : .optional(inner)
        case "map":
            guard skip("("), let key = type(), skip(", "), let value = type(), skip(")") else {
                return nil
            }
            return .map(key, value)
        default:
            guard name.count == 1, let letter = name.utf8.first else { return nil }
            let number = Int(letter) - Int(UInt8(ascii: "A"))
            parameterCount = max(parameterCount, number + 1)
            return .parameter(number)
        }
    }
}
