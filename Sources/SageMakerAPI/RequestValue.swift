package import JSON

/// A value of a request in AWS's JSON protocol.
package indirect enum RequestValue: Sendable, Equatable {
    case string(String)
    case integer(Int64)
    /// A number that is no integer of 64 bits, such as a moment with a fraction of a second.
    case number(Double)
    case boolean(Bool)
    case list([RequestValue])
    /// Members in the order in which they are written.
    case structure([RequestMember])

    /// The kind with its article, for messages: `a string`.
    package var kindName: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a number that is no integer of 64 bits"
        case .boolean: "a boolean"
        case .list: "a list"
        case .structure: "a structure"
        }
    }

    /// The value of a structure's member, or nil where there is none.
    package subscript(_ name: String) -> RequestValue? {
        guard case .structure(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text of a string, else nil.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}

/// A named value within a structure.
package struct RequestMember: Sendable, Equatable {
    package var name: String
    package var value: RequestValue

    package init(name: String, value: RequestValue) {
        self.name = name
        self.value = value
    }
}

extension RequestValue {
    /// The value as compact JSON, UTF-8.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        write(to: &writer)
        return writer.bytes
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .string(let text): writer.string(text)
        case .integer(let number): writer.int(number)
        case .number(let number): writer.double(number)
        case .boolean(let value): writer.bool(value)
        case .list(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .structure(let members):
            writer.beginObject()
            for member in members {
                writer.name(member.name)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}

extension RequestValue {
    /// Reads a JSON value.
    ///
    /// A member that is null is absent, as AWS's JSON protocol has it.
    /// - Throws: ``SageMakerAPIError`` for null elsewhere, a member given twice, and nesting beyond
    ///   ``SageMakerAPILimits/depthMax``.
    package init(json: JSONValue) throws(SageMakerAPIError) {
        self = try Self.read(json, at: ValuePath(), depth: 0)
    }

    private static func read(
        _ json: JSONValue, at path: ValuePath, depth: Int
    ) throws(SageMakerAPIError) -> RequestValue {
        guard depth <= SageMakerAPILimits.depthMax else {
            throw .tooDeep(limit: SageMakerAPILimits.depthMax)
        }
        switch json.kind {
        case .string: return .string(json.string ?? "")
        case .bool: return .boolean(json.bool ?? false)
        case .int: return .integer(json.int ?? 0)
        case .uint: return .number(Double(json.uint ?? 0))
        case .double: return .number(json.double ?? 0)
        case .null:
            throw .unusableJSON(path: path.description, expected: "a value instead of null")
        case .array: return try readList(json, at: path, depth: depth)
        case .object: return try readStructure(json, at: path, depth: depth)
        }
    }

    private static func readList(
        _ json: JSONValue, at path: ValuePath, depth: Int
    ) throws(SageMakerAPIError) -> RequestValue {
        var elements: [RequestValue] = []
        for element in json.elements {
            let path = path.appending(index: elements.count)
            elements.append(try read(element, at: path, depth: depth + 1))
        }
        return .list(elements)
    }

    private static func readStructure(
        _ json: JSONValue, at path: ValuePath, depth: Int
    ) throws(SageMakerAPIError) -> RequestValue {
        var members: [RequestMember] = []
        var names: Set<String> = []
        for (key, value) in json.members {
            let name = key.string ?? ""
            let path = path.appending(member: name)
            guard names.insert(name).inserted else {
                throw .repeatedMember(path: path.description)
            }
            if value.isNull { continue }
            let read = try read(value, at: path, depth: depth + 1)
            members.append(RequestMember(name: name, value: read))
        }
        return .structure(members)
    }
}
