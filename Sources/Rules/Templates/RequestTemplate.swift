internal import CEL
internal import SageMakerAPI

/// A request, or a part of one, that is rendered for each event.
indirect enum RequestTemplate: Sendable {
    /// A part without expressions, checked when it was loaded.
    case literal(RequestValue)
    /// A scalar with expressions, for a place of the API that has a shape.
    case text(TextTemplate, Shape)
    case structure([RequestMemberTemplate])
    case list([RequestTemplate])
    /// The map form of a list of names and values.
    case parameters([RequestMemberTemplate])
}

/// A member of a structure, or a pipeline parameter of the map form.
struct RequestMemberTemplate: Sendable {
    let name: String
    let value: RequestTemplate
}

extension RequestTemplate {
    /// The value without expressions, else nil.
    var literal: RequestValue? {
        if case .literal(let value) = self { value } else { nil }
    }

    /// Evaluates every expression.
    /// - Returns: Nil where an expression says that its value may be absent, and it is.
    func render(_ activation: any CELActivation) throws(RenderingError) -> RequestValue? {
        switch self {
        case .literal(let value): return value
        case .text(let template, let shape):
            switch try template.value(activation) {
            case .absent: return nil
            case .text(let text): return try shape.requestValue(text: text)
            case .value(let value):
                return try shape.requestValue(value, depth: 0)
            }
        case .structure(let members): return .structure(try render(members, activation))
        case .list(let elements): return try render(elements, activation)
        case .parameters(let parameters):
            return .list(try render(parameters, activation).map { .parameter($0.name, $0.value) })
        }
    }

    private func render(
        _ members: [RequestMemberTemplate], _ activation: any CELActivation
    ) throws(RenderingError) -> [RequestMember] {
        var rendered: [RequestMember] = []
        for member in members {
            let value = try RenderingError.under(member.name) { () throws(RenderingError) in
                try member.value.render(activation)
            }
            if let value { rendered.append(RequestMember(name: member.name, value: value)) }
        }
        return rendered
    }

    private func render(
        _ elements: [RequestTemplate], _ activation: any CELActivation
    ) throws(RenderingError) -> RequestValue {
        var rendered: [RequestValue] = []
        for (index, element) in elements.enumerated() {
            let value = try RenderingError.under("[\(index)]") { () throws(RenderingError) in
                try element.render(activation)
            }
            if let value, !element.lacksValue(value) { rendered.append(value) }
        }
        return .list(rendered)
    }

    /// Whether this is a parameter, a name with a value, whose value's expression left it out: then
    /// there is no parameter. One that never had a value is the API's to refuse.
    private func lacksValue(_ rendered: RequestValue) -> Bool {
        guard case .structure(let members) = self, rendered["Value"] == nil else { return false }
        return members.contains { $0.name == "Value" }
    }
}
