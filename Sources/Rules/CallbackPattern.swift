/// An entry of `callbacks.allow`: `https://*.example.com:8443/hooks/*`.
///
/// A scheme, a host or with `*.` its subdomains, perhaps a port, and the beginning of a path, which
/// ends in `*`.
package struct CallbackPattern: Sendable, Equatable {
    package let text: String

    /// - Throws: ``CallbackPatternError``
    package init(_ text: String) throws(CallbackPatternError) {
        guard text.hasSuffix("*") else { throw .end }
        let front = text.dropLast()
        guard let mark = front.firstRange(of: "://") else { throw .url(.scheme) }
        let scheme = front[..<mark.upperBound]
        var rest = front[mark.upperBound...]
        let hasSubdomains = rest.hasPrefix("*.")
        if hasSubdomains { rest = rest.dropFirst(2) }
        let url: CallbackURL
        do throws(CallbackURLError) {
            url = try CallbackURL(String(scheme + rest))
        } catch {
            throw rest.prefix { $0 != "/" }.contains("*") ? .wildcard : .url(error)
        }
        guard rest.contains("/") else { throw .path }
        guard !rest.contains("*") else { throw .wildcard }
        guard !rest.contains("?") else { throw .query }
        guard !hasSubdomains || (url.ipv4 == nil && !url.host.contains(":")) else {
            throw .subdomains
        }
        self.text = text
    }
}

/// Why a text is no entry of `callbacks.allow`.
package enum CallbackPatternError: Error, Equatable, CustomStringConvertible {
    /// The part without its `*` is no URL.
    case url(CallbackURLError)
    case end
    case path
    case query
    /// A `*` elsewhere.
    case wildcard
    /// Subdomains of an address.
    case subdomains

    package var description: String {
        switch self {
        case .url(let error): error.description
        case .end: "expected a URL whose path ends in *, such as https://ci.example.com/*"
        case .path: "a path is missing behind the host; expected https://ci.example.com/*"
        case .query: "a pattern cannot have a query (?)"
        case .wildcard: "a * can be only at the end, and as *. in front of the host"
        case .subdomains: "an address has no subdomains"
        }
    }
}
