internal import CLinux
internal import EventPoll
internal import Glibc

/// A socket that accepts connections, closed with its owner.
struct Listener: ~Copyable, Sendable {
    let descriptor: Descriptor
    /// The address with the port that the kernel chose for port 0, or that was inherited.
    let address: ListenAddress
    /// Whether another process owns the socket, and goes on with it after this one.
    let isInherited: Bool
    /// The socket in the file system that goes with its owner; nil where there is none of ours.
    private let socketFile: SocketFile?

    deinit { socketFile?.remove() }

    /// Binds and listens.
    /// - Parameters:
    ///   - sharesPort: Whether other loops of this process bind the same port.
    ///   - inherited: Where ``ListenAddress/inherited(name:)`` is taken from.
    init(
        _ address: ListenAddress, sharesPort: Bool, inherited: InheritedSockets
    ) throws(ListenError) {
        isInherited = if case .inherited = address { true } else { false }
        descriptor = try openListening(address, sharesPort: sharesPort, inherited: inherited)
        switch address {
        case .tcp(let host, _):
            self.address = .tcp(host: host, port: boundPort(descriptor.raw))
            socketFile = nil
        case .unix(let path, _):
            self.address = address
            socketFile = SocketFile(path)
        case .inherited:
            self.address = boundAddress(descriptor.raw) ?? address
            socketFile = nil
        }
    }

    /// Whether the port is free. A bound port is shared with every socket that sets SO_REUSEPORT,
    /// another process's too, so that a second server would start and take half the connections.
    static func checkFree(_ address: ListenAddress) throws(ListenError) {
        guard case .tcp(let host, let port) = address, port != 0 else { return }
        _ = try openTCP(host, port, sharesPort: false)
    }
}

/// A Unix socket's file, told from another one of the same name.
private struct SocketFile {
    let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Nil for a file that is gone already.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes it, but not the one that a successor has put in its place.
    func remove() {
        guard let current = SocketFile(path), current.device == device, current.inode == inode
        else { return }
        unlink(path)
    }
}

extension ListenError {
    fileprivate static func failed(_ address: ListenAddress, _ code: Int32) -> ListenError {
        ListenError(address: address, reason: String(cString: strerror(code)))
    }
}

private func openListening(
    _ address: ListenAddress, sharesPort: Bool, inherited: InheritedSockets
) throws(ListenError) -> Descriptor {
    let descriptor: Descriptor
    switch address {
    case .tcp(let host, let port):
        descriptor = try openTCP(host, port, sharesPort: sharesPort)
    case .unix(let path, let mode): descriptor = try openUnix(path, mode, address)
    case .inherited(let name): return try inherited.take(name: name)
    }
    guard listen(descriptor.raw, 4096) == 0 else { throw .failed(address, errno) }
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
    guard raw >= 0 else { throw .failed(address, errno) }
    let descriptor = Descriptor(owning: raw)
    setOption(raw, SOL_SOCKET, SO_REUSEADDR)
    if sharesPort { setOption(raw, SOL_SOCKET, SO_REUSEPORT) }
    if found.pointee.ai_family == AF_INET6 { setOption(raw, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
    guard bind(raw, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
        throw .failed(address, errno)
    }
    return descriptor
}

private func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32) {
    var on: Int32 = 1
    setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
}

private func boundPort(_ descriptor: Int32) -> UInt16 {
    withSocketName(descriptor) { bytes in
        // sockaddr_in and sockaddr_in6 both have the port behind the family, in network order.
        UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
}

/// Where an inherited socket listens, as far as an address says it.
private func boundAddress(_ descriptor: Int32) -> ListenAddress? {
    withSocketName(descriptor) { bytes in
        if let address = IPAddress(socketAddress: bytes) {
            let port = bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)
            return .tcp(host: "\(address)", port: UInt16(bigEndian: port))
        }
        let path = bytes.dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }
        return path.isEmpty ? nil : .unix(path: String(decoding: path, as: UTF8.self), mode: nil)
    }
}

private func withSocketName<Result>(
    _ descriptor: Int32, _ body: (UnsafeRawBufferPointer) -> Result
) -> Result {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes in
        if let base = bytes.baseAddress {
            getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return body(UnsafeRawBufferPointer(bytes))
    }
}

private func openUnix(
    _ path: String, _ mode: UInt16?, _ address: ListenAddress
) throws(ListenError) -> Descriptor {
    let raw = hl_stream_socket(AF_UNIX)
    guard raw >= 0 else { throw .failed(address, errno) }
    let descriptor = Descriptor(owning: raw)
    var name = unixAddress(path)
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    try removeStaleSocket(path, &name, length, address)
    let bound = withUnsafeBytes(of: &name) { bytes in
        bytes.baseAddress.map { bind(raw, $0.assumingMemoryBound(to: sockaddr.self), length) }
    }
    guard bound == 0 else { throw .failed(address, errno) }
    // Nobody can connect before listen(2), so there is no moment of another mode.
    if let mode, chmod(path, mode_t(mode)) != 0 {
        let code = errno
        unlink(path)
        throw .failed(address, code)
    }
    return descriptor
}

/// Removes what an earlier process left, if it is a socket and nobody listens on it.
private func removeStaleSocket(
    _ path: String, _ name: inout sockaddr_un, _ length: socklen_t, _ address: ListenAddress
) throws(ListenError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
        throw ListenError(address: address, reason: "the path exists and is no socket")
    }
    let raw = hl_stream_socket(AF_UNIX)
    guard raw >= 0 else { throw .failed(address, errno) }
    let probe = Descriptor(owning: raw)
    let connected = withUnsafeBytes(of: &name) { bytes in
        bytes.baseAddress.map {
            connect(probe.raw, $0.assumingMemoryBound(to: sockaddr.self), length)
        }
    }
    guard connected != 0, errno == ECONNREFUSED else {
        throw ListenError(address: address, reason: "another process listens there")
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
