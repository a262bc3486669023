internal import JSON

/// What a reply of the API may be: the kinds of a model's output, and no more.
///
/// Looser than ``Shape`` on purpose: AWS adds members and words to replies at any time, and a client
/// that refused one would lose a result that is there. What a reply has must be of the kind that the
/// model says; what it has not, or has besides, is not looked at.
indirect enum ReplyShape: Sendable {
    case text
    case number
    case boolean
    case list(ReplyShape)
    case map(ReplyShape)
    case structure([String: ReplyShape])
    /// A kind that this version knows nothing of.
    case anything

    /// The path of the first value that is not of its shape, or nil where all are; `the reply` for
    /// the value itself.
    func mismatch(in json: JSONValue) -> String? { mismatch(in: json, at: ValuePath()) }

    private func mismatch(in json: JSONValue, at path: ValuePath) -> String? {
        // A member that is null is absent (AWS's JSON protocol).
        if json.isNull { return nil }
        let isRight =
            switch self {
            case .text: json.kind == .string
            // Timestamps are seconds with a fraction.
            case .number: [.int, .uint, .double].contains(json.kind)
            case .boolean: json.kind == .bool
            case .list: json.kind == .array
            case .map, .structure: json.kind == .object
            case .anything: true
            }
        guard isRight else {
            let text = path.description
            return text.isEmpty ? "the reply" : text
        }
        switch self {
        case .text, .number, .boolean, .anything: return nil
        case .list(let element): return mismatch(of: element, inListOf: json, at: path)
        case .map(let value): return mismatch(in: json, at: path) { _ in value }
        case .structure(let members): return mismatch(in: json, at: path) { members[$0] }
        }
    }

    private func mismatch(
        of element: ReplyShape, inListOf json: JSONValue, at path: ValuePath
    ) -> String? {
        for (position, value) in json.elements.enumerated() {
            if let found = element.mismatch(in: value, at: path.appending(index: position)) {
                return found
            }
        }
        return nil
    }

    private func mismatch(
        in json: JSONValue, at path: ValuePath, shape: (String) -> ReplyShape?
    ) -> String? {
        for (key, value) in json.members {
            guard let name = key.string, let shape = shape(name) else { continue }
            if let found = shape.mismatch(in: value, at: path.appending(member: name)) {
                return found
            }
        }
        return nil
    }
}

extension ShapeModel {
    /// The shape of a reply.
    /// - Throws: ``SageMakerAPIError`` for what is missing or refers to itself.
    func replyShape(named name: String) throws(SageMakerAPIError) -> ReplyShape {
        try replyShape(named: name, depth: 0)
    }

    private func replyShape(
        named name: String?, depth: Int
    ) throws(SageMakerAPIError) -> ReplyShape {
        guard depth <= SageMakerAPILimits.depthMax else {
            throw .tooDeep(limit: SageMakerAPILimits.depthMax)
        }
        guard let name, let json = self[name] else {
            throw .brokenModel(reason: "no shape \(name ?? "of a reply's part")")
        }
        switch json["type"]?.string {
        case "string", "blob": return .text
        case "integer", "long", "float", "double", "timestamp": return .number
        case "boolean": return .boolean
        case "list":
            return .list(
                try replyShape(named: json.at("member", "shape")?.string, depth: depth + 1))
        case "map":
            return .map(try replyShape(named: json.at("value", "shape")?.string, depth: depth + 1))
        case "structure":
            var members: [String: ReplyShape] = [:]
            guard let described = json["members"] else { return .structure([:]) }
            for (key, member) in described.members {
                members[key.string ?? ""] = try replyShape(
                    named: member["shape"]?.string, depth: depth + 1)
            }
            return .structure(members)
        default: return .anything
        }
    }
}
