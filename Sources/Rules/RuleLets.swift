internal import CEL

/// The values that a rule names with `let`, each computed when it is first read.
struct RuleLets: Sendable {
    /// In the order of the file; each may read those before it.
    private(set) var values: [(name: String, program: CELProgram)] = []
    /// What the rule's other expressions are compiled against.
    private(set) var environment: CELEnvironment

    /// A rule without `let`.
    init(_ environment: CELEnvironment = RuleVariable.environment) {
        self.environment = environment
    }

    /// Reads a rule's `let` and reports everything that is wrong in it.
    init(_ node: YAMLNode, _ environment: CELEnvironment, _ problems: ProblemList) {
        self.init(environment)
        let members = node.members("names with their expressions", problems) ?? []
        if members.count > RulesLimits.letsMax {
            problems.report(node.place, "more than \(RulesLimits.letsMax) names")
        }
        for member in members.prefix(RulesLimits.letsMax) {
            if let fault = CELEnvironment.fault(ofName: member.key) {
                problems.report(member.keyPlace, fault)
                continue
            }
            guard !self.environment.variables.contains(member.key) else {
                problems.report(member.keyPlace, "\"\(member.key)\" is a variable already")
                continue
            }
            let compiler = ExpressionCompiler(problems: problems, environment: self.environment)
            let program = compiler.expression(member.value)
            // A name whose expression is wrong is known all the same, or it would be told twice.
            let type = program?.resultType ?? .dyn
            self.environment = self.environment.adding(
                member.key, CELEnvironment.Declaration(type))
            if let program { values.append((member.key, program)) }
        }
    }

    /// The activation of an event's variables with these values.
    func activation(_ variables: RuleActivation) -> any CELActivation {
        values.isEmpty ? variables : LetActivation(variables, values)
    }
}

/// An event's variables and the values that a rule names.
private final class LetActivation: CELActivation {
    private let variables: RuleActivation
    private let values: [(name: String, program: CELProgram)]
    private var computed: [Result<CELValue, CELError>?]

    init(_ variables: RuleActivation, _ values: [(name: String, program: CELProgram)]) {
        self.variables = variables
        self.values = values
        computed = Array(repeating: nil, count: values.count)
    }

    func value(ofVariable slot: Int) throws(CELError) -> CELValue? {
        let position = slot - RuleVariable.allCases.count
        guard position >= 0 else { return variables.value(ofVariable: slot) }
        guard values.indices.contains(position) else { return nil }
        if let result = computed[position] { return try result.get() }
        let (name, program) = values[position]
        do {
            let value = try program.evaluate(self)
            computed[position] = .success(value)
            return value
        } catch {
            // An error in a name that this one reads names both.
            let error = CELError.inVariable(name, error)
            computed[position] = .failure(error)
            throw error
        }
    }
}
