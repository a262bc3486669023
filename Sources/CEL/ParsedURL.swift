/// The parts of an absolute URL (RFC 3986 §3), named as Go's and Kubernetes' CEL libraries do.
struct ParsedURL {
    private let scheme: String
    private let user: String
    private let hostname: String
    private let port: Int64?
    private let path: String
    private let query: Substring
    private let fragment: String

    /// The longest URL, in bytes.
    private static let bytesMax = 8192

    /// Nil for what is no absolute URL with a host.
    init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
            let colon = text.range(of: "://")
        else { return nil }
        let scheme = text[..<colon.lowerBound]
        guard let first = scheme.utf8.first, first.isLetter,
            scheme.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) })
        else { return nil }
        var rest = text[colon.upperBound...]
        var fragment: Substring = ""
        if let hash = rest.firstIndex(of: "#") {
            fragment = rest[rest.index(after: hash)...]
            rest = rest[..<hash]
        }
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let authority = Self.authority(rest[..<slash]),
            let path = Self.decoded(rest[slash...], plusIsSpace: false),
            let decodedFragment = Self.decoded(fragment, plusIsSpace: false)
        else { return nil }
        self.scheme = scheme.lowercased()
        user = authority.user
        hostname = authority.hostname
        port = authority.port
        self.path = path
        self.query = query
        self.fragment = decodedFragment
    }

    private static func authority(
        _ text: Substring
    ) -> (user: String, hostname: String, port: Int64?)? {
        var host = text
        var user = ""
        if let at = text.lastIndex(of: "@") {
            guard let decoded = decoded(text[..<at], plusIsSpace: false) else { return nil }
            user = decoded
            host = text[text.index(after: at)...]
        }
        var port: Int64?
        let isBracketed = host.first == "["
        guard !isBracketed || host.contains("]") else { return nil }
        if let colon = host.lastIndex(of: ":"), !isBracketed || host[..<colon].last == "]" {
            let digits = host[host.index(after: colon)...]
            guard digits.utf8.allSatisfy(\.isDigit),
                digits.isEmpty || Int64(digits) ?? 65_536 < 65_536
            else { return nil }
            port = Int64(digits)
            host = host[..<colon]
        }
        let name = isBracketed ? host.dropFirst().dropLast() : host
        guard !name.isEmpty, let decoded = decoded(name, plusIsSpace: false) else { return nil }
        return (user, decoded.lowercased(), port)
    }

    /// A text with `%XX` resolved; nil when that is malformed or gives no UTF-8.
    private static func decoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next()?.hexValue, let low = iterator.next()?.hexValue
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// `scheme host hostname port path query rawQuery fragment user`; `query` has a list of values
    /// for each name, `port` is null where the URL has none.
    var value: CELValue {
        let name = hostname.contains(":") ? "[\(hostname)]" : hostname
        return .map(from: [
            ("scheme", .string(scheme)),
            ("host", .string(port.map { "\(name):\($0)" } ?? name)),
            ("hostname", .string(hostname)),
            ("port", port.map { .int($0) } ?? .null),
            ("path", .string(path)),
            ("query", parameters),
            ("rawQuery", .string(String(query))),
            ("fragment", .string(fragment)),
            ("user", .string(user)),
        ])
    }

    /// Malformed pairs are left out, as Go does.
    private var parameters: CELValue {
        var names: [String] = []
        var values: [String: [CELValue]] = [:]
        for pair in query.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(halves[0], plusIsSpace: true),
                let value = Self.decoded(halves.count > 1 ? halves[1] : "", plusIsSpace: true)
            else { continue }
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(.string(value))
        }
        return .map(from: names.map { ($0, .list(values[$0] ?? [])) })
    }
}

extension String {
    /// The first place of a text.
    fileprivate func range(of part: String) -> Range<String.Index>? {
        var position = startIndex
        while position < endIndex {
            if self[position...].hasPrefix(part) {
                return position..<index(position, offsetBy: part.count)
            }
            position = index(after: position)
        }
        return nil
    }
}
