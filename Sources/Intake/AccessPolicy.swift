package import EventPoll
internal import HTTP1
internal import HTTPServer

/// Who may speak to a source at all, and how often; asked before anything of the content is read.
package struct AccessPolicy: Sendable {
    /// The networks that requests may come from; empty for all.
    package var allowed: [IPNetwork] = []
    /// The proxies whose word on their client's address is taken.
    package var trustedProxies: [IPNetwork] = []
    /// Whether what connects to a Unix socket is such a proxy.
    package var trustsUnixSockets = false
    /// Nil for no limit.
    package var rateLimit: RateLimit?

    package init() {}

    /// The client's address as text; empty when nobody says it.
    func clientAddressText(_ head: RequestHead, _ peer: Peer) -> String {
        guard isProxy(peer) else { return peer.addressText }
        return clientAddress(head, peer).map { "\($0)" } ?? ""
    }

    /// Whether the client may speak to the source.
    func admits(_ head: RequestHead, _ peer: Peer) -> Bool {
        guard !allowed.isEmpty else { return true }
        guard let address = clientAddress(head, peer) else { return false }
        return allowed.contains { $0.contains(address) }
    }

    private func isProxy(_ peer: Peer) -> Bool {
        peer.address.map(isProxy) ?? trustsUnixSockets
    }

    private func isProxy(_ address: IPAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }

    /// Nil when the proxies do not say it, or not clearly.
    private func clientAddress(_ head: RequestHead, _ peer: Peer) -> IPAddress? {
        guard isProxy(peer) else { return peer.address }
        let forwarded = ForwardedFor.forwarded(head).map(client)
        let plain = ForwardedFor.xForwardedFor(head).map(client)
        switch (forwarded, plain) {
        case (nil, nil): return peer.address
        case (let only?, nil), (nil, let only?): return only
        // A proxy that knows one of the fields passes the other on as the client wrote it.
        case (let first?, let second?): return first == second ? first : nil
        }
    }

    /// The last hop that no trusted proxy made: what stands before it, anybody may have written.
    private func client(_ hops: [IPAddress?]) -> IPAddress? {
        for hop in hops.reversed() {
            guard let hop else { return nil }
            if !isProxy(hop) { return hop }
        }
        return hops.first ?? nil
    }
}

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
            for pair in element.split(separator: ";") {
                let parts = pair.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, trimmed(parts[0]).lowercased() == "for" else { continue }
                return address(unquoted(trimmed(parts[1])))
            }
            return nil
        }
    }

    private static func hops(
        _ head: RequestHead, _ name: String, _ read: (Substring) -> IPAddress?
    ) -> [IPAddress?]? {
        let lines = head.allFields(name)
        guard !lines.isEmpty else { return nil }
        var hops: [IPAddress?] = []
        for line in lines {
            let text = String(decoding: line, as: UTF8.self)
            for element in text.split(separator: ",", omittingEmptySubsequences: false) {
                hops.append(read(trimmed(element)))
            }
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
