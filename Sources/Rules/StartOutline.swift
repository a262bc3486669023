internal import SageMakerAPI

/// What of a rule's request is known before any event: enough to ask the service about it.
package struct StartOutline: Sendable, Equatable {
    /// A parameter that the rule gives, with its value unless that is an expression.
    package struct Parameter: Sendable, Equatable {
        package let name: String
        package let value: String?

        package init(name: String, value: String?) {
            self.name = name
            self.value = value
        }
    }

    /// The pipeline's name or ARN; nil where it is an expression.
    package let pipelineName: String?
    package let pipelineVersionID: Int64?
    package let pipelineVersionAlias: String?
    /// What is sent of the rule's parameters; nil where the names are not all known.
    package let parameters: [Parameter]?
    /// The names of the parameters that are never sent: empty, with `emptyParameters: omit`.
    package let omittedParameters: [String]
}

extension Rule {
    /// What of the rule's request is known before any event.
    package var outline: StartOutline {
        let parameters =
            request.member(RequestValue.parametersName).map(\.outlineParameters) ?? []
        let isOmitted: (StartOutline.Parameter) -> Bool = { [emptyParameters] in
            emptyParameters == .omit && $0.value == ""
        }
        return StartOutline(
            pipelineName: request.member("PipelineName")?.literal?.text,
            pipelineVersionID: request.member("PipelineVersionId")?.literal?.number,
            pipelineVersionAlias: request.member("PipelineVersionAlias")?.literal?.text,
            parameters: parameters?.filter { !isOmitted($0) },
            omittedParameters: parameters?.filter(isOmitted).map(\.name) ?? [])
    }
}

extension RequestTemplate {
    fileprivate func member(_ name: String) -> RequestTemplate? {
        switch self {
        case .literal(let value): value[name].map(RequestTemplate.literal)
        case .structure(let members): members.first { $0.name == name }?.value
        case .text, .list, .parameters: nil
        }
    }

    /// The parameters of a list in either form; nil where a name is an expression.
    fileprivate var outlineParameters: [StartOutline.Parameter]? {
        switch self {
        case .parameters(let members):
            return members.map { .init(name: $0.name, value: $0.value.literal?.text) }
        case .literal(.list(let elements)):
            return Self.named(elements.map(RequestTemplate.literal))
        case .list(let elements): return Self.named(elements)
        case .literal, .structure, .text: return nil
        }
    }

    private static func named(_ elements: [RequestTemplate]) -> [StartOutline.Parameter]? {
        var parameters: [StartOutline.Parameter] = []
        for element in elements {
            guard let name = element.member("Name")?.literal?.text else { return nil }
            parameters.append(.init(name: name, value: element.member("Value")?.literal?.text))
        }
        return parameters
    }
}

extension RequestValue {
    fileprivate var number: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }
}
