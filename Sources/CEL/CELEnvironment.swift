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
        let type: CELType
        let members: [String]?

        /// - Parameters:
        ///   - type: The type that every value has.
        ///   - members: All names that can be selected from a value; nil when any may be there.
        package init(_ type: CELType, members: [String]? = nil) {
            self.type = type
            self.members = members
        }
    }

    let variables: [String]
    let declarations: [String: Declaration]
    let slots: [String: Int]
    let container: String
    let limits: CELLimits

    /// - Parameters:
    ///   - variables: Their names, possibly dotted; slot `i` of an activation is `variables[i]`,
    ///     and of repeated names the first counts.
    ///   - declarations: What is known of some of them, by name.
    ///   - container: The namespace in which names are looked up first, such as `a.b`.
    package init(
        variables: [String], declarations: [String: Declaration] = [:], container: String = "",
        limits: CELLimits = CELLimits()
    ) {
        self.variables = variables
        self.declarations = declarations
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
