import EventPoll
import HTTPServer
import Intake
import OpenSSLCrypto
import Rules
import Webhook

/// Decodes `hookline.yaml`, and reports everything that is wrong in it.
struct ConfigurationDecoder {
    let problems: ProblemList
    let secrets: SecretReader
    /// What relative paths are relative to: empty, or ending in a slash.
    let folder: String

    private static let keys = [
        "listen", "eventLoops", "admin", "adminTokens", "tls", "store", "rules", "aws", "api",
        "callbacks", "sources", "limits", "retention",
    ]
    /// Known keys whose feature this build lacks. Ignoring them would be worse than refusing.
    private static let keysToCome = ["api"]

    func decode(_ content: [UInt8], name: String) -> Configuration {
        var configuration = Configuration()
        configuration.store = folder + configuration.store
        guard let root = YAMLReader.read(content, name: name, problems: problems),
            let fields = YAMLFields(root, "the configuration", keys: Self.keys, problems: problems)
        else { return configuration }
        for key in Self.keysToCome {
            guard let node = fields[key] else { continue }
            problems.note(node.place) { $0.isRefused = true }
            problems.report(fields.place(ofKey: key), "\(key) is not supported by this build yet")
        }
        if let node = fields["listen"] {
            let fallback = configuration.listen.map(\.description)
            problems.note(node.place) { note in
                note.fallback = .texts(fallback)
                note.isNonEmpty = true
            }
            let listeners = node.oneOrMore("an address", problems).compactMap { element in
                address(element).map { (address: $0, place: element.place) }
            }
            configuration.listen = listeners.map(\.address)
            configuration.places.listen = listeners.map(\.place)
            if configuration.listen.isEmpty, problems.isEmpty {
                problems.report(node.place, "expected at least one address")
            }
        }
        if let node = fields["eventLoops"] {
            configuration.eventLoops = node.integer("a number of threads", in: 1...256, problems)
        }
        if let node = fields["tls"] { decodeTLS(node, &configuration) }
        decodeAdmin(fields, &configuration)
        if let node = fields["store"], let path = storePath(node) {
            configuration.store = path
            configuration.places.store = node.place
        }
        configuration.rulePatterns = fields["rules"].map(rulePatterns) ?? []
        if let node = fields["aws"] { decodeAWS(node, &configuration) }
        if let node = fields["callbacks"] { decodeCallbacks(node, &configuration.callbacks) }
        if let node = fields["sources"] { decodeSources(node, &configuration) }
        if let node = fields["limits"] { decodeLimits(node, &configuration) }
        if let node = fields["retention"] { decodeRetention(node, &configuration) }
        if configuration.sources.isEmpty {
            configuration.warnings.append("there are no sources: nothing will be accepted")
        }
        return configuration
    }

    // MARK: - Listeners and store

    func address(_ node: YAMLNode) -> ListenAddress? {
        let expected = ListenAddress.forms
        guard let text = node.text("an address: \(expected)", problems) else { return nil }
        guard let address = ListenAddress(text) else {
            problems.report(
                node.place, "\"\(printable(text))\" is no address; expected \(expected)")
            return nil
        }
        return address
    }

    private func decodeAdmin(_ fields: YAMLFields, _ configuration: inout Configuration) {
        if let node = fields["adminTokens"] {
            configuration.adminTokens = secrets.plainSecrets(node).map(\.secret)
        }
        guard let node = fields["admin"], let address = address(node) else { return }
        let fallback = configuration.admin.description
        problems.note(node.place) { $0.fallback = .text(fallback) }
        configuration.admin = address
        configuration.places.admin = node.place
        if !address.isLocal, configuration.adminTokens.isEmpty {
            problems.report(
                node.place,
                "an admin listener that others can reach needs adminTokens; or use 127.0.0.1 or unix:"
            )
        }
    }

    private func storePath(_ node: YAMLNode) -> String? {
        guard let text = node.text("a store: sqlite:PATH", problems) else { return nil }
        problems.note(node.place) { note in
            note.pattern = "^sqlite:."
            note.fallback = .text("sqlite:hookline.db")
        }
        if text.hasPrefix("postgresql:") || text.hasPrefix("postgres:") {
            problems.report(node.place, "a PostgreSQL store is not supported by this build yet")
            return nil
        }
        let path = String(text.dropFirst("sqlite:".count))
        guard text.hasPrefix("sqlite:"), !path.isEmpty else {
            problems.report(node.place, "expected sqlite:PATH")
            return nil
        }
        return path.hasPrefix("/") ? path : folder + path
    }

    private func rulePatterns(_ node: YAMLNode) -> [LocatedText] {
        node.oneOrMore("a path of rule files", problems).compactMap { element in
            element.text("a path of rule files", problems).map { pattern in
                LocatedText(
                    text: pattern.hasPrefix("/") ? pattern : folder + pattern,
                    place: element.place)
            }
        }
    }

    // MARK: - Values with units

    func bytes(_ node: YAMLNode, in range: ClosedRange<Int>) -> Int? {
        problems.note(node.place) { $0.pattern = Units.bytesPattern }
        return value(
            node, "a size such as 16KiB", Units.bytes, in: range, types: ["string", "integer"])
    }

    func bytesPerSecond(_ node: YAMLNode, in range: ClosedRange<Int>) -> Int? {
        problems.note(node.place) { $0.pattern = Units.bytesPerSecondPattern }
        return value(node, "a rate such as 1KiB/s", Units.bytesPerSecond, in: range)
    }

    func duration(_ node: YAMLNode, in range: ClosedRange<Duration>) -> Duration? {
        problems.note(node.place) { $0.pattern = Units.durationPattern }
        return value(node, "a duration such as 10s", Units.duration, in: range)
    }

    private func value<Value: Comparable>(
        _ node: YAMLNode, _ what: String, _ read: (String) -> Value?, in range: ClosedRange<Value>,
        types: [String] = ["string"]
    ) -> Value? {
        guard let text = node.writtenText(what, problems) else { return nil }
        problems.note(node.place) { note in
            note.description = "\(what), from \(range.lowerBound) to \(range.upperBound)"
            note.types = types
        }
        guard let value = read(text) else {
            problems.report(node.place, "expected \(what), not \"\(printable(text))\"")
            return nil
        }
        guard range.contains(value) else {
            problems.report(
                node.place,
                "\(printable(text)) is out of range; expected \(range.lowerBound) to \(range.upperBound)"
            )
            return nil
        }
        return value
    }
}
