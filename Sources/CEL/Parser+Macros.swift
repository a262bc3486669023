/// The macros: calls that stand for an expression, recognised by name, receiver and argument count
/// (langdef.md, "Macros"; cel-go's bindings, optional and two-variable comprehension extensions).
extension Parser {
    /// What a call stands for, or nil when it is no macro.
    func macro(
        _ name: String, target: Expression?, arguments: [Expression], at offset: Int
    ) throws(CELError) -> Expression? {
        guard let target else {
            return name == "has" && arguments.count == 1
                ? try presence(of: arguments[0], at: offset) : nil
        }
        switch (name, arguments.count) {
        case ("bind", 3) where target.isName("cel"):
            let variable = try variable(arguments[0])
            return try make(.bind(variable, arguments[1], body: arguments[2]), at: offset)
        case ("optMap", 2), ("optFlatMap", 2):
            let variable = try variable(arguments[0])
            let isFlat = name == "optFlatMap"
            return try make(
                .optionalMap(target, variable: variable, body: arguments[1], isFlat: isFlat),
                at: offset)
        default:
            guard let form = FoldForm(name, argumentCount: arguments.count) else { return nil }
            return try fold(form, range: target, arguments: arguments, at: offset)
        }
    }

    /// How many arguments a macro of this name takes, such as `2 or 3`, or nil when there is none.
    static func macroArgumentCounts(_ name: String, hasTarget: Bool) -> String? {
        switch (name, hasTarget) {
        case ("has", false): return "1"
        case ("optMap", true), ("optFlatMap", true): return "2"
        case (_, true):
            let counts = (1...4).filter { FoldForm(name, argumentCount: $0) != nil }
            return counts.isEmpty ? nil : counts.map { String($0) }.joined(separator: " or ")
        case (_, false): return nil
        }
    }

    private func presence(of operand: Expression, at offset: Int) throws(CELError) -> Expression {
        guard case .select(let operand, let field, isOptional: false) = operand.kind else {
            throw error("has() takes a field selection such as has(a.b)", at: operand.offset)
        }
        return try make(.has(operand, field: field), at: offset)
    }

    private func fold(
        _ form: FoldForm, range: Expression, arguments: [Expression], at offset: Int
    ) throws(CELError) -> Expression {
        var variables: [String] = []
        for argument in arguments.prefix(form.variableCount) {
            let variable = try variable(argument)
            guard !variables.contains(variable) else {
                throw error("the two variables need different names", at: argument.offset)
            }
            variables.append(variable)
        }
        let rest = Array(arguments.dropFirst(form.variableCount))
        // `filter` keeps its variable; the others end with the body, before it maybe a filter.
        let isFilter = form == .filter
        let element = Expression.Kind.name(variables[0], isRooted: false)
        let fold = Expression.Fold(
            result: form.result, range: range, variables: variables,
            filter: isFilter || rest.count == 2 ? rest[0] : nil,
            body: isFilter ? try make(element, at: arguments[0].offset) : rest[rest.count - 1])
        return try make(.fold(fold), at: offset)
    }

    private func variable(_ argument: Expression) throws(CELError) -> String {
        guard case .name(let name, isRooted: false) = argument.kind else {
            throw error("expected a variable's name", at: argument.offset)
        }
        return name
    }
}

extension Expression {
    fileprivate func isName(_ expected: String) -> Bool {
        if case .name(let name, isRooted: false) = kind { name == expected } else { false }
    }
}

/// The loops among the macros.
private struct FoldForm: Equatable {
    static let filter = FoldForm(result: .list, variableCount: 1, isFilter: true)

    let result: Expression.Fold.Result
    let variableCount: Int
    private let isFilter: Bool

    private init(
        result: Expression.Fold.Result, variableCount: Int, isFilter: Bool = false
    ) {
        self.result = result
        self.variableCount = variableCount
        self.isFilter = isFilter
    }

    init?(_ name: String, argumentCount: Int) {
        switch (name, argumentCount) {
        case ("all", 2): self.init(result: .all, variableCount: 1)
        case ("all", 3): self.init(result: .all, variableCount: 2)
        case ("exists", 2): self.init(result: .exists, variableCount: 1)
        case ("exists", 3): self.init(result: .exists, variableCount: 2)
        case ("exists_one", 2), ("existsOne", 2): self.init(result: .existsOne, variableCount: 1)
        case ("exists_one", 3), ("existsOne", 3): self.init(result: .existsOne, variableCount: 2)
        case ("map", 2), ("map", 3): self.init(result: .list, variableCount: 1)
        case ("filter", 2): self = .filter
        case ("transformList", 3), ("transformList", 4): self.init(result: .list, variableCount: 2)
        case ("transformMap", 3), ("transformMap", 4): self.init(result: .map, variableCount: 2)
        case ("transformMapEntry", 3), ("transformMapEntry", 4):
            self.init(result: .mapEntries, variableCount: 2)
        case ("sortBy", 2): self.init(result: .sorted, variableCount: 1)
        default: return nil
        }
    }
}
