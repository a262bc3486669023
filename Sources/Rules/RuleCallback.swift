/// Where the result of a rule's start is posted to.
package struct RuleCallback: Sendable, Equatable {
    /// What is told.
    package enum Occasion: String, Sendable, CaseIterable {
        case started, failed, finished
    }

    /// As it is written; an ``CallbackURL``.
    package let url: String
    /// Each once, in the order of ``Occasion/allCases``.
    package let on: [Occasion]

    package init(url: String, on: [Occasion]) {
        self.url = url
        self.on = on
    }
}

/// An absolute URL that a callback can be posted to.
package struct CallbackURL: Sendable, Equatable {
    package let text: String
    /// Without the brackets of an IPv6 address.
    package let host: String
    /// The 32 bits of the IPv4 address that the host is, in whatever spelling; nil for any other.
    package let ipv4: UInt32?

    /// What every such URL matches, for schemas; not all that does is one.
    static let pattern = "^[Hh][Tt][Tt][Pp][Ss]?://[^ ]+$"

    /// - Throws: ``CallbackURLError``
    package init(_ text: String) throws(CallbackURLError) {
        guard text.utf8.count <= RulesLimits.urlBytesMax else {
            throw .tooLong(limitBytes: RulesLimits.urlBytesMax)
        }
        let lower = text.lowercased()
        let scheme = ["https://", "http://"].first { lower.hasPrefix($0) }
        guard let scheme else { throw .scheme }
        // RFC 3986 §2: whatever else is in a URL is percent-encoded; a host name may be IDN.
        let isClean = text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                ? scalar.value > 0x20 && scalar.value < 0x7F
                    && !"\"<>\\^`{|}".contains(Character(scalar))
                : scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }
        guard isClean else { throw .character }
        guard !text.contains("#") else { throw .fragment }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { throw .userInformation }
        guard rest[authority.endIndex...].utf8.allSatisfy({ $0 < 0x80 }) else { throw .character }
        self.text = text
        host = try Self.host(of: authority)
        switch host.contains(":") ? .name : IPv4Spelling(host) {
        case .name: ipv4 = nil
        case .address(let bits): ipv4 = bits
        case .invalid: throw .host
        }
    }

    private static func host(of authority: Substring) throws(CallbackURLError) -> String {
        let host: Substring
        let port: Substring
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else { throw .host }
            host = authority[authority.index(after: authority.startIndex)..<close]
            port = authority[authority.index(after: close)...]
            guard host.contains(":"),
                host.utf8.allSatisfy({
                    $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
                })
            else { throw .host }
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority[host.endIndex...]
            guard host.utf8.allSatisfy({ $0 >= 0x80 || $0.isHostCharacter }) else { throw .host }
        }
        guard !host.isEmpty else { throw .host }
        if !port.isEmpty {
            let digits = port.dropFirst()
            guard port.first == ":", digits.utf8.allSatisfy(\.isDigit),
                let number = Int(digits), (1...65535).contains(number)
            else { throw .port }
        }
        return String(host)
    }
}

/// Why a text is no URL for callbacks.
package enum CallbackURLError: Error, Equatable, CustomStringConvertible {
    case tooLong(limitBytes: Int)
    case scheme
    case character
    case fragment
    case userInformation
    case host
    case port

    package var description: String {
        switch self {
        case .tooLong(let limit): "the URL is longer than \(limit) bytes"
        case .scheme: "expected a URL that begins with https:// or http://"
        case .character: "the URL has a character that must be percent-encoded"
        case .fragment: "a callback URL cannot have a fragment (#)"
        case .userInformation: "a callback URL cannot have user information (@)"
        case .host: "the URL has no valid host"
        case .port: "the URL's port must be from 1 to 65535"
        }
    }
}

extension UInt8 {
    fileprivate var isHostCharacter: Bool {
        isDigit || isLetter || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
            || self == UInt8(ascii: "_")
    }
}

extension RuleCallback {
    /// What a result can be written in.
    static let formats = ["json"]

    /// Reads a rule's `callback`.
    init?(_ node: YAMLNode, _ problems: ProblemList) {
        guard
            let fields = YAMLFields(
                node, "a callback", keys: ["url", "on", "format"], problems: problems)
        else { return nil }
        let urlNode = fields.required("url")
        if let format = fields["format"], let word = format.text("the format", problems),
            !Self.formats.contains(word)
        {
            problems.report(
                format.place,
                "the format cannot be \"\(printable(word))\"; expected "
                    + alternatives(Self.formats))
        }
        if let format = fields["format"] { problems.note(format.place) { $0.words = Self.formats } }
        if let urlNode { problems.note(urlNode.place) { $0.pattern = CallbackURL.pattern } }
        if let on = fields["on"] {
            problems.note(on.place) { $0.fallback = .texts(Occasion.allCases.map(\.rawValue)) }
        }
        let occasions = fields["on"].map { Self.occasions($0, problems) } ?? Occasion.allCases
        guard let urlNode, let text = urlNode.text("a URL", problems) else { return nil }
        do {
            let url = try CallbackURL(text)
            self.init(url: url.text, on: occasions)
        } catch {
            let hint = text.contains("${") ? "; it cannot have expressions" : ""
            problems.report(urlNode.place, error.description + hint)
            return nil
        }
    }

    /// Where a rule's `callback` names an occasion, if it does.
    static func place(of occasion: Occasion, inCallback node: YAMLNode) -> Place? {
        guard case .mapping(let members) = node.content,
            let named = members.first(where: { $0.key == "on" })?.value
        else { return nil }
        let words =
            switch named.content {
            case .sequence(let elements): elements
            case .scalar, .mapping: [named]
            }
        return words.first { $0.scalar?.text == occasion.rawValue }?.place
    }

    private static func occasions(_ node: YAMLNode, _ problems: ProblemList) -> [Occasion] {
        let named: [Occasion] = node.oneOrMore("started, failed or finished", problems)
            .compactMap { $0.word("on", problems) }
        problems.note(node.place) { $0.isNonEmpty = true }
        if case .sequence(let elements) = node.content, elements.isEmpty {
            problems.report(node.place, "expected at least one of started, failed or finished")
        }
        return Occasion.allCases.filter { named.contains($0) }
    }
}
