import Events
import OpenSSLCrypto
import Rules
import Webhook

/// Makes a source's scheme of its sender's and of the keys that the configuration has for it.
struct SourceSchemeDecoder {
    let sender: Sender
    let fields: YAMLFields
    let problems: ProblemList

    /// Keys of the source that its sender has no use for are errors: they would do nothing.
    func checkKnobs() {
        for knob in Sender.Knob.allCases
        where fields[knob.rawValue] != nil && !sender.knobs.contains(knob) {
            problems.report(
                fields.place(ofKey: knob.rawValue),
                "a source of type \(sender.type) has no key \"\(knob.rawValue)\"")
        }
    }

    /// Nil for what is reported, and for a sender that nothing proves.
    func scheme(_ keySets: KeySetReader, isVerified: Bool, needsKeys: Bool) -> Scheme? {
        switch sender.type {
        case "gitlab": return .gitLab(word("require") ?? .either)
        case "hmac": return isVerified ? signature.map { .signature($0) } : nil
        case "google-chat":
            return isVerified ? googleChat(keySets, needsKeys: needsKeys) : nil
        default:
            guard case .token(let scheme)? = sender.scheme else { return sender.scheme }
            return .token(token(scheme))
        }
    }

    /// The form of the source's secrets.
    var secretForm: SecretForm? {
        guard sender.type == "hmac" else {
            // In a field of its own the value is compared as it is.
            return sender.type == "azure-devops" && fields["header"] != nil
                ? .token : sender.secretForm
        }
        switch fields["secretEncoding"]?.scalar?.text {
        case "hex": return .hex
        case "base64": return .base64
        case "whsec": return .standardWebhooks
        default: return .text
        }
    }

    var idField: String? { field("idHeader") }

    // MARK: - Tokens

    private func token(_ scheme: TokenScheme) -> TokenScheme {
        var scheme = scheme
        if let header = field("header") {
            scheme.field = header
            scheme.queryField = nil
            scheme.contentField = nil
            // Words such as "Bearer" belong to the field that they are in by default.
            if header != "authorization" || sender.type == "azure-devops" { scheme.form = .plain }
        }
        if let prefix = text("prefix", "the text in front of the token") {
            scheme.form = prefix.isEmpty ? .plain : .prefixed(prefix)
        }
        return scheme
    }

    private func googleChat(_ keySets: KeySetReader, needsKeys: Bool) -> Scheme? {
        let audience = fields.required("audience")?.writtenText("an audience", problems)
        let node = fields.required("keys")
        guard needsKeys else {
            _ = node?.text("a key set's path or URL", problems)
            return nil
        }
        guard let keys = node.flatMap(keySets.keys), let audience else { return nil }
        return .jwt(.googleChat(audience: audience, keys: keys))
    }

    // MARK: - Signatures

    private enum Algorithm: String, CaseIterable { case sha1, sha256, sha512 }

    /// Without the guess that is for Weights & Biases alone.
    private enum Encoding: String, CaseIterable {
        case hex, base64, base64url

        var ofSignatures: SignatureScheme.Encoding {
            switch self {
            case .hex: .hex
            case .base64: .base64
            case .base64url: .base64url
            }
        }
    }

    /// `utf8` is another word for `text`.
    private enum SecretEncoding: String, CaseIterable { case text, utf8, hex, base64, whsec }

    private var signature: SignatureScheme? {
        let header = fields.required("header").flatMap { _ in field("header") }
        let algorithm: Algorithm = word("algorithm") ?? .sha256
        let encoding: Encoding = word("encoding") ?? .hex
        let _: SecretEncoding? = word("secretEncoding")
        let prefix = text("prefix", "the text in front of the signature") ?? ""
        var scheme = SignatureScheme(
            fields: [header ?? ""],
            versions: [.init(prefix, .hmac(HashFunction(rawValue: algorithm.rawValue) ?? .sha256))],
            encoding: encoding.ofSignatures)
        scheme.timestampField = field("timestampHeader")
        scheme.timeUnit = word("timestampUnit") ?? .seconds
        scheme.idField = idField
        if let separator = separator { scheme.form = .list(separator: separator) }
        guard let signed = signed(scheme), header != nil else { return nil }
        scheme.signed = signed
        return scheme
    }

    private func signed(_ scheme: SignatureScheme) -> SignedText? {
        let node = fields["signed"]
        guard let template = node.map({ $0.writtenText("what is signed", problems) }) ?? "{body}"
        else { return nil }
        let place = node?.place ?? fields.place
        let signed: SignedText
        do {
            signed = try SignedText(template)
        } catch {
            problems.report(place, "signed: \(error)")
            return nil
        }
        let needs = [
            ("timestampHeader", scheme.timestampField, signed.usesTimestamp, "{ts}"),
            ("idHeader", scheme.idField, signed.usesID, "{id}"),
        ]
        for (key, field, isUsed, name) in needs where isUsed && field == nil {
            problems.report(place, "signed has \(name), so the source needs \(key)")
        }
        if scheme.timestampField != nil, !signed.usesTimestamp {
            problems.report(
                fields.place(ofKey: "timestampHeader"),
                "a time that is not signed proves nothing; put {ts} into signed")
        }
        return signed
    }

    private var separator: UInt8? {
        guard let text = text("separator", "the character between signatures") else { return nil }
        guard text.utf8.count == 1, let byte = text.utf8.first, byte >= 0x20, byte < 0x7F else {
            problems.report(
                fields["separator"]?.place ?? fields.place,
                "expected one character such as \" \" or \",\"")
            return nil
        }
        return byte
    }

    // MARK: - Values

    private func text(_ key: String, _ what: String) -> String? {
        fields[key].flatMap { $0.writtenText(what, problems) }
    }

    private func word<Word: RawRepresentable & CaseIterable>(_ key: String) -> Word?
    where Word.RawValue == String {
        fields[key].flatMap { $0.word(key, problems) }
    }

    /// A header field's name (RFC 9110 §5.1), lower-case.
    private func field(_ key: String) -> String? {
        guard let node = fields[key], sender.knobs.contains(where: { $0.rawValue == key }),
            let name = node.text("a header field's name", problems)
        else { return nil }
        let isToken =
            (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        guard isToken else {
            problems.report(
                node.place, "expected a header field's name, not \"\(printable(name))\"")
            return nil
        }
        return name.lowercased()
    }
}
