internal import CEL
internal import SageMakerAPI

extension Rule {
    private static let keys = [
        "name", "source", "on", "let", "when", "start", "region", "roleArn", "callback",
        "emptyParameters", "reply",
    ]

    /// Reads one element of `rules`; nil for what is no mapping, which is reported.
    ///
    /// What is reported of a part leaves the rule there, to be checked against the others and the
    /// configuration: it stands in only until the problems are told.
    /// - Parameter environment: What its expressions are compiled against.
    init?(_ node: YAMLNode, _ environment: CELEnvironment, _ problems: ProblemList) {
        guard let fields = YAMLFields(node, "a rule", keys: Self.keys, problems: problems) else {
            return nil
        }
        let name = Self.name(fields, problems)
        let sources = fields.required("source").map { Self.sources($0, problems) }
        filters = fields["on"].map { EventFilter.decode($0, problems) }
        let lets =
            fields["let"].map { RuleLets($0, environment, problems) } ?? RuleLets(environment)
        let compiler = ExpressionCompiler(problems: problems, environment: lets.environment)
        condition = fields["when"].flatMap { compiler.condition($0) }
        conditionText = fields["when"]?.scalar?.text
        if let node = fields["emptyParameters"] {
            problems.note(node.place) { $0.fallback = .text(EmptyParameters.refuse.rawValue) }
        }
        let emptyParameters: EmptyParameters =
            fields["emptyParameters"].flatMap { $0.word("emptyParameters", problems) } ?? .refuse
        let region = fields["region"].flatMap { Self.region($0, problems) }
        roleARN = fields["roleArn"].flatMap { Self.role($0, problems) }
        let start = fields.required("start")
        let request = start.flatMap {
            RequestCompiler(
                problems, emptyParameters: emptyParameters, environment: lets.environment
            ).compile($0, StartPipelineExecution.input, path: "")
        }
        if let start, let request { Self.checkMembers(request, start, region, problems) }
        callback = fields["callback"].flatMap { RuleCallback($0, problems) }
        callbackPlace = fields["callback"].flatMap { callback in
            guard case .mapping(let members) = callback.content else { return nil }
            return members.first { $0.key == "url" }?.value.place
        }
        finishedPlace = fields["callback"].flatMap {
            RuleCallback.place(of: .finished, inCallback: $0)
        }
        reply = fields["reply"].flatMap { RuleReply($0, compiler, problems) }
        self.lets = lets
        self.name = name ?? ""
        self.sources = sources ?? []
        self.request = request ?? .literal(.structure([]))
        self.emptyParameters = emptyParameters
        self.region = region
        let literal = RequestValue.structure(self.request.literalMembers)
        decidesRegion =
            fields["region"] != nil || request == nil
            || StartPipelineExecution.region(of: literal) != nil
        place = fields["name"]?.place ?? node.place
    }

    /// What ``name(_:_:)`` takes, for schemas.
    package static let namePattern = "^[a-z0-9-]{1,64}$"
    /// What ``isRegion(_:)`` takes, for schemas.
    package static let regionPattern = "^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$"

