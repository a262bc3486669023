internal import CEL
internal import SageMakerAPI

/// Makes a template of a request that is written in YAML, and checks all that is literal.
struct RequestCompiler {
    private let problems: ProblemList
    private let expressions: ExpressionCompiler
    private let hasTemplates: Bool
    private let emptyParameters: EmptyParameters

    /// For the `start` of a rule.
    /// - Parameter environment: What its expressions are compiled against.
    init(
        _ problems: ProblemList, emptyParameters: EmptyParameters, environment: CELEnvironment
    ) {
        self.init(
            problems, hasTemplates: true, emptyParameters: emptyParameters,
            environment: environment)
    }

    /// - Parameter hasTemplates: False where `${` is text and values are only parts of requests,
    ///   as in what a test expects: then nothing is required and no length is checked.
    init(
        _ problems: ProblemList, hasTemplates: Bool, emptyParameters: EmptyParameters = .send,
        environment: CELEnvironment = RuleVariable.environment
    ) {
        self.problems = problems
        expressions = ExpressionCompiler(problems: problems, environment: environment)
        self.hasTemplates = hasTemplates
        self.emptyParameters = emptyParameters
    }

    /// The template of a value of some shape; nil for what is reported.
    func compile(_ node: YAMLNode, _ shape: Shape, path: String) -> RequestTemplate? {
        switch (node.content, shape.kind) {
        case (.scalar(let scalar), _): return self.scalar(scalar, node, shape, path: path)
        case (.mapping(let members), .structure):
            return structure(members, node, shape, path: path)
        case (.mapping(let members), .list) where shape.isParameterList:
            return parameters(members, shape, path: path)
        case (.sequence(let elements), .list(let element)):
            return list(elements, of: element, in: shape, node, path: path)
        case (.mapping, _), (.sequence, _):
            let orMapping = shape.isParameterList ? " or a mapping" : ""
            report(
                node.place, path, "must be \(shape.kind.name)\(orMapping), is \(node.kindName)")
            return nil
        }
    }

    private func scalar(
        _ scalar: YAMLScalar, _ node: YAMLNode, _ shape: Shape, path: String
    ) -> RequestTemplate? {
        guard scalar.kind != .null else {
            report(node.place, path, "must be \(shape.kind.name), is null")
            return nil
        }
        var text = scalar.text
        if hasTemplates {
            do {
                let parsed = try TemplateText(scalar.text)
                guard let literal = parsed.literal else {
                    return expressions.template(
                        parsed, in: node, for: shape.kind
                    ).map { .text($0, shape) }
                }
                text = literal
            } catch {
                problems.report(Place(ofOffset: error.offset, in: node), error.description)
                return nil
            }
        }
        do {
            let value = try shape.requestValue(text: text)
            return check(value, shape, node, path: path) ? .literal(value) : nil
        } catch {
            report(node.place, path, error.message)
            return nil
        }
    }

    /// Reports what the API has against a literal value.
    private func check(
        _ value: RequestValue, _ shape: Shape, _ node: YAMLNode, path: String
    ) -> Bool {
        guard hasTemplates else { return true }
        let violations = shape.violations(in: value)
        for violation in violations { report(node.place, path, violation.description) }
        return violations.isEmpty
    }

    private func structure(
        _ members: [YAMLMember], _ node: YAMLNode, _ shape: Shape, path: String
    ) -> RequestTemplate? {
        var compiled: [RequestMemberTemplate] = []
        for member in members {
            let path = path.isEmpty ? member.key : "\(path).\(member.key)"
            guard let known = shape.member(member.key) else {
                let nearest = shape.member(nearest: member.key)
                let hint = nearest.map { "; did you mean \"\($0.name)\"?" } ?? ""
                problems.report(
                    member.keyPlace,
                    "\(shape.name) has no member \"\(printable(member.key))\"" + hint)
                continue
            }
            guard let value = compile(member.value, known.shape, path: path) else { continue }
            compiled.append(RequestMemberTemplate(name: member.key, value: value))
        }
        if hasTemplates, case .structure(let known) = shape.kind {
            // The idempotency token is ours to give.
            for member in known where member.isRequired && !member.isIdempotencyToken {
                guard !members.contains(where: { $0.key == member.name }) else { continue }
                report(
                    node.place, path.isEmpty ? member.name : "\(path).\(member.name)", "is required"
                )
            }
        }
        let literals = compiled.compactMap { member in
            member.value.literal.map { RequestMember(name: member.name, value: $0) }
        }
        guard literals.count == compiled.count else { return .structure(compiled) }
        return .literal(.structure(literals))
    }

