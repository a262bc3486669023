internal import EventPoll

/// Where a server listens.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// A numeric IPv4 or IPv6 address, or a host name that resolves to one.
    case tcp(host: String, port: UInt16)
    /// A socket in the file system; its mode is what umask leaves where none is given.
    case unix(path: String, mode: UInt16?)
    /// A socket that the service manager has opened: the one of this name, or the next one.
    case inherited(name: String?)

    /// The forms that ``init(_:)`` reads.
    package static let forms =
        "host:port, [v6]:port, unix:/path, unix:/path?mode=0660 or systemd:NAME"

    /// Reads one of ``forms``; `systemd` alone is the next socket. Nil for anything else.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            self.init(unix: text.dropFirst("unix:".count))
        } else if text == "systemd" {
            self = .inherited(name: nil)
        } else if text.hasPrefix("systemd:") {
            let name = text.dropFirst("systemd:".count)
            guard !name.isEmpty else { return nil }
            self = .inherited(name: String(name))
        } else {
            self.init(tcp: text)
        }
    }

    private init?(unix text: Substring) {
        let parts = text.split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        // sun_path has 108 bytes with its NUL (unix(7)).
        guard path.hasPrefix("/"), path.utf8.count < 108, !path.utf8.contains(0) else { return nil }
        guard parts.count == 2 else {
            self = .unix(path: path, mode: nil)
            return
        }
        guard parts[1].hasPrefix("mode="),
            let mode = UInt16(parts[1].dropFirst("mode=".count), radix: 8), mode <= 0o777
        else { return nil }
        self = .unix(path: path, mode: mode)
    }

    private init?(tcp text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = String(text[..<colon])
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":") else { return nil }
        } else if host.contains(":") || host.contains("[") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self = .tcp(host: host, port: port)
    }

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path, nil): "unix:\(path)"
        case .unix(let path, let mode?): "unix:\(path)?mode=0\(String(mode, radix: 8))"
        case .inherited(let name): name.map { "systemd:\($0)" } ?? "systemd"
        }
    }

    /// Whether only this machine can surely reach it.
    package var isLocal: Bool {
        switch self {
        case .tcp(let host, _):
            // A name or a number that begins with 127 is local only as a whole address.
            if host == "localhost" { return true }
            switch IPAddress(host)?.unmapped {
            case .v4(let bits): return bits >> 24 == 127
            case .v6(let bits): return bits == 1
            case nil: return false
            }
        case .unix: return true
        case .inherited: return false
        }
    }
}

/// Why a listener could not be opened.
package struct ListenError: Error, CustomStringConvertible {
    package let address: ListenAddress
    package let reason: String

    package var description: String { "cannot listen on \(address): \(reason)" }
}