    /// The rule's name; the form is DESIGN's, for names are keys in answers and metrics.
    private static func name(_ fields: YAMLFields, _ problems: ProblemList) -> String? {
        guard let node = fields.required("name"), let name = node.text("a rule name", problems)
        else { return nil }
        problems.note(node.place) { $0.pattern = namePattern }
        let isValid =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                byte.isDigit || byte == UInt8(ascii: "-")
                    || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
            }
        if !isValid {
            problems.report(
                node.place,
                "a rule name is 1 to 64 of a-z, 0-9 and -, not \"\(printable(name))\"")
        }
        return name
    }

    private static func sources(_ node: YAMLNode, _ problems: ProblemList) -> [LocatedText]? {
        let elements = node.oneOrMore("source names", problems)
        problems.note(node.place) { $0.isNonEmpty = true }
        if elements.isEmpty { problems.report(node.place, "expected at least one source name") }
        let named = elements.compactMap { element in
            element.text("a source name", problems).map {
                LocatedText(text: $0, place: element.place)
            }
        }
        return named.contains { $0.text == "*" } ? nil : named
    }

    private static func region(_ node: YAMLNode, _ problems: ProblemList) -> String? {
        guard let region = node.text("a region", problems) else { return nil }
        problems.note(node.place) { $0.pattern = regionPattern }
        guard isRegion(region) else {
            problems.report(
                node.place, "expected a region such as eu-west-1, not \"\(printable(region))\"")
            return nil
        }
        return region
    }

    /// The role whose credentials sign the rule's starts, in the form of the AWS model.
    private static func role(_ node: YAMLNode, _ problems: ProblemList) -> String? {
        guard let text = node.text("a role's ARN", problems) else { return nil }
        let shape = StartPipelineExecution.input.member("RoleArn")?.shape
        problems.note(node.place) { $0.pattern = shape?.pattern.map { "^(?:\($0))$" } }
        guard shape?.violations(inText: text).isEmpty ?? false else {
            problems.report(
                node.place,
                "expected a role such as arn:aws:iam::123456789012:role/starter, not "
                    + "\"\(printable(text))\"")
            return nil
        }
        return text
    }

    /// Whether a text has the form of an AWS region, as it is put into host names.
    package static func isRegion(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "-")
            && text.utf8.last != UInt8(ascii: "-")
            && text.utf8.allSatisfy { byte in
                byte.isDigit || byte == UInt8(ascii: "-")
                    || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
            }
    }

    /// Reports what the literal members of a request have against each other.
    private static func checkMembers(
        _ request: RequestTemplate, _ start: YAMLNode, _ region: String?, _ problems: ProblemList
    ) {
        let literal = RequestValue.structure(request.literalMembers)
        // What the members are by themselves was checked where they are written.
        let alone = StartPipelineExecution.input.violations(in: literal).count
        let all = StartPipelineExecution.violations(in: literal, region: region)
        for violation in all.dropFirst(alone) {
            // What an expression gives is checked when it is known.
            if literal[violation.path] == nil, request.hasMember(violation.path) { continue }
            problems.report(start.place(ofPath: violation.path), violation.description)
        }
    }
}

extension RequestTemplate {
    /// Whether this is a structure with a member of this name, an expression or not.
    fileprivate func hasMember(_ name: String) -> Bool {
        switch self {
        case .literal(let value): value[name] != nil
        case .structure(let members): members.contains { $0.name == name }
        case .text, .list, .parameters: false
        }
    }

    /// The members of a structure that have no expressions, or are known but for them.
    fileprivate var literalMembers: [RequestMember] {
        switch self {
        case .literal(.structure(let members)): members
        case .structure(let members):
            members.compactMap { member in
                switch member.value {
                case .literal(let value): RequestMember(name: member.name, value: value)
                case .structure:
                    RequestMember(
                        name: member.name, value: .structure(member.value.literalMembers))
                case .text(let template, _) where member.name == "PipelineName":
                    template.exampleARN.map { RequestMember(name: member.name, value: .string($0)) }
                case .text, .list, .parameters: nil
                }
            }
        case .literal, .text, .list, .parameters: []
        }
    }
}

extension TextTemplate {
    /// An ARN like those that it gives, where it leaves only the pipeline's name to expressions.
    fileprivate var exampleARN: String? {
        guard case .text(let known)? = pieces.first,
            let name = known.firstRange(of: ":pipeline/")?.upperBound
        else { return nil }
        return known[..<name] + "x"
    }
}

extension YAMLNode {
    /// The place of the member at a path such as `A.B`, as far as the path leads.
    func place(ofPath path: String) -> Place {
        var node = self
        for step in path.split(separator: ".") {
            guard case .mapping(let members) = node.content,
                let member = members.first(where: { $0.key == step })
            else { break }
            node = member.value
        }
        return node.place
    }
}
