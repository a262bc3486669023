/// Names, selections and indices.
extension Checker {
    @inline(never)
    mutating func nameOrSelection(_ expression: Expression) -> StaticType {
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
    func declared(_ name: String) -> StaticType? {
        let environment = names.environment
        if environment.slots[name] != nil { return environment.declarations[name]?.type ?? .dyn }
        return CELType(rawValue: name).map { .type(StaticType($0)) }
    }

    mutating func unknownName(_ name: String, at offset: Int) -> StaticType {
        let known = names.locals + names.environment.variables
        return report(
            .unknownVariable(
                name, nearest: nearestName(to: name, among: known), at: position(offset)))
    }

    /// What a selection from a type has.
    mutating func member(
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
                    known: known, at: position(offset)))
        case .parameter:
            _ = assign(.dyn, to: type)
            return .dyn
        case .dyn, .error: return .dyn
        case let other:
            return wrongType("\(shown(other)) has no members such as \"\(field)\"", at: offset)
        }
    }

    @inline(never)
    mutating func element(
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

    mutating func element(
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