    private func list(
        _ elements: [YAMLNode], of element: Shape, in shape: Shape, _ node: YAMLNode, path: String
    ) -> RequestTemplate? {
        let compiled = elements.enumerated().compactMap { index, node in
            compile(node, element, path: "\(path)[\(index)]")
        }
        checkCount(elements.count, shape, node, path: path)
        if shape.isParameterList, compiled.count == elements.count {
            for (index, parameter) in compiled.enumerated() where parameter.isEmptyParameter {
                refuseEmpty(elements[index], path: "\(path)[\(index)].Value")
            }
            checkNames(of: compiled, elements, path: path)
        }
        let literals = compiled.compactMap(\.literal)
        return literals.count == compiled.count ? .literal(.list(literals)) : .list(compiled)
    }

    private func parameters(
        _ members: [YAMLMember], _ shape: Shape, path: String
    ) -> RequestTemplate? {
        guard let shapes = shape.parameterShapes else { return nil }
        var compiled: [RequestMemberTemplate] = []
        for member in members {
            let path = "\(path).\(printable(member.key))"
            if hasTemplates {
                for violation in shapes.name.violations(inText: member.key) {
                    report(member.keyPlace, path, "the name \(violation.message)")
                }
            }
            guard let value = compile(member.value, shapes.value, path: path) else { continue }
            if value.literal?.text == "" { refuseEmpty(member.value, path: path) }
            compiled.append(RequestMemberTemplate(name: member.key, value: value))
        }
        if let first = members.first {
            checkCount(members.count, shape, first.value, path: path)
        }
        let literals = compiled.compactMap { parameter in
            parameter.value.literal.map { RequestValue.parameter(parameter.name, $0) }
        }
        return literals.count == compiled.count ? .literal(.list(literals)) : .parameters(compiled)
    }

    private func checkCount(_ count: Int, _ shape: Shape, _ node: YAMLNode, path: String) {
        guard hasTemplates else { return }
        if let most = shape.max, count > most {
            report(node.place, path, "must have at most \(most) elements, has \(count)")
        } else if let least = shape.min, count < least {
            report(node.place, path, "must have at least \(least) elements, has \(count)")
        }
    }

    /// Reports parameters in AWS's form whose literal name an earlier one has: neither AWS's model nor
    /// its documentation says which value counts then. Names with expressions are compared when they
    /// are rendered.
    private func checkNames(
        of parameters: [RequestTemplate], _ nodes: [YAMLNode], path: String
    ) {
        guard hasTemplates else { return }
        var places: [String: Place] = [:]
        for (index, parameter) in parameters.enumerated() {
            guard let name = parameter.literalParameterName else { continue }
            let place = nodes[index].place(ofPath: "Name")
            if let first = places[name] {
                report(
                    place, "\(path)[\(index)].Name",
                    "\(printable(name)) is given twice; the first is in line \(first.line)")
            } else {
                places[name] = place
            }
        }
    }

    private func refuseEmpty(_ node: YAMLNode, path: String) {
        guard emptyParameters == .refuse else { return }
        report(node.place, path, EmptyParameters.refusal)
    }

    private func report(_ place: Place, _ path: String, _ message: String) {
        problems.report(place, path.isEmpty ? message : "\(path): \(message)")
    }
}

extension RequestTemplate {
    /// The name of a parameter in AWS's form, where it has no expression.
    fileprivate var literalParameterName: String? {
        switch self {
        case .literal(let value): value["Name"]?.text
        case .structure(let members): members.first { $0.name == "Name" }?.value.literal?.text
        case .text, .list, .parameters: nil
        }
    }

    /// Whether this is a parameter in AWS's form with a literal empty value.
    fileprivate var isEmptyParameter: Bool {
        switch self {
        case .literal(let value): value["Value"]?.text == ""
        case .structure(let members):
            members.contains { $0.name == "Value" && $0.value.literal?.text == "" }
        case .text, .list, .parameters: false
        }
    }
}
