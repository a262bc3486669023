internal import JSON
package import SageMakerAPI

/// A case of a rule file's `tests`: a payload and the rules that it starts.
package struct RuleTest: Sendable {
    /// Where a test's payload is.
    package enum Payload: Sendable, Equatable {
        /// A file's path, relative to the rule file.
        case file(String)
        /// JSON.
        case inline([UInt8])
    }

    /// A rule that must start, and with what.
    package struct Expectation: Sendable {
        package let rule: String
        package let place: Place
        package let requests: Requests
    }

    /// Parts of requests that are sent: what is not in them may be anything.
    package enum Requests: Sendable {
        /// The rule may start for several of a delivery's events, each time with this.
        case every(RequestValue)
        /// The rule starts for so many of a delivery's events, with these in the events' order.
        case inOrder([RequestValue])
    }

    package let name: String
    package let place: Place
    package let payload: Payload
    package let payloadPlace: Place
    package let source: String
    package let sourcePlace: Place
    /// Header fields, names in lower case.
    package let headers: [String: String]
    /// The sender's own name of the event, which its header field carries; nil where the payload's
    /// file or the headers say it.
    package let event: String?
    /// The fields of the request target's query.
    package let query: [String: String]
    package let client: Client
    /// Exactly the rules that start.
    package let expectations: [Expectation]

    /// Who sent a test's delivery.
    package struct Client: Sendable, Equatable {
        /// Nil where the test does not say it.
        package var address: String?
        /// What a certificate says, with mTLS.
        package var subject: String?
        package var names: [String]

        package init(address: String? = nil, subject: String? = nil, names: [String] = []) {
            self.address = address
            self.subject = subject
            self.names = names
        }
    }
}

extension RuleTest {
    private static let keys = [
        "name", "payload", "body", "source", "headers", "event", "query", "client", "expect",
    ]

    /// Reads one element of `tests`; nil for what is reported.
    init?(_ node: YAMLNode, _ problems: ProblemList) {
        guard let fields = YAMLFields(node, "a test", keys: Self.keys, problems: problems) else {
            return nil
        }
        let name = fields.required("name").flatMap { $0.text("a test's name", problems) }
        let payload = Self.payload(fields, problems)
        let source = fields.required("source").flatMap { node in
            node.text("a source name", problems).map { (text: $0, place: node.place) }
        }
        headers = fields["headers"].map { Self.headers($0, problems) } ?? [:]
        query = fields["query"].map { Self.query($0, problems) } ?? [:]
        client = fields["client"].map { Self.client($0, problems) } ?? Client()
        event = fields["event"].flatMap { $0.text("an event's name", problems) }
        let expect = fields.required("expect")
        expectations = expect.map { Self.expectations($0, problems) } ?? []
        guard let name, let payload, let source, expect != nil else { return nil }
        self.name = name
        self.payload = payload.value
        payloadPlace = payload.place
        self.source = source.text
        sourcePlace = source.place
        place = node.place
    }

    private static func payload(
        _ fields: YAMLFields, _ problems: ProblemList
    ) -> (value: Payload, place: Place)? {
        problems.note(fields.place) { $0.choice = ["payload", "body"] }
        switch (fields["payload"], fields["body"]) {
        case (let path?, nil):
            return path.text("a payload's path", problems).map { (.file($0), path.place) }
        case (nil, let body?):
            // A text is JSON already, as it is copied from somewhere; all else is written as JSON.
            if let text = body.scalar, text.kind == .string {
                return (.inline(Array(text.text.utf8)), body.place)
            }
            var writer = JSONWriter()
            body.write(to: &writer)
            return (.inline(writer.bytes), body.place)
        case (.some, let body?):
            problems.report(body.place, "body excludes payload")
            return nil
        case (nil, nil):
            problems.report(fields.place, "a test needs the key \"payload\" or \"body\"")
            return nil
        }
    }

    private static func headers(_ node: YAMLNode, _ problems: ProblemList) -> [String: String] {
        var headers: [String: String] = [:]
        for member in node.members("header fields", problems) ?? [] {
            guard let value = member.value.writtenText("a field value", problems) else { continue }
            if headers.updateValue(value, forKey: member.key.lowercased()) != nil {
                problems.report(member.keyPlace, "the header field is given twice")
            }
        }
        return headers
    }

    private static func query(_ node: YAMLNode, _ problems: ProblemList) -> [String: String] {
        var query: [String: String] = [:]
        for member in node.members("query fields", problems) ?? [] {
            query[member.key] = member.value.writtenText("a field value", problems)
        }
        return query
    }

    private static func client(_ node: YAMLNode, _ problems: ProblemList) -> Client {
        let keys = ["address", "subject", "names"]
        guard let fields = YAMLFields(node, "a client", keys: keys, problems: problems) else {
            return Client()
        }
        var client = Client()
        client.address = fields["address"]?.text("an address", problems)
        client.subject = fields["subject"]?.text("a certificate's subject", problems)
        client.names = (fields["names"]?.elements("a certificate's names", problems) ?? [])
            .compactMap { $0.text("a name", problems) }
        if client.subject == nil, let names = fields["names"] {
            problems.report(names.place, "names are a certificate's, which has a subject too")
        }
        return client
    }

    private static func expectations(
        _ node: YAMLNode, _ problems: ProblemList
    ) -> [Expectation] {
        (node.members("rules with their requests", problems) ?? []).compactMap { member in
            requests(member, problems).map {
                Expectation(rule: member.key, place: member.keyPlace, requests: $0)
            }
        }
    }

    /// One request for every start of a rule, or a list of one for each.
    private static func requests(_ member: YAMLMember, _ problems: ProblemList) -> Requests? {
        guard case .sequence(let elements) = member.value.content else {
            return request(member.value, of: member.key, problems).map { .every($0) }
        }
        if elements.isEmpty {
            problems.report(member.value.place, "expected a request for each start, not none")
        }
        let requests = elements.compactMap { request($0, of: member.key, problems) }
        return requests.count == elements.count ? .inOrder(requests) : nil
    }

    private static func request(
        _ node: YAMLNode, of rule: String, _ problems: ProblemList
    ) -> RequestValue? {
        guard !node.isNull else { return .structure([]) }
        return RequestCompiler(problems, hasTemplates: false)
            .compile(node, StartPipelineExecution.input, path: rule)?.literal
    }
}

extension YAMLNode {
    /// Writes the value as JSON; a number keeps its text where JSON has the same.
    fileprivate func write(to writer: inout JSONWriter) {
        switch content {
        case .scalar(let scalar):
            if scalar.kind == .null {
                writer.null()
            } else if let bool = scalar.bool {
                writer.bool(bool)
            } else if let integer = scalar.integer {
                writer.int(integer)
            } else if let number = scalar.number {
                writer.double(number)
            } else {
                writer.string(scalar.text)
            }
        case .sequence(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .mapping(let members):
            writer.beginObject()
            for member in members {
                writer.name(member.key)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}
