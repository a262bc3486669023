import JSON

/// JSON for people: a member a line, short arrays on one.
enum PrettyJSON {
    /// - Parameters:
    ///   - json: JSON of our own making.
    ///   - indent: What every line begins with.
    static func text(_ json: [UInt8], indent: String) -> String {
        guard let document = try? JSONDocument(parsing: json) else {
            return indent + String(decoding: json, as: UTF8.self)
        }
        return indent + text(document.root, indent: indent)
    }

    private static func text(_ value: JSONValue, indent: String) -> String {
        let inner = indent + "  "
        switch value.kind {
        case .object:
            let members = value.members.map { name, value in
                "\(inner)\(compact(name)): \(text(value, indent: inner))"
            }
            return members.isEmpty ? "{}" : "{\n\(members.joined(separator: ",\n"))\n\(indent)}"
        case .array:
            let line = compact(value)
            guard line.utf8.count > 80 else { return line }
            let elements = value.elements.map { inner + text($0, indent: inner) }
            return "[\n\(elements.joined(separator: ",\n"))\n\(indent)]"
        case .null, .bool, .int, .uint, .double, .string: return compact(value)
        }
    }

    private static func compact(_ value: JSONValue) -> String {
        var writer = JSONWriter(capacity: 64)
        writer.value(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
