import Events
import JSON
import Rules

/// The JSON Schema of the configuration, for editors.
enum ConfigurationSchema {
    static func write(to writer: inout JSONWriter) {
        let tree = SchemaTree(of: example, replacement: replaced) { bytes, problems in
            // Nothing is looked up: neither secrets nor keys nor certificates.
            let secrets = SecretReader(
                environment: [:], folder: "", isNeeded: false, problems: problems,
                files: WatchedFiles())
            let decoder = ConfigurationDecoder(problems: problems, secrets: secrets, folder: "")
            _ = decoder.decode(bytes, name: "schema")
        }
        guard let tree else { preconditionFailure("the example is YAML") }
        tree.write("Hookline configuration", to: &writer)
    }

    /// A source's keys besides those that every sender has are told by its type.
    private static func replaced(
        _ path: String, _ schema: inout SchemaWriter, _ told: @escaping SchemaWriter.Part
    ) -> Bool {
        guard path == "sources.*" else { return false }
        told(&schema)
        schema.keyword("allOf", Sender.Knob.allCases.map { knob in { onlyKnown(knob, &$0) } })
        return true
    }

    /// Refuses a key to the types of senders that have no use for it.
    private static func onlyKnown(_ knob: Sender.Knob, _ schema: inout SchemaWriter) {
        let types = Sender.all.values.filter { !$0.knobs.contains(knob) }.map(\.type).sorted()
        schema.keyword("if") { schema in
            schema.keyword("properties") { schema in
                schema.keyword("type") { $0.keyword("enum", types) }
            }
        }
        schema.keyword("then") { schema in
            schema.keyword("not") { $0.keyword("required", [knob.rawValue]) }
        }
    }

    /// A configuration that has every key, each where it can be read.
    private static let example = """
        listen: a
        eventLoops: 1
        admin: 127.0.0.1:1
        adminTokens: [{env: A}, {file: a}]
        tls: {certificate: a, key: a, clientCA: a}
        store: sqlite:a
        rules: a
        aws: {region: a, endpoint: "http://a", profile: a, roleArn: a, maxInFlight: 1, startsPerSecond: 1}
        api: {}
        callbacks: {signingSecrets: [{env: A}, {file: a}], allow: [a], allowNetworks: [a]}
        sources:
          hashed:
            type: hmac
            secrets: [{env: A, notBefore: a, notAfter: a}, {file: a}]
            path: /a
            bodyLimit: 1
            tolerance: 1s
            header: a
            algorithm: sha256
            encoding: hex
            secretEncoding: text
            prefix: a
            separator: ","
            signed: "{id}{ts}{body}"
            timestampHeader: b
            timestampUnit: seconds
            idHeader: c
            allowFrom: [a]
            trustedProxies: [a]
            rateLimit: 1/s
          open: {type: github, verification: none}
          tokens: {type: gitlab, secrets: [{env: A}], require: either}
          chat: {type: google-chat, audience: a, keys: a}
          events: {type: cloudevents, secrets: [{env: A}], allowedOrigins: [a]}
        limits:
          connections: 1
          connectionsPerAddress: 1
          targetBytes: 64
          headerBytes: 256
          fields: 1
          trailerBytes: 1
          handshakeTimeout: 1s
          headerTimeout: 1s
          bodyTimeout: 1s
          minBodyRate: 1/s
          writeTimeout: 1s
          idleTimeout: 1s
          drainTimeout: 1s
          queuedStarts: 1
          expressionCost: 1000
          expressionLength: 100
          expressionNesting: 10
          expressionStringBytes: 1024
          expressionListElements: 100
        retention: {deliveries: 1d}
        """
}
