/// What expressions are compiled against: the variables, the container and the limits.
package struct CELEnvironment: Sendable {
    /// What becomes of names that are neither variable, type nor function.
    package enum UnknownNames: Sendable {
        /// The expression does not compile.
        case refused
        /// The name is an error when it is evaluated, as in CEL without a type checker.
        case evaluationError
    }

    /// What is known of a variable's values before there are any.
    package struct Declaration: Sendable {
        let type: StaticType

        package init(_ type: StaticType) { self.type = type }
    }

    package let variables: [String]
    let declarations: [String: Declaration]
    let slots: [String: Int]
    let container: String
    let limits: CELLimits
    package let library: FunctionLibrary

    /// - Parameters:
    ///   - variables: Their names, possibly dotted; slot `i` of an activation is `variables[i]`,
    ///     and of repeated names the first counts.
    ///   - declarations: What is known of some of them, by name.
    ///   - container: The namespace in which names are looked up first, such as `a.b`.
    ///   - library: The functions that can be called.
    package init(
        variables: [String], declarations: [String: Declaration] = [:], container: String = "",
        limits: CELLimits = CELLimits(), library: FunctionLibrary = .standard
    ) {
        self.variables = variables
        self.declarations = declarations
        self.container = container
        self.limits = limits
        self.library = library
        slots = Dictionary(zip(variables, variables.indices)) { first, _ in first }
    }

    /// An environment with one more variable, in the slot behind the others.
    package func adding(_ name: String, _ declaration: Declaration) -> CELEnvironment {
        var declarations = declarations
        declarations[name] = declaration
        return CELEnvironment(
            variables: variables + [name], declarations: declarations, container: container,
            limits: limits, library: library)
    }

    /// Why a text cannot be a variable's name, or nil when it can.
    package static func fault(ofName name: String) -> String? {
        let isName =
            !name.isEmpty && !(name.utf8.first?.isDigit ?? true)
            && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
        guard isName else { return "a name is letters, digits and _, and begins with no digit" }
        let isTaken =
            reservedWords.contains(name) || ["in", "true", "false", "null"].contains(name)
            || CELType(rawValue: name) != nil
        return isTaken ? "\"\(name)\" is a word of CEL" : nil
    }

    /// Parses an expression, expands its macros, checks it, plans its evaluation.
    /// - Throws: The first ``CELError``, with its position.
    package func compile(
        _ source: String, unknownNames: UnknownNames = .refused
    ) throws(CELError) -> CELProgram {
        let bytes = Array(source.utf8)
        let expression = try Parser.parse(bytes, limits: limits)
        var type = StaticType.dyn
        if unknownNames == .refused {
            let checked = Checker.check(expression, bytes, self)
            if let error = checked.errors.first { throw error }
            type = checked.type
        }
        var planner = Planner(bytes, self)
        let root = try planner.plan(expression)
        return CELProgram(
            Plan(root: root, localCount: planner.localCount, limits: limits),
            resultType: type, usesVariables: planner.usesVariables, faults: planner.faults)
    }

    /// Everything that is wrong with an expression, in the order of the source; at most
    /// ``CELLimits/errorsMax``, and only the first error of syntax.
    package func errors(in source: String) -> [CELError] {
        let bytes = Array(source.utf8)
        do {
            let expression = try Parser.parse(bytes, limits: limits)
            let errors = Checker.check(expression, bytes, self).errors
            if !errors.isEmpty { return errors }
            var planner = Planner(bytes, self)
            _ = try planner.plan(expression)
            return []
        } catch {
            return [error]
        }
    }
}
