import Glibc
import Synchronization

/// A server on 127.0.0.1, or at a Unix socket, that plays a script on each connection, with blocking sockets and a thread
/// a connection.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let script: @Sendable (Connection) -> Void
    private let state = Mutex(State())

    private struct State {
        var threads: [ServerThread] = []
        var connections: [Connection] = []
        var requests: [ReceivedRequest] = []
        var hasSeenClose = false
    }

    /// Starts to listen.
    /// - Parameters:
    ///   - unixPath: Where to make a Unix socket instead, whose server has port 0.
    ///   - script: What to do with a connection, which is closed when it returns.
    init(unixPath: String? = nil, _ script: @escaping @Sendable (Connection) -> Void) throws {
        setHostileProxy
        self.script = script
        (listener, port) = try unixPath.map { (try boundUnixSocket($0), 0) } ?? boundSocket()
        guard listen(listener, 128) == 0 else { throw ServerError(call: "listen", errno: errno) }
        // The thread ends at `stop()`, which every test reaches by way of `withServer`.
        let thread = ServerThread { [self] in acceptAll() }
        state.withLock { $0.threads.append(thread) }
    }

    var url: String { "http://127.0.0.1:\(port)/" }
    var connectionCount: Int { state.withLock { $0.connections.count } }
    var requests: [ReceivedRequest] { state.withLock { $0.requests } }

    /// Whether a connection was closed by the client, sooner or later.
    func seesClose() -> Bool {
        for _ in 0..<30_000 {
            if state.withLock({ $0.hasSeenClose }) { return true }
            usleep(1000)
        }
        return false
    }

    fileprivate func noteClose() { state.withLock { $0.hasSeenClose = true } }

    fileprivate func note(_ request: ReceivedRequest) {
        state.withLock { $0.requests.append(request) }
    }

    fileprivate func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        // The acceptor is first, and no thread is added after it has ended.
        state.withLock { $0.threads.first }?.join()
        let (threads, connections) = state.withLock { ($0.threads, $0.connections) }
        for connection in connections { connection.interrupt() }
        for thread in threads.dropFirst() { thread.join() }
        close(listener)
        // A connection knows its server; this ends the circle.
        state.withLock { $0.connections = [] }
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
            state.withLock { state in
                let connection = Connection(
                    descriptor, index: state.connections.count, server: self)
                state.connections.append(connection)
                state.threads.append(
                    ServerThread { [script] in
                        script(connection)
                        connection.close()
                    })
            }
        }
    }
}

/// Runs a server for as long as `body` runs.
func withServer(
    unixPath: String? = nil, _ script: @escaping @Sendable (Connection) -> Void,
    _ body: (LoopbackServer) throws -> Void
) throws {
    let server = try LoopbackServer(unixPath: unixPath, script)
    defer { server.stop() }
    try body(server)
}

struct ServerError: Error {
    let call: String
    let errno: Int32
}

/// A request as it came over the wire.
struct ReceivedRequest: Sendable {
    let line: String
    let fieldLines: [String]
    let content: [UInt8]
}

/// The server's end of a connection.
final class Connection: Sendable {
    /// How many connections came before this one.
    let index: Int
    private let state: Mutex<State>
    private let server: LoopbackServer

    private struct State {
        var descriptor: Int32
        var unread: [UInt8] = []
    }

    fileprivate init(_ descriptor: Int32, index: Int, server: LoopbackServer) {
        state = Mutex(State(descriptor: descriptor))
        self.index = index
        self.server = server
    }

    /// The next request with all its content, or nil when the client has closed.
    @discardableResult
    func readRequest() -> ReceivedRequest? {
        guard let head = read(until: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: head.dropLast(4), as: UTF8.self).split(separator: "\r\n")
        let fieldLines = lines.dropFirst().map(String.init)
        let length = fieldLines.lazy.compactMap { line in
            line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
        }
        guard let content = read(count: length.first ?? 0) else { return nil }
        let request = ReceivedRequest(
            line: String(lines[0]), fieldLines: fieldLines, content: content)
        server.note(request)
        return request
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends one byte a segment.
    func sendByByte(_ text: String) {
        for byte in text.utf8 { send([byte]) }
    }

    /// Waits until the client closes.
    func waitForClose() {
        while receive() {}
        server.noteClose()
    }

    /// Closes with a reset instead of an end of stream.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = -1
        }
    }

    fileprivate func interrupt() {
        state.withLock { state in
            if state.descriptor >= 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private var descriptor: Int32 { state.withLock { $0.descriptor } }

    private func read(until end: [UInt8]) -> [UInt8]? {
        while true {
            let unread = state.withLock { $0.unread }
            if let range = unread.firstRange(of: end) { return read(count: range.upperBound) }
            guard receive() else { return nil }
        }
    }

    private func read(count: Int) -> [UInt8]? {
        while state.withLock({ $0.unread.count }) < count {
            guard receive() else { return nil }
        }
        return state.withLock { state in
            defer { state.unread.removeFirst(count) }
            return Array(state.unread.prefix(count))
        }
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        state.withLock { $0.unread.append(contentsOf: buffer[..<count]) }
        return true
    }
}

/// A thread with an owner that joins it.
final class ServerThread: Sendable {
    private let handle: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        var handle = pthread_t()
        let created = pthread_create(
            &handle, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context)
        precondition(created == 0, "no thread for the test server")
        self.handle = handle
    }

    func join() { pthread_join(handle, nil) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// A TCP socket bound to a free port of 127.0.0.1; while it does not listen, connecting is refused.
func boundSocket() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw ServerError(call: "socket", errno: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
    }
    guard bound else {
        close(descriptor)
        throw ServerError(call: "bind", errno: errno)
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// A Unix socket; while it does not listen, connecting is refused.
func boundUnixSocket(_ path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw ServerError(call: "socket", errno: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { bytes in
        bytes.copyBytes(from: path.utf8.prefix(bytes.count - 1))
    }
    let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard bound == 0 else {
        close(descriptor)
        throw ServerError(call: "bind", errno: errno)
    }
    return descriptor
}

/// Makes the environment name a proxy where nobody listens, before the first client starts: every
/// test that gets through shows that the environment is not asked.
private let setHostileProxy: Void = {
    setenv("http_proxy", "http://127.0.0.1:1", 1)
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1)
    unsetenv("no_proxy")
    unsetenv("NO_PROXY")
}()
