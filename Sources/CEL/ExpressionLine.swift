package import JSON

/// An expression with its variables' values, as one line of JSON has them.
///
/// `{"expr":"x + 1","bindings":{"x":{"int":"1"}},"container":"","disable_check":false}`; all but
/// `expr` may be left out. The suite's own `type_env` and `check_only` are understood as well.
package struct ExpressionLine {
    /// The longest line, in bytes.
    package static let bytesMax = 16 << 20
    /// The longest answer, in bytes.
    private static let answerBytesMax = 16 << 20

    private let source: String
    private let container: String
    private let isChecked: Bool
    private let evaluates: Bool
    private let names: [String]
    private let values: [CELValue?]
    private let declarations: [String: CELEnvironment.Declaration]
    private let functions: [FunctionDeclaration]

    /// - Parameter json: The line's value.
    /// - Throws: ``LineError`` for what is malformed.
    package init(_ json: JSONValue) throws(LineError) {
        guard json.kind == .object else { throw LineError("expected a JSON object") }
        guard let source = json["expr"]?.string else {
            throw LineError("expected the member \"expr\", a string")
        }
        self.source = source
        container = try Self.text(json, "container") ?? ""
        isChecked = try Self.flag(json, "disable_check") != true
        evaluates = try Self.flag(json, "check_only") != true
        var types = TypeEnvironmentReader()
        if let environment = json["type_env"], !environment.isNull { try types.read(environment) }
        var names = types.names
        var values = [CELValue?](repeating: nil, count: names.count)
        if let bindings = json["bindings"], !bindings.isNull {
            guard bindings.kind == .object else {
                throw LineError("expected \"bindings\" to be an object")
            }
            for (name, tagged) in bindings.members {
                let name = name.string ?? ""
                guard let value = CELValue(tagged: tagged) else {
                    throw LineError("the binding \"\(name)\" is no tagged value")
                }
                if let position = names.firstIndex(of: name) {
                    values[position] = value
                } else {
                    names.append(name)
                    values.append(value)
                }
            }
        }
        self.names = names
        self.values = values
        declarations = types.declarations
        functions = types.functions
    }

    private static func text(_ json: JSONValue, _ name: String) throws(LineError) -> String? {
        guard let member = json[name], !member.isNull else { return nil }
        guard let text = member.string else {
            throw LineError("expected \"\(name)\" to be a string")
        }
        return text
    }

    private static func flag(_ json: JSONValue, _ name: String) throws(LineError) -> Bool? {
        guard let member = json[name], !member.isNull else { return nil }
        guard let flag = member.bool else {
            throw LineError("expected \"\(name)\" to be true or false")
        }
        return flag
    }

    /// What came of an expression.
    package struct Outcome {
        /// The deduced type; nil where the checker was left out.
        package let type: StaticType?
        /// Nil where the expression was only checked.
        package let value: CELValue?
    }

    /// Parses, checks and evaluates the expression.
    /// - Parameter library: Functions beside the standard ones.
    package func evaluate(
        limits: CELLimits = CELLimits(), library: FunctionLibrary = .standard
    ) throws(CELError) -> Outcome {
        let environment = CELEnvironment(
            variables: names, declarations: declarations, container: container, limits: limits,
            library: functions.isEmpty ? library : library.declaring(functions))
        let program = try environment.compile(
            source, unknownNames: isChecked ? .refused : .evaluationError)
        let type = isChecked ? program.resultType : nil
        guard evaluates else { return Outcome(type: type, value: nil) }
        return Outcome(type: type, value: try program.evaluate(Bindings(values: values)))
    }

    private final class Bindings: CELActivation {
        private let values: [CELValue?]

        init(values: [CELValue?]) { self.values = values }

        func value(ofVariable slot: Int) -> CELValue? { values[slot] }
    }

    /// The answer to a line: `{"value":VALUE}`, `{"type":TYPE}` where it was only checked, or
    /// `{"error":"…"}`.
    package static func answer(
        to line: [UInt8], limits: CELLimits = CELLimits(), library: FunctionLibrary = .standard
    ) -> [UInt8] {
        do {
            let document = try parsed(line)
            let outcome = try ExpressionLine(document.root)
                .evaluate(limits: limits, library: library)
            var writer = JSONWriter()
            writer.beginObject()
            if let value = outcome.value {
                writer.name("value")
                try value.writeTagged(to: &writer, bytesMax: answerBytesMax)
            } else {
                writer.name("type")
                (outcome.type ?? .dyn).write(to: &writer)
            }
            writer.endObject()
            return writer.bytes
        } catch let error as CELError {
            return answer(error: error.located)
        } catch {
            return answer(error: "\(error)")
        }
    }

    private static func answer(error: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("error", error)
        writer.endObject()
        return writer.bytes
    }

    private static func parsed(_ line: [UInt8]) throws(LineError) -> JSONDocument {
        guard line.count <= bytesMax else {
            throw LineError("the line is longer than \(bytesMax) bytes")
        }
        do {
            return try JSONDocument(parsing: line)
        } catch {
            throw LineError("\(error)")
        }
    }
}

/// Why a line is no expression with its bindings.
package struct LineError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension CELError {
    /// The message with the line and column where there are some.
    package var located: String {
        position.map { "\($0.line):\($0.column): \(description)" } ?? description
    }
}

/// Reads the suite's declarations: variables with their types and functions with their overloads.
private struct TypeEnvironmentReader {
    private(set) var names: [String] = []
    private(set) var declarations: [String: CELEnvironment.Declaration] = [:]
    private(set) var functions: [FunctionDeclaration] = []

    mutating func read(_ json: JSONValue) throws(LineError) {
        for declaration in json.elements {
            guard let name = declaration["name"]?.string else {
                throw LineError("a declaration in \"type_env\" has no \"name\"")
            }
            if let ident = declaration["ident"] {
                names.append(name)
                var none: [String: Int] = [:]
                declarations[name] = CELEnvironment.Declaration(try type(ident, &none))
            }
            for overload in declaration["function"]?.elements.map({ $0 }) ?? [] {
                functions.append(try function(name, overload))
            }
        }
    }

    private func function(
        _ name: String, _ json: JSONValue
    ) throws(LineError) -> FunctionDeclaration {
        var parameters: [String: Int] = [:]
        var arguments: [StaticType] = []
        for argument in json["params"]?.elements.map({ $0 }) ?? [] {
            arguments.append(try type(argument, &parameters))
        }
        guard let result = json["result"] else {
            throw LineError("an overload of \"\(name)\" has no \"result\"")
        }
        let resultType = try type(result, &parameters)
        return FunctionDeclaration(
            name: name, isReceiverStyle: json["is_instance_function"]?.bool == true,
            signature: Signature(
                parameters: arguments, result: resultType,
                typeParameterCount: parameters.count))
    }

    private func type(
        _ json: JSONValue, _ parameters: inout [String: Int]
    ) throws(LineError) -> StaticType {
        guard let type = StaticType(json, typeParameters: &parameters) else {
            throw LineError("\"type_env\" has a type that is not understood")
        }
        return type
    }
}
