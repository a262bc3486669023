/// What the type parameters of a check stand for so far: unification with `dyn`, which agrees with
/// everything (langdef.md, "Gradual Type Checking").
struct TypeSubstitutions {
    private var bindings: [StaticType?] = []

    /// A type parameter that stands for nothing yet.
    mutating func fresh() -> StaticType {
        bindings.append(nil)
        return .parameter(bindings.count - 1)
    }

    /// Whether there is none, so that types need not be rewritten.
    var isEmpty: Bool { bindings.isEmpty }

    /// A signature's type with its own parameters replaced by fresh ones that begin at `first`.
    static func instantiated(_ type: StaticType, from first: Int) -> StaticType {
        type.mapParameters { .parameter(first + $0) }
    }

    var count: Int { bindings.count }

    /// The type with every bound parameter replaced.
    /// - Parameter isFinal: Whether the others become `dyn`.
    func resolved(_ type: StaticType, isFinal: Bool = false) -> StaticType {
        type.mapParameters { number in
            if let bound = bindings[number] { return resolved(bound, isFinal: isFinal) }
            return isFinal ? .dyn : .parameter(number)
        }
    }

    /// Whether a value of one type may be where another is wanted; binds parameters on the way,
    /// also when the answer is no.
    mutating func assign(_ type: StaticType, to wanted: StaticType) -> Bool {
        if case .parameter(let number) = wanted {
            switch bind(number, to: type) {
            case .agrees: return true
            case .differs: return false
            case .recursive: break
            }
        }
        if case .parameter(let number) = type { return bind(number, to: wanted) == .agrees }
        if type.isDynamic || wanted.isDynamic { return true }
        return assignConcrete(type, to: wanted)
    }

    private mutating func assignConcrete(_ type: StaticType, to wanted: StaticType) -> Bool {
        switch (type, wanted) {
        case (.nullable(let type), .nullable(let wanted)): return assign(type, to: wanted)
        case (.null, .nullable), (.nullable, .null): return true
        // Null may be where a value is that is no plain scalar, as in protobuf.
        case (.null, .optional), (.null, .abstract), (.null, .record), (.null, .timestamp),
            (.null, .duration), (.optional, .null), (.abstract, .null), (.record, .null),
            (.timestamp, .null), (.duration, .null):
            return true
        case (.nullable(let type), _): return assign(type, to: wanted)
        case (_, .nullable(let wanted)): return assign(type, to: wanted)
        case (.int, .number), (.uint, .number), (.double, .number), (.number, .int),
            (.number, .uint), (.number, .double):
            return true
        case (.list(let element), .list(let wanted)): return assign(element, to: wanted)
        case (.map(let key, let value), .map(let wantedKey, let wantedValue)):
            return assign(key, to: wantedKey) && assign(value, to: wantedValue)
        // A type is a type, whatever it is the type of.
        case (.type, .type): return true
        case (.optional(let content), .optional(let wanted)): return assign(content, to: wanted)
        case (.abstract(let name, let own), .abstract(let wantedName, let wanted)):
            guard name == wantedName, own.count == wanted.count else { return false }
            for (type, wanted) in zip(own, wanted) where !assign(type, to: wanted) { return false }
            return true
        case (.record, .map(let key, let value)):
            return assign(.string, to: key) && assign(.dyn, to: value)
        case (.map(let key, let value), .record):
            return assign(key, to: .string) && assign(value, to: .dyn)
        default: return type == wanted
        }
    }

    private enum Agreement {
        case agrees, differs
        /// The parameter would stand for a type that contains it.
        case recursive
    }

    private mutating func bind(_ number: Int, to type: StaticType) -> Agreement {
        if type == .parameter(number) { return .agrees }
        if let bound = bindings[number] {
            if bound == type { return .agrees }
            guard assign(type, to: bound) else { return .differs }
            let general = Self.moreGeneral(type, bound)
            if !contains(general, number) { bindings[number] = general }
            return .agrees
        }
        guard !contains(type, number) else { return .recursive }
        bindings[number] = type
        return .agrees
    }

    private func contains(_ type: StaticType, _ number: Int) -> Bool {
        switch type {
        case .parameter(let other):
            if other == number { return true }
            return bindings[other].map { contains($0, number) } ?? false
        case .list(let inner), .type(let inner), .optional(let inner), .nullable(let inner):
            return contains(inner, number)
        case .map(let key, let value): return contains(key, number) || contains(value, number)
        case .abstract(_, let inner): return inner.contains { contains($0, number) }
        default: return false
        }
    }

    /// The less specific of two types that agree.
    static func moreGeneral(_ left: StaticType, _ right: StaticType) -> StaticType {
        isAtMostAsSpecific(left, right) ? left : right
    }

    private static func isAtMostAsSpecific(_ left: StaticType, _ right: StaticType) -> Bool {
        switch (left, right) {
        case (.dyn, _), (.parameter, _): return true
        case (_, .dyn), (_, .parameter): return false
        case (.null, _): return right == .null
        case (_, .null): return true
        case (.nullable(let left), .nullable(let right)): return isAtMostAsSpecific(left, right)
        case (.nullable, _): return true
        case (.list(let left), .list(let right)), (.optional(let left), .optional(let right)):
            return isAtMostAsSpecific(left, right)
        case (.map(let leftKey, let leftValue), .map(let rightKey, let rightValue)):
            return isAtMostAsSpecific(leftKey, rightKey)
                && isAtMostAsSpecific(leftValue, rightValue)
        case (.map, .record): return true
        case (.type, .type): return true
        case (.abstract(_, let left), .abstract(_, let right)):
            return left.count == right.count
                && zip(left, right).allSatisfy { isAtMostAsSpecific($0, $1) }
        default: return left == right
        }
    }
}

extension StaticType {
    /// The type with each parameter replaced.
    fileprivate func mapParameters(_ replace: (Int) -> StaticType) -> StaticType {
        switch self {
        case .parameter(let number): replace(number)
        case .list(let inner): .list(inner.mapParameters(replace))
        case .type(let inner): .type(inner.mapParameters(replace))
        case .optional(let inner): .optional(inner.mapParameters(replace))
        case .nullable(let inner): .nullable(inner.mapParameters(replace))
        case .map(let key, let value):
            .map(key.mapParameters(replace), value.mapParameters(replace))
        case .abstract(let name, let inner):
            .abstract(name, inner.map { $0.mapParameters(replace) })
        default: self
        }
    }
}
