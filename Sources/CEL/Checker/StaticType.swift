package import JSON

/// What is known of an expression's value before it is evaluated.
package indirect enum StaticType: Sendable, Equatable {
    /// Anything: left to the evaluation.
    case dyn
    /// What could not be checked; agrees with everything, so that one mistake is told once.
    case error
    case null, bool, int, uint, double, string, bytes, timestamp, duration
    /// Any of int, uint and double.
    case number
    case list(StaticType)
    case map(StaticType, StaticType)
    case type(StaticType)
    case optional(StaticType)
    /// A type or null.
    case nullable(StaticType)
    /// A type that only functions make and take.
    case abstract(String, [StaticType])
    /// A map with a fixed set of members.
    case record(RecordType)
    /// A type parameter: of a signature by its position, or of a check by its number.
    case parameter(Int)
}

/// A map with known member names, each with its type.
package final class RecordType: Sendable, Equatable {
    /// As messages call it: `event.ref`.
    package let name: String
    /// In the order in which they are iterated.
    package let members: [(name: String, type: StaticType)]
    private let types: [String: StaticType]

    package init(_ name: String, _ members: [(name: String, type: StaticType)]) {
        self.name = name
        self.members = members
        types = Dictionary(members.map { ($0.name, $0.type) }) { first, _ in first }
    }

    /// The type of a member, nil when there is no such member.
    func type(of member: String) -> StaticType? { types[member] }

    package static func == (left: RecordType, right: RecordType) -> Bool { left === right }
}

extension StaticType: CustomStringConvertible {
    /// As messages and signatures write it: `map(string, dyn)`.
    package var description: String {
        switch self {
        case .dyn: "dyn"
        case .error: "error"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .number: "number"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .type(let type): "type(\(type))"
        case .optional(let content): "optional(\(content))"
        case .nullable(let type): "\(type) or null"
        case .abstract(let name, let parameters):
            parameters.isEmpty
                ? name : "\(name)(\(parameters.map(\.description).joined(separator: ", ")))"
        case .record(let record): record.name
        case .parameter(let number):
            number < 26 ? String(UnicodeScalar(UInt8(ascii: "A") + UInt8(number))) : "dyn"
        }
    }
}

extension StaticType {
    /// Whether nothing is known, so that only the evaluation can tell.
    package var isDynamic: Bool { self == .dyn || self == .error }

    /// The type without `or null`.
    package var nonNull: StaticType {
        if case .nullable(let type) = self { type } else { self }
    }

    /// Whether a value of the type is of one of these runtime types, as far as is known.
    package func canBe(_ type: CELType) -> Bool {
        guard let own = nonNull.runtimeType else { return true }
        return own == type
    }

    /// The runtime type of every value, null left out; nil when there may be several.
    package var runtimeType: CELType? {
        switch self {
        case .dyn, .error, .number, .parameter: nil
        case .abstract(let name, _): CELType(rawValue: name)
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .timestamp: .timestamp
        case .duration: .duration
        case .list: .list
        case .map, .record: .map
        case .type: .type
        case .optional: .optional
        case .nullable(let type): type.runtimeType
        }
    }

    /// The type of the values of a runtime type.
    init(_ type: CELType) {
        self =
            switch type {
            case .null: .null
            case .bool: .bool
            case .int: .int
            case .uint: .uint
            case .double: .double
            case .string: .string
            case .bytes: .bytes
            case .list: .list(.dyn)
            case .map: .map(.dyn, .dyn)
            case .timestamp: .timestamp
            case .duration: .duration
            case .type: .type(.dyn)
            case .optional: .optional(.dyn)
            case .semver: .abstract(type.rawValue, [])
            }
    }
}

/// The types of the conformance suite: `"int"`, `{"list":T}`, `{"map":[K,V]}`, `{"type":T}`,
/// `{"wrapper":T}`, `{"param":"T"}`, `{"abstract":{"name","params"}}`, `{"message":name}`.
extension StaticType {
    /// Nil for a type that is not understood.
    /// - Parameter typeParameters: Their numbers by name; new ones are added.
    package init?(_ json: JSONValue, typeParameters: inout [String: Int]) {
        if let name = json.string {
            guard let type = Self.named[name] else { return nil }
            self = type
            return
        }
        guard json.kind == .object, let (key, content) = json.members.first(where: { _ in true })
        else { return nil }
        func inner(_ json: JSONValue) -> StaticType? { Self(json, typeParameters: &typeParameters) }
        let type: StaticType?
        switch key.string ?? "" {
        case "list": type = inner(content).map { .list($0) }
        case "type": type = inner(content).map { .type($0) }
        case "wrapper": type = inner(content).map { .nullable($0) }
        case "param":
            let name = content.string ?? ""
            let number = typeParameters[name] ?? typeParameters.count
            typeParameters[name] = number
            type = .parameter(number)
        case "message":
            switch content.string {
            case "google.protobuf.Timestamp": type = .timestamp
            case "google.protobuf.Duration": type = .duration
            default: type = nil
            }
        case "map":
            let parts = content.elements.compactMap { inner($0) }
            type = parts.count == 2 ? .map(parts[0], parts[1]) : nil
        case "abstract":
            let parameters = (content["params"]?.elements.map { $0 } ?? []).compactMap { inner($0) }
            let name = content["name"]?.string ?? ""
            type =
                name == "optional_type" && parameters.count == 1
                ? .optional(parameters[0]) : .abstract(name, parameters)
        default: type = nil
        }
        guard let type else { return nil }
        self = type
    }

    private static let named: [String: StaticType] = [
        "dyn": .dyn, "any": .dyn, "error": .error, "null": .null, "bool": .bool, "int": .int,
        "uint": .uint, "double": .double, "string": .string, "bytes": .bytes,
        "timestamp": .timestamp, "duration": .duration,
    ]

    /// Writes the type as the suite does.
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .list(let element): Self.write("list", [element], to: &writer)
        case .type(let type): Self.write("type", [type], to: &writer)
        case .nullable(let type): Self.write("wrapper", [type], to: &writer)
        case .map(let key, let value):
            writer.beginObject()
            writer.name("map")
            writer.beginArray()
            key.write(to: &writer)
            value.write(to: &writer)
            writer.endArray()
            writer.endObject()
        case .record: StaticType.map(.string, .dyn).write(to: &writer)
        case .optional(let content): Self.writeAbstract("optional_type", [content], to: &writer)
        case .abstract(let name, let parameters):
            Self.writeAbstract(name, parameters, to: &writer)
        case .number, .parameter: writer.string("dyn")
        default: writer.string(description)
        }
    }

    private static func write(
        _ name: String, _ types: [StaticType], to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.name(name)
        for type in types { type.write(to: &writer) }
        writer.endObject()
    }

    private static func writeAbstract(
        _ name: String, _ parameters: [StaticType], to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.name("abstract")
        writer.beginObject()
        writer.member("name", name)
        writer.name("params")
        writer.beginArray()
        for parameter in parameters { parameter.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endObject()
    }
}
