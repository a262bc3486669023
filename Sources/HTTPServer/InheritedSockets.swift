internal import CLinux
internal import EventPoll
internal import Glibc
internal import Synchronization

/// Listening sockets that a service manager has opened for this process (sd_listen_fds(3)).
package final class InheritedSockets: Sendable {
    /// The first descriptor that is passed: SD_LISTEN_FDS_START.
    private static let firstDescriptor: Int32 = 3
    /// The most that are looked at.
    private static let countMax = 256

    private let free: Mutex<[(descriptor: Int32, name: String)]>

    /// No sockets.
    package init() { free = Mutex([]) }

    /// - Parameters:
    ///   - environment: Where `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` are.
    ///   - processID: The sockets are for the process that LISTEN_PID names and for no other.
    package init(environment: [String: String], processID: Int32) {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == processID,
            let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count > 0
        else {
            free = Mutex([])
            return
        }
        let names = environment["LISTEN_FDNAMES"]?
            .split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        free = Mutex(
            (0..<min(count, Self.countMax)).map { index in
                let name = names.flatMap { index < $0.count ? $0[index] : nil }
                return (Self.firstDescriptor + Int32(index), name ?? "unknown")
            })
    }

    /// Takes a socket for good.
    /// - Parameter name: Its FileDescriptorName=, or nil for the next one.
    /// - Throws: ``ListenError`` when there is none, or it is not a listening stream socket.
    func take(name: String?) throws(ListenError) -> Descriptor {
        let address = ListenAddress.inherited(name: name)
        let (descriptor, names) = free.withLock { free in
            let names = free.map(\.name).joined(separator: ", ")
            let index = free.firstIndex { name == nil || $0.name == name }
            return (index.map { free.remove(at: $0).descriptor }, names)
        }
        guard let descriptor else {
            throw ListenError(
                address: address,
                reason: names.isEmpty
                    ? "the service manager has passed no (more) sockets (LISTEN_FDS)"
                    : "no socket of this name was passed; there are: \(names)")
        }
        guard isListening(descriptor) else {
            throw ListenError(
                address: address, reason: "the socket passed is not a listening stream socket")
        }
        // systemd passes them inheritable and blocking.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return Descriptor(owning: descriptor)
    }
}

private func isListening(_ descriptor: Int32) -> Bool {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0, value == 1
    else { return false }
    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &value, &length) == 0
        && value == Int32(SOCK_STREAM.rawValue)
}
