internal import CLinux
internal import EventPoll
internal import Glibc

/// Where a server listens.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// A numeric IPv4 or IPv6 address, or a host name that resolves to one.
    case tcp(host: String, port: UInt16)
    case unix(path: String)

    /// Reads `host:port`, `[v6]:port` or `unix:/path`; nil for anything else.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            // sun_path has 108 bytes with its NUL (unix(7)).
            guard path.hasPrefix("/"), path.utf8.count < 108 else { return nil }
            self = .unix(path: path)
            return
        }
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
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Whether only this machine can reach it.
    package var isLocal: Bool {
        switch self {
        case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        case .unix: true
        }
    }
}

/// Why a listener could not be opened.
package struct ListenError: Error, CustomStringConvertible {
    package let address: ListenAddress
    package let reason: String

    package var description: String { "cannot listen on \(address): \(reason)" }
}

/// A socket that accepts connections, closed with its owner.
struct Listener: ~Copyable, Sendable {
    let descriptor: Descriptor
    /// The address with the port that the kernel chose for port 0.
    let address: ListenAddress
    private let unlinksPath: String?

    deinit { if let unlinksPath { unlink(unlinksPath) } }

    /// Binds and listens.
    /// - Parameter sharesPort: Whether other loops of this process bind the same port.
    init(_ address: ListenAddress, sharesPort: Bool) throws(ListenError) {
        descriptor = try openListening(address, sharesPort: sharesPort)
        switch address {
        case .tcp(let host, _):
            self.address = .tcp(host: host, port: boundPort(descriptor.raw))
            unlinksPath = nil
        case .unix(let path):
            self.address = address
            unlinksPath = path
        }
    }

    /// Whether the port is free. A bound port is shared with every socket that sets SO_REUSEPORT,
    /// another process's too, so that a second server would start and take half the connections.
    static func checkFree(_ address: ListenAddress) throws(ListenError) {
        guard case .tcp(let host, let port) = address, port != 0 else { return }
        _ = try openTCP(host, port, sharesPort: false)
    }
}

private func openListening(
    _ address: ListenAddress, sharesPort: Bool
) throws(ListenError) -> Descriptor {
    let descriptor: Descriptor
    switch address {
    case .tcp(let host, let port):
        descriptor = try openTCP(host, port, sharesPort: sharesPort)
    case .unix(let path): descriptor = try openUnix(path)
    }
    guard listen(descriptor.raw, 4096) == 0 else {
        throw ListenError(address: address, reason: String(cString: strerror(errno)))
    }
    return descriptor
}

private func openTCP(
    _ host: String, _ port: UInt16, sharesPort: Bool
) throws(ListenError) -> Descriptor {
    let address = ListenAddress.tcp(host: host, port: port)
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &found)
    guard code == 0, let found else {
        throw ListenError(address: address, reason: String(cString: gai_strerror(code)))
    }
    defer { freeaddrinfo(found) }
    let raw = hl_stream_socket(found.pointee.ai_family)
    guard raw >= 0 else {
        throw ListenError(address: address, reason: String(cString: strerror(errno)))
    }
    let descriptor = Descriptor(owning: raw)
    setOption(raw, SOL_SOCKET, SO_REUSEADDR)
    if sharesPort { setOption(raw, SOL_SOCKET, SO_REUSEPORT) }
    if found.pointee.ai_family == AF_INET6 { setOption(raw, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
    guard bind(raw, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
        throw ListenError(address: address, reason: String(cString: strerror(errno)))
    }
    return descriptor
}

private func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32) {
    var on: Int32 = 1
    setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
}

private func boundPort(_ descriptor: Int32) -> UInt16 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes in
        guard let base = bytes.baseAddress else { return 0 }
        getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length)
        // sockaddr_in and sockaddr_in6 both have the port behind the family, in network order.
        return UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
    }
}

private func openUnix(_ path: String) throws(ListenError) -> Descriptor {
    let address = ListenAddress.unix(path: path)
    let raw = hl_stream_socket(AF_UNIX)
    guard raw >= 0 else {
        throw ListenError(address: address, reason: String(cString: strerror(errno)))
    }
    let descriptor = Descriptor(owning: raw)
    var name = unixAddress(path)
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    try removeStaleSocket(path, &name, length)
    let bound = withUnsafeBytes(of: &name) { bytes in
        bytes.baseAddress.map { bind(raw, $0.assumingMemoryBound(to: sockaddr.self), length) }
    }
    guard bound == 0 else {
        throw ListenError(address: address, reason: String(cString: strerror(errno)))
    }
    return descriptor
}

/// Removes what an earlier process left, if it is a socket and nobody listens on it.
private func removeStaleSocket(
    _ path: String, _ name: inout sockaddr_un, _ length: socklen_t
) throws(ListenError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
        throw ListenError(address: .unix(path: path), reason: "the path exists and is no socket")
    }
    let probe = Descriptor(owning: hl_stream_socket(AF_UNIX))
    let connected = withUnsafeBytes(of: &name) { bytes in
        bytes.baseAddress.map {
            connect(probe.raw, $0.assumingMemoryBound(to: sockaddr.self), length)
        }
    }
    guard connected != 0, errno == ECONNREFUSED else {
        throw ListenError(address: .unix(path: path), reason: "another process listens there")
    }
    unlink(path)
}

private func unixAddress(_ path: String) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { bytes in
        bytes.copyBytes(from: path.utf8.prefix(bytes.count - 1))
    }
    return address
}
