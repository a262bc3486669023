import Events
import Intake
import Journal
import OpenSSLCrypto
import Rules
import Webhook

extension ConfigurationDecoder {
    private static let keys = [
        "type", "path", "secrets", "bodyLimit", "tolerance", "verification",
    ]
    /// The types of senders that later builds will know.
    private static let typesToCome = [
        "gitlab", "bitbucket", "bitbucket-dc", "gitea", "forgejo", "azure-devops", "slack",
        "discord",
        "teams", "mattermost", "telegram", "google-chat", "standard-webhooks", "stripe", "mlflow",
        "huggingface", "wandb", "harbor", "dockerhub", "acr", "label-studio", "cloudevents", "hmac",
        "token",
    ]
    /// Paths of the main listener that are not a source's.
    private static let ownPaths = ["/healthz"]

    func decodeSources(_ node: YAMLNode, _ configuration: inout Configuration) {
        var paths: [String: String] = [:]
        for member in node.members("sources", problems) ?? [] {
            configuration.sourceNames.append(member.key)
            guard isName(member.key) else {
                problems.report(
                    member.keyPlace,
                    "a source's name has 1 to 64 of a-z, A-Z, 0-9, \"-\", \"_\" and \".\"")
                continue
            }
            guard let source = source(member, &configuration.warnings) else { continue }
            if let other = paths.updateValue(source.name, forKey: source.path) {
                problems.report(
                    member.keyPlace, "the path \(source.path) is that of source \(other) too")
            }
            configuration.sources.append(source)
        }
    }

    private func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
            }
    }

    private func source(_ member: YAMLMember, _ warnings: inout [String]) -> Source? {
        guard
            let fields = YAMLFields(
                member.value, "a source", keys: Self.keys + Self.accessKeys, problems: problems),
            let typeNode = fields.required("type"), let sender = sender(typeNode)
        else { return nil }
        if fields["tolerance"] != nil {
            problems.report(
                fields.place(ofKey: "tolerance"),
                "\(sender.type) signs no timestamp, so there is no tolerance")
        }
        let name = member.key
        var limit = sender.contentBytesMax
        if let node = fields["bodyLimit"], let bytes = bytes(node, in: 1...(1 << 30)) {
            limit = bytes
        }
        guard let verification = verification(fields, member, &warnings) else { return nil }
        var source = Source(
            name: name, path: path(fields) ?? "/hooks/\(name)", sender: sender,
            verification: verification, contentBytesMax: limit)
        source.access = access(fields)
        return source
    }

    private func sender(_ node: YAMLNode) -> Sender? {
        guard let type = node.text("a type of sender", problems) else { return nil }
        if let sender = Sender.all[type] { return sender }
        if Self.typesToCome.contains(type) {
            problems.report(node.place, "the type \(type) is not supported by this build yet")
        } else {
            let known = Sender.all.keys.sorted() + Self.typesToCome
            problems.report(
                node.place,
                "unknown type \"\(printable(type))\"" + suggestion(for: type, among: known))
        }
        return nil
    }

    /// Fail-closed: a source without a secret says so itself.
    private func verification(
        _ fields: YAMLFields, _ member: YAMLMember, _ warnings: inout [String]
    ) -> Source.Verification? {
        if let node = fields["verification"] {
            guard let word = node.text("none", problems), word == "none" else {
                problems.report(node.place, "the only verification that can be named is none")
                return nil
            }
            guard fields["secrets"] == nil else {
                problems.report(node.place, "a source with secrets cannot have verification: none")
                return nil
            }
            warnings.append(
                "source \(member.key) accepts requests from anybody (verification: none)")
            return Source.Verification.none
        }
        guard let node = fields["secrets"] else {
            problems.report(
                member.keyPlace,
                "source \(member.key) has no secrets; add secrets: or verification: none")
            return nil
        }
        let found = secrets.secrets(node)
        let now = systemClock().milliseconds
        if !found.isEmpty, found.allSatisfy({ ($0.notAfterMilliseconds ?? .max) < now }) {
            warnings.append(
                "\(node.place): every secret of source \(member.key) has ended (notAfter); nothing "
                    + "will be accepted")
        }
        return found.isEmpty ? nil : .signature(found)
    }

    private func path(_ fields: YAMLFields) -> String? {
        guard let node = fields["path"], let path = node.text("a path", problems) else {
            return nil
        }
        let isClean = path.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !#"?#%"<>\^`{|}"#.utf8.contains(byte)
        }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.hasPrefix("/"), path.utf8.count <= 1024, isClean,
            !segments.contains("."), !segments.contains("..")
        else {
            problems.report(
                node.place,
                "expected a path such as /hooks/github: from / on, without ?, #, % and dot segments"
            )
            return nil
        }
        guard !Self.ownPaths.contains(path), path != "/v1", !path.hasPrefix("/v1/") else {
            problems.report(node.place, "the path \(path) is Hookline's own")
            return nil
        }
        return path
    }
}
