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
    let slots: [String: Int]
    let container: String
    let limits: CELLimits

    /// - Parameters:
    ///   - variables: Their names, possibly dotted; slot `i` of an activation is `variables[i]`,
    ///     and of repeated names the first counts.
    ///   - container: The namespace in which names are looked up first, such as `a.b`.
    package init(variables: [String], container: String = "", limits: CELLimits = CELLimits()) {
        self.variables = variables
        self.container = container
        self.limits = limits
        slots = Dictionary(zip(variables, variables.indices)) { first, _ in first }
    }

    /// Parses an expression, expands its macros, resolves its names, plans its evaluation.
    /// - Throws: ``CELError`` with a position.
    package func compile(
        _ source: String, unknownNames: UnknownNames = .refused
    ) throws(CELError) -> CELProgram {
        let bytes = Array(source.utf8)
        let expression = try Parser.parse(bytes, limits: limits)
        var planner = Planner(bytes, self, unknownNames: unknownNames)
        let root = try planner.plan(expression)
        return CELProgram(
            Plan(root: root, localCount: planner.localCount, limits: limits),
            usesVariables: planner.usesVariables)
    }
}
