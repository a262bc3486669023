internal import Events
package import JSON

/// The JSON Schema of rule files, for editors.
package enum RuleSchema {
    package static func write(to writer: inout JSONWriter) {
        let tree = SchemaTree(of: example, replacement: replaced) { bytes, problems in
            _ = RuleFile(bytes, name: "schema", problems: problems)
        }
        guard let tree else { preconditionFailure("the example is YAML") }
        tree.write("Hookline rule file", to: &writer)
    }

    /// A rule file that has every key.
    private static var example: String {
        let words = EventFilter.Word.allCases.map { word in
            "\(word.rawValue): \(word == .whenPathsUnknown ? "run" : "[a]")"
        }
        let filter = "{\(words.joined(separator: ", "))}"
        let kinds = EventKind.allCases.map { "\($0.rawValue): \(filter)" }
        return """
            rules:
              - name: a
                source: a
                on: {\(kinds.joined(separator: ", "))}
                let: {a: "1"}
                when: "true"
                start: {}
                region: a
                roleArn: a
                callback: {url: "https://a", on: [started], format: json}
                emptyParameters: refuse
                reply: {text: a, visibility: public}
            tests:
              - {name: a, source: a, payload: a, event: a, headers: {a: a}, query: {a: a}, client: {address: a, subject: a, names: [a]}, expect: {}}
              - {name: a, source: a, body: {}, expect: {}}
            """
    }

    /// What has several forms of which the example can show one only.
    private static func replaced(
        _ path: String, _ schema: inout SchemaWriter, _ told: @escaping SchemaWriter.Part
    ) -> Bool {
        switch path {
        case "rules[].on": on(&schema, told)
        case "rules[].reply":
            alternatives(&schema, told, { $0.keyword("type", ["string", "number", "boolean"]) })
        case "rules[].start": RequestSchema.write(to: &schema)
        case "tests[].expect":
            schema.keyword("type", "object")
            schema.keyword(
                "description", "exactly the rules that start, each with a part of its request")
            schema.keyword("additionalProperties") { expected(&$0) }
        case "tests[].body": schema.keyword("description", "the payload itself")
        default:
            // A kind of event whose every event is wanted has no filters.
            guard path.hasPrefix("rules[].on."), path.count(where: { $0 == "." }) == 2 else {
                return false
            }
            alternatives(&schema, told, null)
        }
        return true
    }

    private static func on(_ schema: inout SchemaWriter, _ told: @escaping SchemaWriter.Part) {
        let kinds = EventKind.allCases.map(\.rawValue)
        schema.keyword("description", "the events that are wanted; without it all but pings")
        schema.keyword(
            "anyOf",
            [
                { $0.keyword("enum", kinds) },
                { schema in
                    schema.keyword("type", "array")
                    schema.keyword("minItems", 1)
                    schema.keyword("items") { $0.keyword("enum", kinds) }
                },
                { schema in
                    told(&schema)
                    schema.keyword("minProperties", 1)
                },
            ])
    }

    /// A part of every start's request, or a list with one for each start.
    private static func expected(_ schema: inout SchemaWriter) {
        let one: SchemaWriter.Part = { alternatives(&$0, RequestSchema.writePart, null) }
        alternatives(
            &schema, one,
            { schema in
                schema.keyword("type", "array")
                schema.keyword("minItems", 1)
                schema.keyword("items", one)
            })
    }

    private static func null(_ schema: inout SchemaWriter) { schema.keyword("type", "null") }

    private static func alternatives(
        _ schema: inout SchemaWriter, _ one: @escaping SchemaWriter.Part,
        _ other: @escaping SchemaWriter.Part
    ) {
        schema.keyword("anyOf", [one, other])
    }
}
