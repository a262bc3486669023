internal import SageMakerAPI

/// What becomes of a pipeline parameter whose value is empty.
package enum EmptyParameters: String, Sendable, CaseIterable {
    /// The start fails.
    case refuse
    /// The parameter is left out, so that the pipeline's own default counts.
    case omit
    /// The empty value is sent.
    case send
}

extension EmptyParameters {
    /// The request with this said of its empty parameters.
    func applied(to request: RequestValue) throws(RenderingError) -> RequestValue {
        guard case .structure(var members) = request,
            let index = members.firstIndex(where: { $0.name == RequestValue.parametersName }),
            case .list(let parameters) = members[index].value
        else { return request }
        var kept: [RequestValue] = []
        for parameter in parameters {
            if parameter["Value"]?.text?.isEmpty == true {
                switch self {
                case .omit: continue
                case .send: break
                case .refuse:
                    let name = parameter["Name"]?.text ?? ""
                    throw RenderingError(
                        "\(RequestValue.parametersName).\(printable(name)): " + Self.refusal)
                }
            }
            kept.append(parameter)
        }
        members[index].value = .list(kept)
        return .structure(members)
    }

    /// What is said of an empty parameter that is refused.
    static let refusal = "is empty; emptyParameters: omit or send says what to do with it"
}

extension RequestValue {
    /// The member that holds the pipeline parameters.
    static let parametersName = "PipelineParameters"

    /// Refuses two parameters of one name, which nothing says the meaning of.
    func checkParameterNames() throws(RenderingError) {
        guard case .list(let parameters)? = self[Self.parametersName] else { return }
        var names: Set<String> = []
        for (index, parameter) in parameters.enumerated() {
            guard let name = parameter["Name"]?.text, !names.insert(name).inserted else { continue }
            throw RenderingError(
                "\(Self.parametersName)[\(index)].Name: \(printable(name)) is given twice")
        }
    }

    /// A parameter in AWS's form.
    static func parameter(_ name: String, _ value: RequestValue) -> RequestValue {
        .structure([
            RequestMember(name: "Name", value: .string(name)),
            RequestMember(name: "Value", value: value),
        ])
    }
}

extension Shape {
    /// Whether this is a list of names and values, which a rule may write as a mapping.
    var isParameterList: Bool { parameterShapes != nil }

    /// The shapes of a parameter's name and value, where this is a list of such.
    var parameterShapes: (name: Shape, value: Shape)? {
        guard case .list(let element) = kind, case .structure(let members) = element.kind,
            members.count == 2, let name = element.member("Name"),
            let value = element.member("Value")
        else { return nil }
        return (name.shape, value.shape)
    }
}
