package import JSON
internal import OpenSSLCrypto

/// Values as the conformance suite writes them: a JSON object with one member, whose name is the
/// value's kind, so that int 1, uint 1 and double 1.0 stay apart.
///
/// `{"int":"-5"}`, `{"double":"NaN"}`, `{"bytes":BASE64}`, `{"list":[VALUE…]}`,
/// `{"map":[[KEY,VALUE]…]}`, `{"timestamp":{"seconds":"…","nanos":n}}`; integers and doubles are
/// strings. An optional, which the suite never has as a result, is `{"optional":VALUE}` or null.
extension CELValue {
    /// Reads a tagged value, nil when it is malformed.
    package init?(tagged json: JSONValue) {
        var members = json.members
        guard json.count == 1, let (name, content) = members.next() else { return nil }
        let text = content.string
        let value: CELValue?
        switch name.string ?? "" {
        case "null": value = .null
        case "bool": value = content.bool.map { .bool($0) }
        case "int": value = text.flatMap { Int64($0) }.map { .int($0) }
        case "uint": value = text.flatMap { UInt64($0) }.map { .uint($0) }
        case "double": value = text.flatMap { Double($0) }.map { .double($0) }
        case "string": value = text.map { .string($0) }
        case "bytes": value = text.flatMap { base64Decoded($0.utf8) }.map { .bytes($0) }
        case "type": value = text.flatMap { CELType(rawValue: $0) }.map { .type($0) }
        case "list": value = Self.list(content)
        case "map": value = Self.map(content)
        case "timestamp":
            value = Self.time(content).flatMap { Self.timestamp($0, $1) }
        case "duration": value = Self.time(content).flatMap { Self.duration($0, $1) }
        default: value = nil
        }
        guard let value else { return nil }
        self = value
    }

    private static func list(_ json: JSONValue) -> CELValue? {
        guard json.kind == .array else { return nil }
        let elements = json.elements.map { CELValue(tagged: $0) }
        let values = elements.compactMap { $0 }
        return values.count == elements.count ? .list(values) : nil
    }

    private static func map(_ json: JSONValue) -> CELValue? {
        guard json.kind == .array else { return nil }
        var builder = CELMapBuilder()
        for pair in json.elements {
            let parts = pair.elements.map { CELValue(tagged: $0) }
            guard parts.count == 2, let name = parts[0], let value = parts[1],
                let key = CELKey(name), builder.insert(name, key: key, value)
            else { return nil }
        }
        return .map(CELMap(builder))
    }

    /// The seconds and nanoseconds of a timestamp or duration.
    private static func time(_ json: JSONValue) -> (Int64, Int64)? {
        guard json.kind == .object else { return nil }
        let seconds = json["seconds"]
        guard
            let whole = seconds == nil ? 0 : seconds?.string.flatMap({ Int64($0) }) ?? seconds?.int
        else { return nil }
        let nanoseconds = json["nanos"]?.int ?? 0
        guard nanoseconds.magnitude < 1_000_000_000 else { return nil }
        return (whole, nanoseconds)
    }

    private static func timestamp(_ seconds: Int64, _ nanoseconds: Int64) -> CELValue? {
        guard TimeArithmetic.secondsRange.contains(seconds), nanoseconds >= 0 else { return nil }
        return .timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }

    private static func duration(_ seconds: Int64, _ nanoseconds: Int64) -> CELValue? {
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowsToo) = product.addingReportingOverflow(nanoseconds)
        return overflows || overflowsToo ? nil : .duration(nanoseconds: sum)
    }
}

extension CELValue {
    /// Writes the value with its kind. What was written is of no use after an error.
    /// - Parameter bytesMax: The longest text that the writer may hold, in bytes. Values that share
    ///   parts can be small and their text endless.
    /// - Throws: ``CELError/outputTooLong(limitBytes:)``
    package func writeTagged(
        to writer: inout JSONWriter, bytesMax: Int = CELLimits.outputBytesMax
    ) throws(CELError) {
        guard writer.bytes.count <= bytesMax else { throw .outputTooLong(limitBytes: bytesMax) }
        writer.beginObject()
        writer.name(tag)
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.string(String(value))
        case .uint(let value): writer.string(String(value))
        case .double(let value): writer.string(Self.doubleText(value))
        case .string(let text): writer.string(text)
        case .jsonString(let value): writer.string(utf8: value.utf8)
        case .bytes(let bytes): writer.string(base64Encoded(bytes))
        case .type(let type): writer.string(type.rawValue)
        case .semver(let version): writer.string(version.text)
        case .list, .jsonList:
            writer.beginArray()
            for element in elements ?? [] {
                try element.writeTagged(to: &writer, bytesMax: bytesMax)
            }
            writer.endArray()
        case .map, .jsonMap, .object:
            writer.beginArray()
            for (key, value) in entries ?? [] {
                writer.beginArray()
                try key.writeTagged(to: &writer, bytesMax: bytesMax)
                try value.writeTagged(to: &writer, bytesMax: bytesMax)
                writer.endArray()
            }
            writer.endArray()
        case .timestamp(let seconds, let nanoseconds):
            Self.write(seconds, nanoseconds, to: &writer)
        case .duration(let nanoseconds):
            let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            Self.write(seconds, Int32(rest), to: &writer)
        case .optional(let optional):
            if let value = optional.value {
                try value.writeTagged(to: &writer, bytesMax: bytesMax)
            } else {
                writer.null()
            }
        }
        writer.endObject()
    }

    private var tag: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string, .jsonString: "string"
        case .bytes: "bytes"
        case .list, .jsonList: "list"
        case .map, .jsonMap, .object: "map"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .type: "type"
        case .optional: "optional"
        case .semver: "semver"
        }
    }

    private static func doubleText(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return "\(value)"
    }

    private static func write(
        _ seconds: Int64, _ nanoseconds: Int32, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("seconds", String(seconds))
        writer.name("nanos")
        writer.int(nanoseconds)
        writer.endObject()
    }
}
