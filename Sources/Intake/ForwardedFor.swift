internal import EventPoll
internal import HTTP1

/// What proxies say of the way that a request came, nearest hop last; nil for a hop that is no
/// address.
enum ForwardedFor {
    /// The most hops that are read; a longer list has an unknown one at its end.
    static let hopsMax = 64

    /// `X-Forwarded-For`: addresses, with or without a port, parted by commas. Nil without one.
    static func xForwardedFor(_ head: RequestHead) -> [IPAddress?]? {
        hops(head, "x-forwarded-for") { address($0) }
    }

    /// `Forwarded` (RFC 7239 §4): elements parted by commas, of each the `for` parameter.
    static func forwarded(_ head: RequestHead) -> [IPAddress?]? {
        hops(head, "forwarded") { element in
            let nodes = split(element, at: ";").compactMap { pair -> Substring? in
                let parts = pair.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, trimmed(parts[0]).lowercased() == "for" else { return nil }
                return trimmed(parts[1])
            }
            // Each parameter stands once (RFC 7239 §4).
            return nodes.count == 1 ? address(unquoted(nodes[0])) : nil
        }
    }

    /// Splits at a separator, but not within a quoted string (RFC 9110 §5.6.4).
    private static func split(_ text: Substring, at separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var (isQuoted, isEscaped) = (false, false)
        for index in text.indices {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, text[index] == "\\" {
                isEscaped = true
            } else if text[index] == "\"" {
                isQuoted.toggle()
            } else if text[index] == separator, !isQuoted {
                parts.append(text[start..<index])
                start = text.index(after: index)
            }
        }
        return parts + [text[start...]]
    }

    private static func hops(
        _ head: RequestHead, _ name: String, _ read: (Substring) -> IPAddress?
    ) -> [IPAddress?]? {
        let lines = head.allFields(name)
        guard !lines.isEmpty else { return nil }
        var hops: [IPAddress?] = []
        for line in lines {
            let text = String(decoding: line, as: UTF8.self)
            for element in split(text[...], at: ",") { hops.append(read(trimmed(element))) }
            if hops.count > hopsMax { return [nil] }
        }
        return hops
    }

    /// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
    private static func address(_ text: Substring) -> IPAddress? {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            guard isPort(text[text.index(after: close)...]) else { return nil }
            return IPAddress(String(text[text.index(after: text.startIndex)..<close]))?.unmapped
        }
        if let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") {
            guard isPort(text[colon...]) else { return nil }
            return IPAddress(String(text[..<colon]))
        }
        return IPAddress(String(text))?.unmapped
    }

    /// Nothing, or a colon and a port; RFC 7239 §6 has obfuscated ones too.
    private static func isPort(_ text: Substring) -> Bool {
        guard let first = text.first else { return true }
        let port = text.dropFirst()
        return first == ":" && (1...64).contains(port.utf8.count)
            && port.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    private static func unquoted(_ text: Substring) -> Substring {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return text.dropFirst().dropLast()
    }
}
