/// Finds out the types of an expression, and everything that can never be right in it.
///
/// Gradual: what is `dyn` agrees with all, and is left to the evaluation
/// (langdef.md, "Gradual Type Checking").
struct Checker {
    let source: [UInt8]
    var names: NameScope
    /// The types of `names.locals`.
    var localTypes: [StaticType] = []
    private(set) var errors: [CELError] = []
    var substitutions = TypeSubstitutions()

    init(_ source: [UInt8], _ environment: CELEnvironment) {
        self.source = source
        names = NameScope(environment)
    }

    /// The type of an expression.
    /// - Returns: The errors in the order of the source; the type means little when there are some.
    static func check(
        _ expression: Expression, _ source: [UInt8], _ environment: CELEnvironment
    ) -> (type: StaticType, errors: [CELError]) {
        var checker = Checker(source, environment)
        let type = checker.check(expression)
        let errors = checker.errors.sorted {
            ($0.position?.offset ?? 0) < ($1.position?.offset ?? 0)
        }
        return (checker.substitutions.resolved(type, isFinal: true), errors)
    }

    mutating func check(_ expression: Expression) -> StaticType {
        switch expression.kind {
        case .literal(let value): return StaticType(value.type)
        case .name, .select: return nameOrSelection(expression)
        case .has(let operand, let field):
            let type = check(operand)
            _ = member(field, of: type, at: expression.offset)
            return .bool
        case .index(let operand, let index, let isOptional):
            return element(operand, index, isOptional: isOptional, at: expression.offset)
        case .operation(let operation, let operands):
            return self.operation(operation, operands, at: expression.offset)
        case .and(let operands), .or(let operands):
            for operand in operands { condition(operand, of: "&& and ||") }
            return .bool
        case .conditional(let condition, let then, let other):
            return conditional(condition, then, other, at: expression.offset)
        case .call(let name, let target, let arguments):
            return call(name, target, arguments, at: expression.offset)
        case .list(let elements): return list(elements)
        case .map(let entries): return map(entries)
        case .fold(let fold): return self.fold(fold)
        case .bind(let name, let value, let body):
            let type = check(value)
            return check(body, with: [(name, type)])
        case .optionalMap(let operand, let variable, let body, let isFlat):
            return optionalMap(operand, variable, body, isFlat: isFlat)
        }
    }

    func position(_ offset: Int) -> CELPosition {
        CELPosition(offset: offset, in: source)
    }

    mutating func report(_ error: CELError) -> StaticType {
        if errors.count < CELLimits.errorsMax { errors.append(error) }
        return .error
    }

    mutating func wrongType(_ reason: String, at offset: Int) -> StaticType {
        report(.wrongType(reason: reason, at: position(offset)))
    }

    /// Whether a type can be where another is wanted; binds type parameters when it can.
    mutating func assign(_ type: StaticType, to wanted: StaticType) -> Bool {
        if type == wanted { return true }
        var attempt = substitutions
        guard attempt.assign(type, to: wanted) else { return false }
        substitutions = attempt
        return true
    }

    /// The type that an expression has now, its outermost parameter replaced.
    func current(_ type: StaticType) -> StaticType {
        substitutions.isEmpty ? type : substitutions.resolved(type)
    }

    func shown(_ type: StaticType) -> String {
        substitutions.resolved(type, isFinal: true).description
    }

    @inline(never)
    mutating func check(
        _ body: Expression, with variables: [(String, StaticType)]
    ) -> StaticType {
        for (name, type) in variables {
            names.locals.append(name)
            localTypes.append(type)
        }
        defer {
            names.locals.removeLast(variables.count)
            localTypes.removeLast(variables.count)
        }
        return check(body)
    }

    /// An operand that must be a bool.
    @inline(never)
    mutating func condition(_ expression: Expression, of what: String) {
        let type = check(expression)
        guard !assign(type, to: .bool) else { return }
        _ = wrongType("\(what) take bool, this is \(shown(type))", at: expression.start)
    }
}
