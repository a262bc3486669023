package import JSON

/// A CEL value.
///
/// JSON is read lazily from its document's tape and never converted up front. The payloads are at
/// most two words, so a value is 17 bytes and travels in registers.
package enum CELValue {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    /// A string of a JSON document; the same to every operation as ``string(_:)``.
    case jsonString(JSONValue)
    case bytes([UInt8])
    case list([CELValue])
    /// An array of a JSON document; the same to every operation as ``list(_:)``.
    case jsonList(JSONValue)
    case map(CELMap)
    /// An object of a JSON document; the same to every operation as ``map(_:)``.
    case jsonMap(JSONValue)
    /// A map whose members are computed when they are read.
    case object(any CELObject)
    /// Seconds since 1970-01-01T00:00:00Z and 0...999,999,999 nanoseconds above them.
    case timestamp(seconds: Int64, nanoseconds: Int32)
    case duration(nanoseconds: Int64)
    case type(CELType)
    case optional(CELOptional)
    case semver(SemanticVersion)
}

/// A map with string keys whose members are computed when they are read.
///
/// A null member is absent to `has`, `.?` and `[?]`, and still equals null.
package protocol CELObject: AnyObject {
    /// The member's value, or nil when there is no member of this name.
    func member(_ name: String) -> CELValue?
    /// All the names that ``member(_:)`` knows, in the order in which they are iterated.
    var memberNames: [String] { get }
    /// Gives every member, in the order of ``memberNames``.
    func forEachMember(
        _ receive: (String, CELValue) throws(CELError) -> Void
    ) throws(CELError)
}

extension CELObject {
    package func forEachMember(
        _ receive: (String, CELValue) throws(CELError) -> Void
    ) throws(CELError) {
        for name in memberNames { try receive(name, member(name) ?? .null) }
    }
}

/// An optional's content; a class, because an enum cannot hold itself without a box.
package final class CELOptional {
    /// The value, or nil for `optional.none()`.
    package let value: CELValue?

    package init(_ value: CELValue?) { self.value = value }
}

extension CELValue {
    /// A JSON value: integral numbers within 64 bits are `int` or `uint`, others `double`.
    package init(json value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .bool(value.bool == true)
        case .int: self = .int(value.int ?? 0)
        case .uint: self = .uint(value.uint ?? 0)
        case .double: self = .double(value.double ?? 0)
        case .string: self = .jsonString(value)
        case .array: self = .jsonList(value)
        case .object: self = .jsonMap(value)
        }
    }

    /// A map with string keys; of repeated names the last counts.
    package static func map(from members: [(String, CELValue)]) -> CELValue {
        .map(CELMap(members: members))
    }

    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The value of a bool, else nil.
    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value of an int, else nil.
    package var intValue: Int64? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The text of a string, else nil.
    package var stringValue: String? {
        switch self {
        case .string(let text): text
        case .jsonString(let value): value.string
        default: nil
        }
    }

    /// What `type()` gives for this value.
    package var type: CELType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string, .jsonString: .string
        case .bytes: .bytes
        case .list, .jsonList: .list
        case .map, .jsonMap, .object: .map
        case .timestamp: .timestamp
        case .duration: .duration
        case .type: .type
        case .optional: .optional
        case .semver: .semver
        }
    }

    /// The name of the value's type as CEL writes it, such as `int` or `null_type`.
    package var typeName: String { type.rawValue }
}

/// The types that CEL values have, named as in expressions.
package enum CELType: String, Sendable, CaseIterable {
    case null = "null_type"
    case bool
    case int
    case uint
    case double
    case string
    case bytes
    case list
    case map
    case timestamp = "google.protobuf.Timestamp"
    case duration = "google.protobuf.Duration"
    case type
    case optional = "optional_type"
    case semver
}
