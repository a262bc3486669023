/// Literals of lists and maps, and loops.
extension Checker {
    @inline(never)
    mutating func list(_ elements: [Expression.Element]) -> StaticType {
        var joined: StaticType?
        for element in elements {
            let type = check(element.value)
            joined = join(joined, element.isOptional ? content(type, element.value) : type)
        }
        return .list(joined ?? substitutions.fresh())
    }

    @inline(never)
    mutating func map(_ entries: [Expression.Entry]) -> StaticType {
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

    mutating func join(_ joined: StaticType?, _ type: StaticType) -> StaticType {
        guard let joined else { return type }
        guard assign(joined, to: type) || assign(type, to: joined) else { return .dyn }
        return TypeSubstitutions.moreGeneral(current(joined), current(type))
    }

    /// What is in an optional.
    mutating func content(_ type: StaticType, _ expression: Expression) -> StaticType {
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
    mutating func fold(_ fold: Expression.Fold) -> StaticType {
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
    mutating func variables(
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
    mutating func optionalMap(
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
