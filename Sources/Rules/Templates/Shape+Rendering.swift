internal import CEL
internal import JSON
internal import SageMakerAPI

extension Shape {
    /// The request's value for a text.
    /// - Throws: ``RenderingError`` where the shape wants something else.
    func requestValue(text: String) throws(RenderingError) -> RequestValue {
        switch kind {
        case .string: return .string(text)
        case .integer:
            guard let number = Int64(text) else {
                throw RenderingError("must be an integer, is \(quoted(text))")
            }
            return .integer(number)
        case .timestamp:
            if let number = Int64(text) { return .integer(number) }
            guard let number = Double(text), number.isFinite else {
                throw RenderingError("must be \(kind.name), is \(quoted(text))")
            }
            return .number(number)
        case .boolean:
            guard let value = Bool(text) else {
                throw RenderingError("must be true or false, is \(quoted(text))")
            }
            return .boolean(value)
        case .list, .structure: throw RenderingError("must be \(kind.name), is text")
        }
    }

    /// The request's value for the value of an expression: numbers and booleans become text where
    /// a text is wanted.
    /// - Throws: ``RenderingError`` where the shape wants something else.
    func requestValue(_ value: CELValue, depth: Int) throws(RenderingError) -> RequestValue {
        guard depth <= RulesLimits.valueNestingMax else {
            throw RenderingError("is nested deeper than \(RulesLimits.valueNestingMax) levels")
        }
        guard !value.isNull else { throw RenderingError("is null") }
        switch kind {
        case .string: return .string(try value.renderedText())
        case .integer: return try integer(value)
        case .timestamp:
            if case .double(let number) = value { return .number(number) }
            return try integer(value)
        case .boolean:
            if let bool = value.boolValue { return .boolean(bool) }
        case .list(let element):
            if let elements = value.elements {
                return try list(elements, of: element, depth: depth)
            }
            if let members = value.members, let shapes = parameterShapes {
                let parameters = try structure(members, depth: depth) { _ in shapes.value }
                return .list(parameters.map { .parameter($0.name, $0.value) })
            }
        case .structure:
            if let members = value.members {
                return .structure(
                    try structure(members, depth: depth) { name in member(name)?.shape })
            }
        }
        guard let text = value.stringValue else {
            throw RenderingError("must be \(kind.name), is \(value.typeName)")
        }
        return try requestValue(text: text)
    }

    private func integer(_ value: CELValue) throws(RenderingError) -> RequestValue {
        switch value {
        case .int(let number): return .integer(number)
        case .uint(let number):
            guard let number = Int64(exactly: number) else {
                throw RenderingError("must be an integer of at most 64 bits, is \(number)")
            }
            return .integer(number)
        default:
            guard let text = value.stringValue else {
                throw RenderingError("must be an integer, is \(value.typeName)")
            }
            return try requestValue(text: text)
        }
    }

    private func list(
        _ elements: [CELValue], of shape: Shape, depth: Int
    ) throws(RenderingError) -> RequestValue {
        var values: [RequestValue] = []
        for (index, element) in elements.enumerated() {
            values.append(
                try RenderingError.under("[\(index)]") { () throws(RenderingError) in
                    try shape.requestValue(element, depth: depth + 1)
                })
        }
        return .list(values)
    }

    private func structure(
        _ members: [(name: String, value: CELValue)], depth: Int, shape: (String) -> Shape?
    ) throws(RenderingError) -> [RequestMember] {
        var values: [RequestMember] = []
        for (name, value) in members {
            let converted = try RenderingError.under(printable(name)) {
                () throws(RenderingError) in
                guard let shape = shape(name) else {
                    throw RenderingError("is no member of \(self.name)")
                }
                return try shape.requestValue(value, depth: depth + 1)
            }
            values.append(RequestMember(name: name, value: converted))
        }
        return values
    }
}

extension CELValue {
    /// The elements of a list, else nil.
    fileprivate var elements: [CELValue]? {
        switch self {
        case .list(let elements): elements
        case .jsonList(let value): value.elements.map { CELValue(json: $0) }
        default: nil
        }
    }

    /// The members of a map with text keys, else nil.
    fileprivate var members: [(name: String, value: CELValue)]? {
        switch self {
        case .map(let map):
            let named = map.entries.compactMap { entry in
                entry.key.stringValue.map { (name: $0, value: entry.value) }
            }
            return named.count == map.entries.count ? named : nil
        case .jsonMap(let value):
            return value.uniqueMembers.map {
                (name: $0.name.string ?? "", value: CELValue(json: $0.value))
            }
        case .object(let object):
            return object.memberNames.map { (name: $0, value: object.member($0) ?? .null) }
        default: return nil
        }
    }
}
