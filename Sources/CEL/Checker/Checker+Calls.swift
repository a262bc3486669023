/// Operators and calls.
extension Checker {
    @inline(never)
    mutating func operation(
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
    mutating func conditional(
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
    mutating func call(
        _ name: String, _ target: Expression?, _ arguments: [Expression], at offset: Int
    ) -> StaticType {
        let callee = names.callee(name, target)
        if callee.function == nil, let target, let name = unknownNamespaced(callee, target) {
            return unknownFunction(
                NameScope.Callee(function: nil, name: name, hasReceiver: false), at: offset)
        }
        if callee.function == nil,
            let error = macroError(name, target, given: arguments.count, at: offset)
        {
            // What would be its variables are no mistakes of their own.
            return report(error)
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

    /// What is wrong with a call that has a macro's name and is none.
    func macroError(
        _ name: String, _ target: Expression?, given: Int, at offset: Int
    ) -> CELError? {
        if let expected = Parser.macroArgumentCounts(name, hasTarget: target != nil) {
            return .wrongArgumentCount(
                function: name, given: given, expected: expected, at: position(offset))
        }
        guard target == nil, Parser.macroArgumentCounts(name, hasTarget: true) != nil else {
            return nil
        }
        return .unknownFunction(name, nearest: "value.\(name)", at: position(offset))
    }

    /// The full name of an unknown function in a known namespace, such as `math.absolute`.
    func unknownNamespaced(
        _ callee: NameScope.Callee, _ target: Expression
    ) -> String? {
        guard let (namespace, _) = names.qualifiedName(target), declared(namespace) == nil,
            names.environment.library.hasNamespace(namespace)
        else { return nil }
        return namespace + "." + callee.name
    }

    mutating func unknownFunction(
        _ callee: NameScope.Callee, at offset: Int
    ) -> StaticType {
        report(
            .unknownFunction(
                callee.name, nearest: names.environment.library.suggestion(for: callee),
                at: position(offset)))
    }

    /// The result of the overloads that fit, `dyn` when they differ; nil when none fits.
    mutating func overload(
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
    mutating func result(_ signature: Signature, _ types: [StaticType]) -> StaticType? {
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
