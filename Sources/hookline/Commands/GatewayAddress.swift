import HTTPClient
import HTTPServer

/// Where a command reaches a listener of a running gateway.
struct GatewayAddress: CustomStringConvertible {
    /// Scheme and authority of its URLs.
    private let base: String
    /// The socket behind them; nil for a TCP port.
    private let unixSocketPath: String?

    /// What messages call it: its URL, or `unix:/path`.
    var description: String { unixSocketPath.map { "unix:\($0)" } ?? base }

    var isUnixSocket: Bool { unixSocketPath != nil }

    /// A listener of the configuration, as this machine reaches it; nil for a socket of the service
    /// manager, who alone knows where that is.
    /// - Parameter hasTLS: Whether TLS covers the listener, if it is on TCP.
    init?(_ address: ListenAddress, hasTLS: Bool) {
        switch address {
        case .tcp(let host, let port):
            let local = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
            base = "\(hasTLS ? "https" : "http")://\(ListenAddress.tcp(host: local, port: port))"
            unixSocketPath = nil
        case .unix(let path, _):
            base = Self.unixBase
            unixSocketPath = path
        case .inherited: return nil
        }
    }

    /// The listener at a URL.
    init(url: String) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        unixSocketPath = nil
    }

    /// The Unix socket that an option names as the configuration does; nil for a URL.
    /// - Throws: ``Exit`` for one that is not written so.
    init?(unix text: String, option: String) throws {
        guard text.hasPrefix("unix:") else { return nil }
        guard case .unix(let path, _) = ListenAddress(text) else {
            throw Exit(
                status: .usage,
                lines: [
                    "\(option) \(text): expected unix:/path, an absolute path of at most 107 bytes"
                ])
        }
        base = Self.unixBase
        unixSocketPath = path
    }

    /// The Host field needs a name (RFC 9112 §3.2), and a Unix socket has none.
    private static let unixBase = "http://localhost"

    /// - Parameter target: Path and query.
    func request(_ method: ClientRequest.Method, _ target: String) -> ClientRequest {
        var request = ClientRequest(id: 1, method: method, url: base + target)
        request.allowsPlainHTTP = true
        request.unixSocketPath = unixSocketPath
        return request
    }
}
