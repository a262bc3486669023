/// Finds out the types of an expression, and everything that can never be right in it.
///
/// Gradual: what is `dyn` agrees with all, and is left to the evaluation
/// (langdef.md, "Gradual Type Checking").
struct Checker {
    let source: [UInt8]
    var names: NameScope
    /// The types of `names.locals`.
    private var localTypes: [StaticType] = []
    private(set) var errors: [CELError] = []
    private var substitutions = TypeSubstitutions()

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

    private mutating func check(_ expression: Expression) -> StaticType {
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

    private func position(_ offset: Int) -> CELPosition {
        CELPosition(offset: offset, in: source)
    }

    private mutating func report(_ error: CELError) -> StaticType {
        if errors.count < CELLimits.errorsMax { errors.append(error) }
        return .error
    }

    private mutating func wrongType(_ reason: String, at offset: Int) -> StaticType {
        report(.wrongType(reason: reason, at: position(offset)))
    }

    /// Whether a type can be where another is wanted; binds type parameters when it can.
    private mutating func assign(_ type: StaticType, to wanted: StaticType) -> Bool {
        if type == wanted { return true }
        var attempt = substitutions
        guard attempt.assign(type, to: wanted) else { return false }
        substitutions = attempt
        return true
    }

    /// The type that an expression has now, its outermost parameter replaced.
    private func current(_ type: StaticType) -> StaticType {
        substitutions.isEmpty ? type : substitutions.resolved(type)
    }

    private func shown(_ type: StaticType) -> String {
        substitutions.resolved(type, isFinal: true).description
    }

    @inline(never)
    private mutating func check(
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
    private mutating func condition(_ expression: Expression, of what: String) {
        let type = check(expression)
        guard !assign(type, to: .bool) else { return }
        _ = wrongType("\(what) take bool, this is \(shown(type))", at: expression.start)
    }
}

// MARK: Names and selections
extension Checker {
    @inline(never)
    private mutating func nameOrSelection(_ expression: Expression) -> StaticType {
        if let (name, isRooted) = names.qualifiedName(expression) {
            for candidate in names.candidates(name, isRooted: isRooted) {
                if let type = declared(candidate) { return type }
            }
        }
        switch expression.kind {
        case .name(let name, let isRooted):
            if !isRooted, let slot = names.locals.lastIndex(of: name) { return localTypes[slot] }
            return unknownName(name, at: expression.offset)
        case .select(let operand, let field, let isOptional):
            let type = check(operand)
            let result = member(field, of: type, at: expression.offset)
            guard isOptional else { return result }
            if case .optional = result { return result }
            return .optional(result)
        default: return .error
        }
    }

    /// The type of a variable or type name.
    private func declared(_ name: String) -> StaticType? {
        let environment = names.environment
        if environment.slots[name] != nil { return environment.declarations[name]?.type ?? .dyn }
        return CELType(rawValue: name).map { .type(StaticType($0)) }
    }

    private mutating func unknownName(_ name: String, at offset: Int) -> StaticType {
        let known = names.locals + names.environment.variables
        return report(
            .unknownVariable(
                name, nearest: nearestName(to: name, among: known), at: position(offset)))
    }

    /// What a selection from a type has.
    private mutating func member(
        _ field: String, of type: StaticType, at offset: Int
    ) -> StaticType {
        switch current(type) {
        case .map(_, let value): return value
        case .nullable(let inner): return member(field, of: inner, at: offset)
        case .optional(let content):
            let result = member(field, of: content, at: offset)
            if case .optional = result { return result }
            return .optional(result)
        case .record(let record):
            if let member = record.type(of: field) { return member }
            let known = record.members.map(\.name)
            return report(
                .unknownMember(
                    field, of: record.name, nearest: nearestName(to: field, among: known),
                    at: position(offset)))
        case .parameter:
            _ = assign(.dyn, to: type)
            return .dyn
        case .dyn, .error: return .dyn
        case let other:
            return wrongType("\(shown(other)) has no members such as \"\(field)\"", at: offset)
        }
    }

    @inline(never)
    private mutating func element(
        _ operand: Expression, _ index: Expression, isOptional: Bool, at offset: Int
    ) -> StaticType {
        // Checked first: `current` would read the substitutions from before.
        let checked = check(operand)
        let operandType = current(checked)
        let indexType = check(index)
        var container = operandType.nonNull
        var isOptional = isOptional
        if case .optional(let content) = container {
            container = current(content).nonNull
            isOptional = true
        }
        let result = element(of: container, index, indexType, at: offset)
        return isOptional && result != .error ? .optional(result) : result
    }

    private mutating func element(
        of container: StaticType, _ index: Expression, _ indexType: StaticType, at offset: Int
    ) -> StaticType {
        switch container {
        case .list(let element):
            if assign(indexType, to: .int) { return element }
            return wrongType("a list's index is int, not \(shown(indexType))", at: index.start)
        case .map(let key, let value):
            if assign(indexType, to: key) { return value }
            return wrongType(
                "the map's key is \(shown(key)), not \(shown(indexType))", at: index.start)
        case .record(let record):
            if case .literal(let value) = index.kind, let name = value.stringValue {
                return member(name, of: .record(record), at: index.offset)
            }
            if assign(indexType, to: .string) { return .dyn }
            return wrongType(
                "\(record.name) has string keys, not \(shown(indexType))", at: index.start)
        case .parameter, .dyn, .error:
            _ = assign(.dyn, to: container)
            return .dyn
        default: return wrongType("\(shown(container)) has no elements", at: offset)
        }
    }
}

// MARK: Calls
extension Checker {
    @inline(never)
    private mutating func operation(
        _ operation: Operator, _ operands: [Expression], at offset: Int
    ) -> StaticType {
        let types = operands.map { check($0) }
        let name = operation.rawValue
        guard let result = overload(FunctionLibrary.operators[name] ?? [], types) else {
            let shownTypes = types.map { shown($0) }
            return wrongType(
                shownTypes.count == 1
                    ? "\(operation == .not ? "!" : "-") is not defined for \(shownTypes[0])"
                    : "\(name) is not defined for \(shownTypes[0]) and \(shownTypes[1])",
                at: offset)
        }
        return result
    }

    @inline(never)
    private mutating func conditional(
        _ condition: Expression, _ then: Expression, _ other: Expression, at offset: Int
    ) -> StaticType {
        let decision = check(condition)
        if !assign(decision, to: .bool) {
            _ = wrongType(
                "the condition of ?: is bool, not \(shown(decision))", at: condition.start)
        }
        let types = (check(then), check(other))
        if assign(types.1, to: types.0) || assign(types.0, to: types.1) {
            return TypeSubstitutions.moreGeneral(current(types.0), current(types.1))
        }
        return wrongType(
            "both values of ?: have one type, not \(shown(types.0)) and \(shown(types.1))",
            at: offset)
    }

    @inline(never)
    private mutating func call(
        _ name: String, _ target: Expression?, _ arguments: [Expression], at offset: Int
    ) -> StaticType {
        let callee = names.callee(name, target)
        if callee.function == nil, let target, let name = unknownNamespaced(callee, target) {
            return unknownFunction(
                NameScope.Callee(function: nil, name: name, hasReceiver: false), at: offset)
        }
        var types: [StaticType] = []
        types.reserveCapacity(arguments.count + 1)
        if callee.hasReceiver, let target { types.append(check(target)) }
        for argument in arguments { types.append(check(argument)) }
        guard let group = callee.function else {
            return unknownFunction(callee, at: offset)
        }
        let receiver = callee.hasReceiver ? 1 : 0
        guard group.functions.contains(where: { $0.accepts(argumentCount: types.count) }) else {
            return report(
                .wrongArgumentCount(
                    function: callee.name, given: types.count - receiver,
                    expected: group.argumentCountText, at: position(offset)))
        }
        if let result = overload(group.signatures, types) { return result }
        return report(
            .noOverloadFits(
                function: callee.name, types: types.map { shown($0) },
                expected: group.expectation, at: position(offset)))
    }

    /// The full name of an unknown function in a known namespace, such as `math.absolute`.
    private func unknownNamespaced(
        _ callee: NameScope.Callee, _ target: Expression
    ) -> String? {
        guard let (namespace, _) = names.qualifiedName(target), declared(namespace) == nil,
            names.environment.library.hasNamespace(namespace)
        else { return nil }
        return namespace + "." + callee.name
    }

    private mutating func unknownFunction(
        _ callee: NameScope.Callee, at offset: Int
    ) -> StaticType {
        report(
            .unknownFunction(
                callee.name, nearest: names.environment.library.suggestion(for: callee),
                at: position(offset)))
    }

    /// The result of the overloads that fit, `dyn` when they differ; nil when none fits.
    private mutating func overload(
        _ signatures: [Signature], _ types: [StaticType]
    ) -> StaticType? {
        var result: StaticType?
        for signature in signatures where signature.accepts(argumentCount: types.count) {
            if signature.isLastResort, result != nil { continue }
            guard let own = self.result(signature, types) else { continue }
            if let other = result, other != own {
                result = .dyn
            } else {
                result = own
            }
        }
        return result
    }

    /// The result of one overload, nil when it does not fit.
    private mutating func result(_ signature: Signature, _ types: [StaticType]) -> StaticType? {
        var attempt = substitutions
        guard signature.typeParameterCount > 0 else {
            for (position, type) in types.enumerated() {
                let wanted = signature.parameter(at: position)
                // The way of nearly all arguments.
                if type == wanted { continue }
                guard attempt.assign(type, to: wanted) else { return nil }
            }
            substitutions = attempt
            return signature.result
        }
        let first = attempt.count
        for _ in 0..<signature.typeParameterCount { _ = attempt.fresh() }
        for (position, type) in types.enumerated() {
            let wanted = TypeSubstitutions.instantiated(
                signature.parameter(at: position), from: first)
            guard attempt.assign(type, to: wanted) else { return nil }
        }
        substitutions = attempt
        return attempt.resolved(TypeSubstitutions.instantiated(signature.result, from: first))
    }
}

// MARK: Literals and loops
extension Checker {
    @inline(never)
    private mutating func list(_ elements: [Expression.Element]) -> StaticType {
        var joined: StaticType?
        for element in elements {
            let type = check(element.value)
            joined = join(joined, element.isOptional ? content(type, element.value) : type)
        }
        return .list(joined ?? substitutions.fresh())
    }

    @inline(never)
    private mutating func map(_ entries: [Expression.Entry]) -> StaticType {
        var key: StaticType?
        var value: StaticType?
        for entry in entries {
            let keyType = check(entry.key)
            if !current(keyType).canBeKey {
                _ = wrongType(
                    "a map's key is bool, int, uint or string, not \(shown(keyType))",
                    at: entry.key.start)
            }
            key = join(key, keyType)
            let type = check(entry.value)
            value = join(value, entry.isOptional ? content(type, entry.value) : type)
        }
        return .map(key ?? substitutions.fresh(), value ?? substitutions.fresh())
    }

    private mutating func join(_ joined: StaticType?, _ type: StaticType) -> StaticType {
        guard let joined else { return type }
        guard assign(joined, to: type) || assign(type, to: joined) else { return .dyn }
        return TypeSubstitutions.moreGeneral(current(joined), current(type))
    }

    /// What is in an optional.
    private mutating func content(_ type: StaticType, _ expression: Expression) -> StaticType {
        switch current(type) {
        case .optional(let content): return content
        case .dyn, .error: return .dyn
        case .parameter:
            let content = substitutions.fresh()
            _ = assign(type, to: .optional(content))
            return content
        case let other:
            return wrongType("expected an optional, not \(shown(other))", at: expression.start)
        }
    }

    @inline(never)
    private mutating func fold(_ fold: Expression.Fold) -> StaticType {
        let range = check(fold.range)
        let (first, second) = variables(of: range, fold)
        var variables = [(fold.variables[0], first)]
        if fold.variables.count > 1 { variables.append((fold.variables[1], second)) }
        if let filter = fold.filter {
            let type = check(filter, with: variables)
            if !assign(type, to: .bool) {
                _ = wrongType("a filter is bool, not \(shown(type))", at: filter.start)
            }
        }
        let body = check(fold.body, with: variables)
        switch fold.result {
        case .all, .exists, .existsOne:
            guard assign(body, to: .bool) else {
                return wrongType("the condition is bool, not \(shown(body))", at: fold.body.start)
            }
            return .bool
        case .list: return .list(body)
        case .sorted: return .list(first)
        case .map: return .map(first, body)
        case .mapEntries:
            switch current(body) {
            case .map: return body
            case .dyn, .error, .parameter: return .map(.dyn, .dyn)
            case let other:
                return wrongType(
                    "expected a map of one entry, not \(shown(other))", at: fold.body.start)
            }
        }
    }

    /// The types of a loop's variables: the element or key, or index and element, key and value.
    private mutating func variables(
        of range: StaticType, _ fold: Expression.Fold
    ) -> (StaticType, StaticType) {
        let isSingle = fold.variables.count == 1
        switch current(range).nonNull {
        case .list(let element): return isSingle ? (element, .dyn) : (.int, element)
        case .map(let key, let value): return (key, value)
        case .record: return (.string, .dyn)
        case .dyn, .error: return (.dyn, .dyn)
        case .parameter:
            _ = assign(.dyn, to: range)
            return (.dyn, .dyn)
        case let other:
            _ = wrongType(
                "a loop goes through a list or a map, not \(shown(other))", at: fold.range.start)
            return (.error, .error)
        }
    }

    @inline(never)
    private mutating func optionalMap(
        _ operand: Expression, _ variable: String, _ body: Expression, isFlat: Bool
    ) -> StaticType {
        let content = content(check(operand), operand)
        let result = check(body, with: [(variable, content)])
        guard isFlat else { return .optional(result) }
        return .optional(self.content(result, body))
    }
}

extension StaticType {
    /// Whether a value may be a map's key, as far as is known.
    fileprivate var canBeKey: Bool {
        switch nonNull {
        case .bool, .int, .uint, .string, .dyn, .error, .number, .parameter: true
        default: false
        }
    }
}
