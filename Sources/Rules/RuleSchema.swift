internal import Events
package import JSON
internal import SageMakerAPI

/// The JSON Schema of rule files, for editors; made from the tables that rule files are read with.
package enum RuleSchema {
    package static func write(to writer: inout JSONWriter) {
        let keys = knownKeys()
        var schema = SchemaWriter(writer)
        schema.document("Hookline rule file") { schema in
            schema.object(keys["a rule file"] ?? []) { schema, key in
                switch key {
                case "rules": schema.array { rule(&$0, keys) }
                default: schema.array { test(&$0, keys) }
                }
            }
        }
        writer = schema.writer
    }

    /// The keys of every mapping, found out by reading a file that has all of them.
    private static func knownKeys() -> [String: [String]] {
        let problems = ProblemList()
        let kinds = EventKind.allCases.map { "\($0.rawValue): {}" }.joined(separator: ", ")
        let text = """
            rules: [{name: a, source: b, on: {\(kinds)}, start: {}, callback: {}}]
            tests: [{name: a}]
            """
        _ = RuleFile(Array(text.utf8), name: "schema", problems: problems)
        return problems.keys
    }

    private static func rule(_ schema: inout SchemaWriter, _ keys: [String: [String]]) {
        schema.object(keys["a rule"] ?? [], required: ["name", "source", "start"]) { schema, key in
            switch key {
            case "name": schema.string(pattern: "^[a-z0-9-]{1,64}$")
            case "source": schema.oneOrMore { $0.string() }
            case "on": on(&schema, keys)
            case "let": schema.map { $0.string() }
            case "start": shape(StartPipelineExecution.input, &schema)
            case "emptyParameters": schema.words(EmptyParameters.allCases.map(\.rawValue))
            case "callback":
                schema.object(keys["a callback"] ?? [], required: ["url"]) { schema, key in
                    switch key {
                    case "on":
                        let occasions = RuleCallback.Occasion.allCases.map(\.rawValue)
                        schema.oneOrMore(atLeastOne: true) { $0.words(occasions) }
                    case "format": schema.words(RuleCallback.formats)
                    default: schema.string()
                    }
                }
            case "reply": schema.any()
            default: schema.string()
            }
        }
    }

    private static func on(_ schema: inout SchemaWriter, _ keys: [String: [String]]) {
        let kinds = EventKind.allCases.map(\.rawValue)
        schema.anyOf([
            { $0.words(kinds) },
            { $0.array { $0.words(kinds) } },
            { schema in
                schema.object(kinds) { schema, kind in
                    schema.anyOf([
                        { $0.null() },
                        { schema in
                            schema.object(keys["on.\(kind)"] ?? []) { schema, word in
                                if word == EventFilter.Word.whenPathsUnknown.rawValue {
                                    schema.words(EventFilter.UnknownPaths.allCases.map(\.rawValue))
                                } else {
                                    schema.oneOrMore { $0.string() }
                                }
                            }
                        },
                    ])
                }
            },
        ])
    }

    private static func test(_ schema: inout SchemaWriter, _ keys: [String: [String]]) {
        schema.object(
            keys["a test"] ?? [], required: ["name", "source", "expect"]
        ) { schema, key in
            switch key {
            case "headers": schema.map { $0.any() }
            case "expect": schema.map { $0.any() }
            case "body": schema.any()
            default: schema.string()
            }
        }
    }

    /// A part of AWS's request; every scalar may also be a text with `${CEL}` in it.
    private static func shape(_ shape: Shape, _ schema: inout SchemaWriter) {
        switch shape.kind {
        case .string, .integer, .boolean: schema.types(["string", "number", "boolean"])
        case .list(let element):
            let own: SchemaWriter.Part = { $0.array { Self.shape(element, &$0) } }
            let template: SchemaWriter.Part = { $0.string() }
            schema.anyOf(
                shape.isParameterList
                    ? [own, { $0.map { $0.types(["string", "number", "boolean"]) } }, template]
                    : [own, template])
        case .structure(let members):
            let required = members.filter { $0.isRequired && !$0.isIdempotencyToken }.map(\.name)
            schema.object(members.map(\.name), required: required) { schema, name in
                guard let member = shape.member(name) else { return schema.any() }
                Self.shape(member.shape, &schema)
            }
        }
    }
}
