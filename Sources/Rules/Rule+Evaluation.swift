internal import CEL
internal import Events
internal import SageMakerAPI

/// Which part of `on` said no.
enum FilterRefusal: Equatable {
    /// The kind of event is not looked at.
    case kind
    case word(EventFilter.Word, of: EventKind)

    /// The clause as traces name it: `on.push.branches`.
    var clause: String {
        switch self {
        case .kind: "on"
        case .word(let word, let kind): "on.\(kind.rawValue).\(word.rawValue)"
        }
    }
}

extension Rule {
    /// Whether the rule looks at a source; nil stands for one that no rule names.
    func admits(source: String?) -> Bool {
        guard let sources else { return true }
        return sources.contains { $0.text == source }
    }

    /// The first part of `on` that says no; nil when an event is wanted.
    func filterRefusal(of event: Event) -> FilterRefusal? {
        guard let filters else { return event.kind == .ping ? .kind : nil }
        var refusal: FilterRefusal?
        for filter in filters where filter.covers(event) {
            guard let word = filter.refusal(of: event) else { return nil }
            refusal = refusal ?? .word(word, of: filter.kind)
        }
        return refusal ?? .kind
    }

    /// Why a part of `on` says no, in a sentence.
    func reason(_ refusal: FilterRefusal, for event: Event) -> String {
        switch refusal {
        case .kind:
            let kinds = filters?.map(\.kind.rawValue).joined(separator: ", ")
            return "event kind \"\(event.kind.rawValue)\" is "
                + (kinds.map { "none of \($0)" } ?? "not looked at without on")
        case .word(let word, let kind):
            let filter = filters?.first { $0.kind == kind }
            return filter?.reason(word, for: event) ?? "\(word.rawValue) says no"
        }
    }

    /// Whether `when` says yes.
    func holds(_ activation: any CELActivation) throws(RenderingError) -> Bool {
        guard let condition else { return true }
        let value: CELValue
        do {
            value = try condition.evaluate(activation)
        } catch {
            throw RenderingError("when: \(error.description)")
        }
        guard let result = value.boolValue else {
            throw RenderingError("when: must be true or false, is \(value.typeName)")
        }
        return result
    }

    /// The start of an event that every clause says yes to.
    func start(
        _ event: Event, in delivery: Delivery, _ activation: any CELActivation
    ) throws(RenderingError) -> StartRequest {
        guard case .structure(var members)? = try request.render(activation) else {
            throw RenderingError("start: must be a structure")
        }
        let token: String
        let own = members.first { $0.name == Self.tokenName }
        if let own {
            token = own.value.text ?? ""
        } else {
            token = StartRequest.token(
                source: delivery.source, deliveryID: delivery.deliveryID,
                eventIndex: event.index, rule: name)
            members.append(RequestMember(name: Self.tokenName, value: .string(token)))
        }
        let request = try emptyParameters.applied(to: .structure(members))
        try request.checkParameterNames()
        let region = region ?? StartPipelineExecution.region(of: request)
        let violations = StartPipelineExecution.violations(in: request, region: region)
        guard violations.isEmpty else { throw RenderingError(violations, in: request) }
        return StartRequest(
            rule: name, eventIndex: event.index, token: token, hasOwnToken: own != nil,
            region: region, roleARN: roleARN, request: request.encoded(), callback: callback,
            reply: try reply?.rendered(activation))
    }

    /// AWS's name of the token.
    private static let tokenName = "ClientRequestToken"
}

extension RenderingError {
    /// What AWS would have against a rendered request: the first few of its objections.
    fileprivate init(_ violations: [ShapeViolation], in request: RequestValue) {
        let shown = violations.prefix(3).map { violation in
            violation.description
                + (request.parameterName(at: violation.path).map { " (\($0))" } ?? "")
        }
        self.init(shown.joined(separator: "; "))
    }
}

extension RequestValue {
    /// The name of the pipeline parameter that a path such as `PipelineParameters[3].Value` is in.
    fileprivate func parameterName(at path: String) -> String? {
        let front = Self.parametersName + "["
        guard path.hasPrefix(front),
            let index = Int(path.dropFirst(front.count).prefix { $0 != "]" }),
            case .list(let parameters)? = self[Self.parametersName],
            parameters.indices.contains(index)
        else { return nil }
        return parameters[index]["Name"]?.text.map { printable($0) }
    }
}
