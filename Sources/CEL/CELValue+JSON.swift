package import JSON
internal import OpenSSLCrypto

extension CELValue {
    /// CEL's `string()` of a scalar, for templates: int 108 is `108`.
    /// - Throws: ``CELError`` for null, lists, maps, types, optionals, and for bytes that are not
    ///   UTF-8.
    package func rendered() throws(CELError) -> String { try Conversion.text(self) }

    /// Writes the value as JSON.
    ///
    /// Integers beyond ±(2^53 - 1), infinities and NaN are strings, bytes are base64, timestamps and
    /// durations their text, an empty optional is null. What was written is of no use after an error.
    /// - Parameter bytesMax: The longest text that the writer may hold, in bytes. Values that share
    ///   parts can be small and their text endless.
    /// - Throws: ``CELError`` for types, for maps with other keys than strings, and for a text that
    ///   is too long.
    package func write(
        to writer: inout JSONWriter, bytesMax: Int = CELLimits.outputBytesMax
    ) throws(CELError) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): Self.write(value, to: &writer)
        case .uint(let value): Self.write(value, to: &writer)
        case .double(let value): writer.double(value)
        case .string(let text): writer.string(text)
        case .jsonString(let value): writer.string(utf8: value.utf8)
        case .bytes(let bytes): writer.string(base64Encoded(bytes))
        case .timestamp, .duration, .semver: writer.string(try Conversion.text(self))
        case .list, .jsonList: try writeElements(to: &writer, bytesMax: bytesMax)
        case .map(let map):
            try Self.write(map.entries, to: &writer, bytesMax: bytesMax)
        case .jsonMap(let value):
            writer.beginObject()
            for (name, member) in value.uniqueMembers {
                writer.name(utf8: name.utf8)
                try CELValue(json: member).write(to: &writer, bytesMax: bytesMax)
            }
            writer.endObject()
        case .object(let object):
            writer.beginObject()
            try object.forEachMember { (name, member) throws(CELError) in
                writer.name(name)
                try member.write(to: &writer, bytesMax: bytesMax)
            }
            writer.endObject()
        case .optional(let optional):
            try (optional.value ?? .null).write(to: &writer, bytesMax: bytesMax)
        case .type:
            throw .noConversion(from: typeName, to: "JSON", reason: "JSON has no such value")
        }
        guard writer.bytes.count <= bytesMax else { throw .outputTooLong(limitBytes: bytesMax) }
    }

    private func writeElements(
        to writer: inout JSONWriter, bytesMax: Int
    ) throws(CELError) {
        guard var elements = ElementIterator(self) else { return }
        writer.beginArray()
        while let element = elements.next() { try element.write(to: &writer, bytesMax: bytesMax) }
        writer.endArray()
    }

    private static func write(
        _ entries: [(key: CELValue, value: CELValue)], to writer: inout JSONWriter, bytesMax: Int
    ) throws(CELError) {
        writer.beginObject()
        for (key, value) in entries {
            guard let name = key.stringValue else {
                throw .noConversion(
                    from: "map", to: "JSON", reason: "a key is \(key.typeName), not string")
            }
            writer.name(name)
            try value.write(to: &writer, bytesMax: bytesMax)
        }
        writer.endObject()
    }

    /// Integers that doubles do not hold exactly are strings, as in proto3's JSON.
    private static func write<Integer: FixedWidthInteger>(
        _ value: Integer, to writer: inout JSONWriter
    ) {
        if value.magnitude < 1 << 53 { writer.int(value) } else { writer.string(String(value)) }
    }
}
