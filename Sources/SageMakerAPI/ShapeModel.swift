internal import JSON

/// The shapes of an API model in botocore's JSON form.
///
/// A member that AWS adds is a change of the data file alone.
struct ShapeModel {
    private let shapes: JSONValue

    /// - Parameter root: An object with `shapes`.
    init(_ root: JSONValue) throws(SageMakerAPIError) {
        guard let shapes = root["shapes"], shapes.kind == .object else {
            throw .brokenModel(reason: "no shapes")
        }
        self.shapes = shapes
    }

    /// What the model says of a name, or nil.
    subscript(_ name: String) -> JSONValue? { shapes[name] }

    /// The shape of a name with all it reaches.
    /// - Throws: ``SageMakerAPIError`` for what is missing, unknown or refers to itself.
    func shape(named name: String) throws(SageMakerAPIError) -> Shape {
        try shape(named: name, depth: 0)
    }

    private func shape(named name: String, depth: Int) throws(SageMakerAPIError) -> Shape {
        guard depth <= SageMakerAPILimits.depthMax else {
            throw .tooDeep(limit: SageMakerAPILimits.depthMax)
        }
        guard let json = shapes[name] else { throw .brokenModel(reason: "no shape \(name)") }
        return try Shape(
            name: name, kind: try kind(of: json, name: name, depth: depth),
            min: json["min"]?.int, max: json["max"]?.int, pattern: json["pattern"]?.string,
            allowedTexts: json["enum"]?.elements.compactMap(\.string))
    }

    private func kind(
        of json: JSONValue, name: String, depth: Int
    ) throws(SageMakerAPIError) -> Shape.Kind {
        switch json["type"]?.string {
        case "string": return .string
        case "boolean": return .boolean
        case "integer": return .integer(try range(of: json, name: name, as: Int32.self))
        case "timestamp": return .timestamp
        case "long": return .integer(try range(of: json, name: name, as: Int64.self))
        case "list":
            guard let element = json.at("member", "shape")?.string else {
                throw .brokenModel(reason: "\(name) has no member shape")
            }
            return .list(try shape(named: element, depth: depth + 1))
        case "structure":
            return .structure(try members(of: json, name: name, depth: depth))
        case let other:
            throw .brokenModel(reason: "\(name) has the type \(other ?? "null")")
        }
    }

    private func range<Value: FixedWidthInteger>(
        of json: JSONValue, name: String, as type: Value.Type
    ) throws(SageMakerAPIError) -> ClosedRange<Int64> {
        let least = json["min"]?.int ?? Int64(Value.min)
        let most = json["max"]?.int ?? Int64(Value.max)
        guard least <= most else { throw .brokenModel(reason: "\(name) has an empty range") }
        return least...most
    }

    private func members(
        of json: JSONValue, name: String, depth: Int
    ) throws(SageMakerAPIError) -> [ShapeMember] {
        let required = json["required"]?.elements.compactMap(\.string) ?? []
        var members: [ShapeMember] = []
        guard let described = json["members"] else {
            throw .brokenModel(reason: "\(name) has no members")
        }
        for (key, member) in described.members {
            guard let key = key.string, let target = member["shape"]?.string else {
                throw .brokenModel(reason: "a member of \(name) has no shape")
            }
            members.append(
                ShapeMember(
                    name: key, shape: try shape(named: target, depth: depth + 1),
                    isRequired: required.contains(key),
                    isIdempotencyToken: member["idempotencyToken"]?.bool ?? false))
        }
        return members
    }
}
