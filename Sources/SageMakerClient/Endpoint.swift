/// Where requests are sent: a scheme, a host with its port, and a path.
package struct Endpoint: Sendable, Equatable {
    package let isTLS: Bool
    /// The Host field: the host in lower case, with its port unless that is the scheme's own.
    package let host: String
    /// Begins and ends with a slash.
    package let path: String

    /// The URL for a request.
    package let url: String

    /// An endpoint of AWS's own.
    init(awsHost host: String) {
        isTLS = true
        self.host = host
        path = "/"
        url = "https://\(host)/"
    }

    /// Reads `http://127.0.0.1:5000` or `https://host/path`.
    /// - Parameter source: Which setting the URL is, for the error.
    /// - Throws: ``SageMakerClientError/invalidEndpoint(source:expected:)``.
    package init(_ url: String, from source: String) throws(SageMakerClientError) {
        func refusal(_ expected: String) -> SageMakerClientError {
            .invalidEndpoint(source: source, expected: expected)
        }
        guard url.utf8.count <= SageMakerClientLimits.endpointBytesMax,
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw refusal("a URL of at most 2048 visible ASCII characters") }
        let lowercased = url.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowercased.hasPrefix) else {
            throw refusal("a URL that begins with https:// or http://")
        }
        isTLS = scheme == "https://"
        let rest = url.dropFirst(scheme.count)
        guard !rest.contains(where: { "?#@\\\"<>^`{|}".contains($0) }) else {
            throw refusal("a URL without user, query and fragment")
        }
        let authority = rest.prefix { $0 != "/" }
        guard let (name, port) = hostAndPort(of: authority.lowercased()) else {
            throw refusal("a host name or address with an optional port of 1 to 65535")
        }
        let ownPort = isTLS ? 443 : 80
        host = port == nil || port == ownPort ? name : "\(name):\(port ?? ownPort)"
        let path = rest.dropFirst(authority.count)
        // Dot segments and doubled slashes are resolved in the signature but not on the wire.
        let segments = path.split(separator: "/")
        guard !segments.contains("."), !segments.contains("..") else {
            throw refusal("a path without dot segments")
        }
        self.path = segments.isEmpty ? "/" : "/\(segments.joined(separator: "/"))/"
        self.url = "\(scheme)\(host)\(self.path)"
    }
}

/// The host and the port of an authority in lower case, or nil for a malformed one.
func hostAndPort(of authority: String) -> (host: String, port: Int?)? {
    let host: Substring
    if authority.hasPrefix("[") {
        guard let close = authority.firstIndex(of: "]") else { return nil }
        host = authority[...close]
        let digits = host.dropFirst().dropLast()
        guard digits.contains(":"), digits.utf8.allSatisfy(\.isAddressByte) else { return nil }
    } else {
        host = authority.prefix { $0 != ":" }
        guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(\.isNameByte),
            !host.hasPrefix("."), !host.hasPrefix("-")
        else { return nil }
    }
    let rest = authority[host.endIndex...]
    if rest.isEmpty { return (String(host), nil) }
    let digits = rest.utf8.dropFirst()
    guard rest.hasPrefix(":"), digits.count <= 5, let port = number(digits),
        (1...65_535).contains(port)
    else { return nil }
    return (String(host), port)
}

extension UInt8 {
    /// What a host name in lower case or an IPv4 address consists of; `_` for container networks.
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// What an IPv6 address in lower case consists of.
    fileprivate var isAddressByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: ":"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
