internal import EventPoll

/// Which proxy a request goes through, by the usual variables of the environment.
///
/// `https_proxy` and `http_proxy` by the URL's scheme, else `all_proxy`; `no_proxy` names hosts that
/// are spoken to directly: `*`, domains with all below them, addresses and networks, each with an
/// optional port. Upper case serves too, but for `HTTP_PROXY`, which a CGI request could set.
/// Source: curl(1), "Environment".
package struct ProxySettings: Sendable, Equatable {
    private var http: String?
    private var https: String?
    private var exceptions: [Exception] = []

    /// A host or network that is spoken to directly.
    fileprivate struct Exception: Sendable, Equatable {
        enum Target: Sendable, Equatable {
            case everything
            case domain(String)
            case network(IPNetwork)
        }
        let target: Target
        let port: String?
    }

    /// No proxy at all.
    package init() {}

    /// - Parameter environment: The process's environment.
    package init(environment: [String: String]) {
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first.flatMap { $0.isEmpty ? nil : $0 }
        }
        let all = value("all_proxy", "ALL_PROXY")
        http = value("http_proxy") ?? all
        https = value("https_proxy", "HTTPS_PROXY") ?? all
        let list = value("no_proxy", "NO_PROXY") ?? ""
        exceptions = list.split { $0 == "," || $0 == " " }.map { Exception(String($0)) }
    }

    /// The proxy's URL, or nil for a request that goes out directly.
    package func proxy(for url: String) -> String? {
        if http == nil, https == nil { return nil }
        let isTLS = url.lowercased().hasPrefix("https://")
        guard let proxy = isTLS ? https : http, let host = HostOfURL(url) else { return nil }
        let port = host.port ?? (isTLS ? "443" : "80")
        return exceptions.contains { $0.matches(host.name, port: port) } ? nil : proxy
    }
}

extension ProxySettings.Exception {
    fileprivate init(_ text: String) {
        let text = text.lowercased()
        if text == "*" {
            self.init(target: .everything, port: nil)
            return
        }
        if let network = IPNetwork(text.filter { $0 != "[" && $0 != "]" }) {
            self.init(target: .network(network), port: nil)
            return
        }
        let (name, port) = HostOfURL.split(text)
        if let network = IPNetwork(name) {
            self.init(target: .network(network), port: port)
        } else {
            // A leading dot says what is true without it: all below the domain.
            let domain = name.drop { $0 == "." }
            self.init(target: .domain(String(domain)), port: port)
        }
    }

    fileprivate func matches(_ host: String, port: String) -> Bool {
        guard self.port == nil || self.port == port else { return false }
        switch target {
        case .everything: return true
        case .domain(let domain):
            return !domain.isEmpty && (host == domain || host.hasSuffix("." + domain))
        case .network(let network): return IPAddress(host).map(network.contains) ?? false
        }
    }
}

/// The host and the port that a URL names.
struct HostOfURL {
    /// In lower case, without a dot at its end or the brackets of an IPv6 address.
    let name: String
    let port: String?

    /// Nil for a text without a host.
    init?(_ url: String) {
        guard let start = url.firstRange(of: "://")?.upperBound else { return nil }
        let authority = url[start...].prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        (name, port) = Self.split(host.lowercased())
        if name.isEmpty { return nil }
    }

    /// A host and an optional port behind a colon.
    static func split(_ text: String) -> (name: String, port: String?) {
        var name = Substring(text)
        var port: String?
        if name.hasPrefix("["), let close = name.firstIndex(of: "]") {
            let rest = name[name.index(after: close)...]
            if rest.hasPrefix(":") { port = String(rest.dropFirst()) }
            name = name[name.index(after: name.startIndex)..<close]
        } else if let colon = name.lastIndex(of: ":") {
            port = String(name[name.index(after: colon)...])
            name = name[..<colon]
        }
        if name.hasSuffix(".") { name = name.dropLast() }
        return (String(name), port.flatMap { $0.isEmpty ? nil : $0 })
    }
}
