import Events
import JSON
import Rules

/// The JSON Schema of the configuration; its keys are those that the decoder knows.
enum ConfigurationSchema {
    static func write(to writer: inout JSONWriter) {
        let keys = knownKeys()
        var schema = SchemaWriter(writer)
        schema.document("Hookline configuration") { schema in
            schema.object(keys["the configuration"] ?? [], required: ["sources"]) { schema, key in
                switch key {
                case "sources":
                    schema.map { source(&$0, keys) }
                case "adminTokens":
                    schema.array {
                        $0.object(keys["a secret"] ?? []) { schema, _ in schema.string() }
                    }
                case "rules": schema.oneOrMore { $0.string() }
                default:
                    guard let own = keys[key] else { return schema.any() }
                    schema.object(own) { schema, _ in schema.any() }
                }
            }
        }
        writer = schema.writer
    }

    private static func source(_ schema: inout SchemaWriter, _ keys: [String: [String]]) {
        schema.object(keys["a source"] ?? [], required: ["type"]) { schema, key in
            switch key {
            case "type": schema.words(Sender.all.keys.sorted())
            case "secrets":
                schema.array {
                    $0.object(keys["a source's secret"] ?? []) { schema, _ in schema.string() }
                }
            default: schema.any()
            }
        }
    }

    /// The keys of every mapping, found out by reading a configuration that has all of them.
    private static func knownKeys() -> [String: [String]] {
        let problems = ProblemList()
        let reader = SecretReader(
            environment: [:], folder: "", isNeeded: false, problems: problems, files: WatchedFiles()
        )
        let decoder = ConfigurationDecoder(problems: problems, secrets: reader, folder: "")
        _ = decoder.decode(Array(everything.utf8), name: "schema")
        return problems.keys
    }

    private static let everything = """
        adminTokens: [{env: A}]
        tls: {}
        aws: {}
        api: {tokens: [{env: A}]}
        callbacks: {signingSecrets: [{env: A}]}
        sources: {a: {type: github, secrets: [{env: A}]}}
        limits: {}
        retention: {}
        """
}
