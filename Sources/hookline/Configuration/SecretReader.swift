import OpenSSLCrypto
import Rules
import Webhook

/// Reads secrets, which the configuration only refers to: `{env: NAME}` or `{file: PATH}`.
struct SecretReader {
    let environment: [String: String]
    /// What relative paths are relative to.
    let folder: String
    /// False where secrets are not used, so that a rule can be tried on a machine without them.
    let isNeeded: Bool
    let problems: ProblemList
    /// Gets the paths of the files that secrets were read from.
    let files: WatchedFiles

    /// A list of secrets with the times in which they are valid.
    /// - Parameter form: What the texts stand for.
    func secrets(_ node: YAMLNode, _ form: SecretForm) -> [SigningSecret] {
        guard let elements = node.elements("secrets", problems) else { return [] }
        problems.note(node.place) { $0.isNonEmpty = true }
        if elements.isEmpty { problems.report(node.place, "expected at least one secret") }
        return elements.compactMap { element in
            let keys = ["env", "file", "notBefore", "notAfter"]
            guard
                let fields = YAMLFields(
                    element, "a source's secret", keys: keys, problems: problems)
            else { return nil }
            let notBefore = fields["notBefore"].flatMap(time)
            let notAfter = fields["notAfter"].flatMap(time)
            if let notBefore, let notAfter, notAfter < notBefore {
                problems.report(element.place, "the secret ends before it begins")
            }
            guard let text = secret(fields, element), let secret = read(text, form, element)
            else { return nil }
            return SigningSecret(
                secret.key, kind: secret.kind, notBeforeMilliseconds: notBefore,
                notAfterMilliseconds: notAfter)
        }
    }

    private func read(
        _ text: Secret, _ form: SecretForm, _ element: YAMLNode
    ) -> (key: Secret, kind: SigningSecret.Kind)? {
        guard isNeeded else { return (text, .token) }
        guard let secret = form.secret(text) else {
            problems.report(element.place, "expected the secret to be \(form.expectation)")
            return nil
        }
        return secret
    }

    /// A list of secrets that are always valid.
    func plainSecrets(_ node: YAMLNode) -> [(secret: Secret, node: YAMLNode)] {
        (node.elements("secrets", problems) ?? []).compactMap { element in
            guard
                let fields = YAMLFields(
                    element, "a secret", keys: ["env", "file"], problems: problems),
                let secret = secret(fields, element)
            else { return nil }
            return (secret, element)
        }
    }

    private func secret(_ fields: YAMLFields, _ element: YAMLNode) -> Secret? {
        problems.note(fields.place) { $0.choice = ["env", "file"] }
        return switch (fields["env"], fields["file"]) {
        case (let name?, nil): fromEnvironment(name)
        case (nil, let path?): fromFile(path)
        default: refuse(element.place, "expected {env: NAME} or {file: PATH}")
        }
    }

    private func fromEnvironment(_ node: YAMLNode) -> Secret? {
        guard let name = node.text("the name of an environment variable", problems) else {
            return nil
        }
        guard isNeeded else { return Secret("not needed") }
        guard let value = environment[name] else {
            return refuse(node.place, "the environment variable \(printable(name)) is not set")
        }
        guard !value.isEmpty else {
            return refuse(node.place, "the environment variable \(printable(name)) is empty")
        }
        return Secret(value)
    }

    private func fromFile(_ node: YAMLNode) -> Secret? {
        guard let path = node.text("a file's path", problems) else { return nil }
        guard isNeeded else { return Secret("not needed") }
        let full = path.hasPrefix("/") ? path : folder + path
        files.note(full)
        var bytes: [UInt8]
        do throws(RulesError) {
            bytes = try RulePaths.read(full, bytesMax: RulesLimits.secretBytesMax)
        } catch {
            return refuse(node.place, "\(error)")
        }
        // One line break at the end belongs to the file, not to the secret.
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else {
            return refuse(node.place, "the secret file \(printable(path)) is empty")
        }
        return Secret(bytes)
    }

    private func refuse(_ place: Place, _ message: String) -> Secret? {
        problems.report(place, message)
        return nil
    }

    /// A time of RFC 3339 in milliseconds since 1970.
    private func time(_ node: YAMLNode) -> Int64? {
        guard let text = node.text("a time such as 2026-12-31T00:00:00Z", problems) else {
            return nil
        }
        problems.note(node.place) { $0.pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].+$" }
        guard let time = Timestamp(text) else {
            problems.report(
                node.place,
                "expected a time such as 2026-12-31T00:00:00Z, not \"\(printable(text))\"")
            return nil
        }
        return time.milliseconds
    }
}
