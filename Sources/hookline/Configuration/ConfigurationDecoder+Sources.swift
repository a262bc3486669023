import Events
import HTTPClient
import Intake
import Journal
import OpenSSLCrypto
import Rules
import Webhook

extension ConfigurationDecoder {
    private static let keys =
        ["type", "path", "secrets", "bodyLimit", "tolerance", "verification"]
        + Sender.Knob.allCases.map(\.rawValue)
    /// Paths of the main listener that are not a source's.
    private static let ownPaths = ["/healthz"]

    func decodeSources(_ node: YAMLNode, _ configuration: inout Configuration) {
        var paths: [String: String] = [:]
        problems.note(node.place) { $0.keyPattern = "^[A-Za-z0-9._-]{1,64}$" }
        for member in node.members("sources", problems) ?? [] {
            configuration.sourceNames.append(member.key)
            if !isName(member.key) {
                problems.report(
                    member.keyPlace,
                    "a source's name has 1 to 64 of a-z, A-Z, 0-9, \"-\", \"_\" and \".\"")
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
        // The last two would make the default path a dot segment.
        (1...64).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
            }
    }

    private func source(_ member: YAMLMember, _ warnings: inout [String]) -> Source? {
        guard
            let fields = YAMLFields(
                member.value, "a source", keys: Self.keys + Self.accessKeys, problems: problems)
        else { return nil }
        // First what depends on nothing else, so that no error hides another.
        let path = path(fields)
        let limit = fields["bodyLimit"].flatMap { bytes($0, in: 1...(1 << 30)) }
        let origins = origins(fields)
        let access = access(fields)
        guard let sender = fields.required("type").flatMap(sender) else {
            checkUntyped(fields)
            return nil
        }
        let decoder = SourceSchemeDecoder(sender: sender, fields: fields, problems: problems)
        decoder.checkKnobs()
        let name = member.key
        let isVerified = fields["verification"] == nil
        let scheme = decoder.scheme(
            KeySetReader(
                folder: folder, problems: problems, files: secrets.files,
                proxies: ProxySettings(environment: secrets.environment)),
            isVerified: isVerified, needsKeys: secrets.isNeeded)
        let tolerance = tolerance(fields, sender, scheme)
        guard let verification = verification(fields, member, decoder, scheme, &warnings) else {
            return nil
        }
        var source = Source(
            name: name, path: path ?? "/hooks/\(name)", sender: sender,
            verification: verification, contentBytesMax: limit ?? sender.contentBytesMax,
            scheme: scheme)
        source.idField = decoder.idField
        if let tolerance { source.toleranceMilliseconds = tolerance }
        // A default limit is of the JSON; one that is written is of what is sent.
        if limit == nil, sender.payload.takesForm {
            source.formBytesMax = 3 * sender.contentBytesMax
        }
        source.allowedOrigins = origins
        source.access = access
        return source
    }

    /// Reports what is wrong with a source of whatever type it should be.
    private func checkUntyped(_ fields: YAMLFields) {
        if let node = fields["tolerance"] { _ = tolerance(node) }
        if let node = fields["verification"] { _ = isNone(node) }
        // A token has any form.
        if let node = fields["secrets"] { _ = secrets.secrets(node, .token) }
    }

    private func sender(_ node: YAMLNode) -> Sender? {
        guard let type = node.text("a type of sender", problems) else { return nil }
        problems.note(node.place) { $0.words = Sender.all.keys.sorted() }
        if let sender = Sender.all[type] { return sender }
        problems.report(
            node.place,
            "unknown type \"\(printable(type))\""
                + suggestion(for: type, among: Sender.all.keys.sorted()))
        return nil
    }

    private func tolerance(
        _ fields: YAMLFields, _ sender: Sender, _ scheme: Scheme?
    ) -> Int64? {
        guard let node = fields["tolerance"] else { return nil }
        guard scheme?.signsTime ?? (sender.type == "google-chat") else {
            problems.report(
                fields.place(ofKey: "tolerance"),
                "\(sender.type) signs no timestamp, so there is no tolerance")
            return nil
        }
        return tolerance(node)
    }

    /// In milliseconds.
    private func tolerance(_ node: YAMLNode) -> Int64? {
        duration(node, in: .seconds(1) ... .seconds(86_400)).map { $0.components.seconds * 1000 }
    }

    /// Hosts that may ask by CloudEvents' handshake whether they may send.
    private func origins(_ fields: YAMLFields) -> [String] {
        guard let node = fields["allowedOrigins"] else { return [] }
        return node.oneOrMore("origins", problems).compactMap { element in
            guard let text = element.text("an origin such as eventgrid.azure.net", problems) else {
                return nil
            }
            let isClean = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            guard isClean, !text.isEmpty else {
                problems.report(element.place, "expected an origin such as eventgrid.azure.net")
                return nil
            }
            return text
        }
    }

    /// Fail-closed: a source without a secret says so itself.
    private func verification(
        _ fields: YAMLFields, _ member: YAMLMember, _ decoder: SourceSchemeDecoder,
        _ scheme: Scheme?, _ warnings: inout [String]
    ) -> Source.Verification? {
        if let node = fields["verification"] {
            guard isNone(node) else { return nil }
            guard fields["secrets"] == nil else {
                problems.report(node.place, "a source with secrets cannot have verification: none")
                return nil
            }
            warnings.append(
                "source \(member.key) accepts requests from anybody (verification: none)")
            return Source.Verification.none
        }
        guard let form = decoder.secretForm else { return unsigned(fields, member, decoder.sender) }
        guard let node = fields["secrets"] else {
            problems.report(
                member.keyPlace,
                "source \(member.key) has no secrets; add secrets: or verification: none")
            return nil
        }
        let found = secrets.secrets(node, form)
        checkKinds(found, scheme, node)
        let now = systemClock().milliseconds
        if !found.isEmpty, found.allSatisfy({ ($0.notAfterMilliseconds ?? .max) < now }) {
            warnings.append(
                "\(node.place): every secret of source \(member.key) has ended (notAfter); nothing "
                    + "will be accepted")
        }
        return found.isEmpty ? nil : .signature(found)
    }

    private func isNone(_ verification: YAMLNode) -> Bool {
        problems.note(verification.place) { $0.words = ["none"] }
        if verification.text("none", problems) == "none" { return true }
        problems.report(verification.place, "the only verification that can be named is none")
        return false
    }

    /// A sender that has no secret: Google Chat proves itself with Google's keys, Docker Hub not.
    private func unsigned(
        _ fields: YAMLFields, _ member: YAMLMember, _ sender: Sender
    ) -> Source.Verification? {
        if fields["secrets"] != nil {
            problems.report(
                fields.place(ofKey: "secrets"), "a source of type \(sender.type) has no secrets")
            return nil
        }
        guard sender.knobs.contains(.keys) else {
            problems.report(
                member.keyPlace,
                "source \(member.key): \(sender.type) proves nothing; say verification: none, and "
                    + "give it a path that nobody guesses")
            return nil
        }
        return .signature([])
    }

    /// What GitLab's `require` asks for must be there to check it with.
    private func checkKinds(_ found: [SigningSecret], _ scheme: Scheme?, _ node: YAMLNode) {
        guard case .gitLab(let requirement)? = scheme, secrets.isNeeded, !found.isEmpty else {
            return
        }
        let needsSignature = requirement == .signature || requirement == .both
        let needsToken = requirement == .token || requirement == .both
        if needsSignature, !found.contains(where: { $0.kind == .symmetric }) {
            problems.report(
                node.place, "require: \(requirement.rawValue) needs a signing token (whsec_…)")
        }
        if needsToken, !found.contains(where: { $0.kind == .token }) {
            problems.report(
                node.place, "require: \(requirement.rawValue) needs a secret without whsec_")
        }
    }

    private func path(_ fields: YAMLFields) -> String? {
        guard let node = fields["path"], let path = node.text("a path", problems) else {
            return nil
        }
        problems.note(node.place) { $0.pattern = "^/[^?#% ]{0,1023}$" }
        let isClean = path.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !#"?#%"<>\^`{|}"#.utf8.contains(byte)
        }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.utf8.count <= 1024 else {
            problems.report(node.place, "expected a path of at most 1024 characters")
            return nil
        }
        guard path.hasPrefix("/"), isClean,
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
