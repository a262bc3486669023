/// What expressions are compiled against: the variables, the container and the limits.
package struct CELEnvironment: Sendable {
    /// What becomes of names that are neither variable, type nor function.
    package enum UnknownNames: Sendable {
        /// The expression does not compile.
        case refused
        /// The name is an error when it is evaluated, as in CEL without a type checker.
        case evaluationError
    }

    let variables: [String]
    let container: String
    let limits: CELLimits

    /// - Parameters:
    ///   - variables: Their names, possibly dotted; slot `i` of an activation is `variables[i]`.
    ///   - container: The namespace in which names are looked up first, such as `a.b`.
    package init(variables: [String], container: String = "", limits: CELLimits = CELLimits()) {
        self.variables = variables
        self.container = container
        self.limits = limits
    }

    /// Parses an expression, expands its macros, resolves its names, plans its evaluation.
    /// - Throws: ``CELError`` with a position.
    package func compile(
        _ source: String, unknownNames: UnknownNames = .refused
    ) throws(CELError) -> CELProgram {
        throw .syntax(
            reason: "not implemented", at: CELPosition(offset: 0, line: 1, column: 1))
    }
}
