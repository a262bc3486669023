internal import EventPoll
internal import Glibc

/// What libcurl wants to be called for: its sockets' readiness, and a moment.
final class SocketWatch {
    /// The moment at which libcurl wants to be called, whatever its sockets do.
    var deadline: MonotonicTime?

    /// A socket that the poll watches.
    private struct Watched {
        let key: PollKey
        /// What the poll watches it for.
        var interest: Readiness
        /// Whether libcurl does not ask for it now.
        var isResting = false
    }

    private var failures: [(easy: UnsafeMutableRawPointer, error: SystemCallError)] = []
    private let poll: Poll
    private var sockets: [Int32: Watched] = [:]
    /// The sockets of connections. They are closed here and nowhere else.
    private var connections: Set<Int32> = []
    private var generation: UInt32 = 0

    init(poll: Poll) { self.poll = poll }

    /// Whether an event is for a socket that is watched now, and not for an earlier one whose
    /// number was reused.
    func isCurrent(_ key: PollKey) -> Bool { sockets[key.descriptor]?.key == key }

    /// Whether libcurl waits for an event of a socket. One that it does not wait for is watched no
    /// more: the server has closed the connection, say, which libcurl sees when it wants to use it.
    func isAwaited(_ descriptor: Int32) -> Bool {
        guard let watched = sockets[descriptor], watched.isResting else { return true }
        drop(descriptor)
        return false
    }

    /// Watches a socket, or changes what it is watched for.
    /// - Parameter easy: The transfer to fail when that is not possible.
    func watch(
        _ descriptor: Int32, for interest: Readiness, of easy: UnsafeMutableRawPointer
    ) {
        do throws(SystemCallError) {
            try register(descriptor, interest)
        } catch {
            failures.append((easy, error))
        }
    }

    /// The transfers whose sockets could not be watched since the last call.
    func takeFailures() -> [(easy: UnsafeMutableRawPointer, error: SystemCallError)] {
        defer { failures = [] }
        return failures
    }

    private func register(
        _ descriptor: Int32, _ interest: Readiness
    ) throws(SystemCallError) {
        if let watched = sockets[descriptor] {
            if watched.interest != interest { try poll.change(watched.key, interest) }
            sockets[descriptor] = Watched(key: watched.key, interest: interest)
        } else {
            generation &+= 1
            let key = PollKey(descriptor: descriptor, generation: generation)
            try poll.add(key, interest)
            sockets[descriptor] = Watched(key: key, interest: interest)
        }
    }

    /// libcurl asks for nothing of a socket any more, which is still open.
    ///
    /// A connection stays watched: it waits for its next request, and two system calls for each
    /// request would take it from the poll and give it back. Any other socket could be closed
    /// without a word, and its number be another's.
    func forget(_ descriptor: Int32) {
        if connections.contains(descriptor) {
            sockets[descriptor]?.isResting = true
        } else {
            drop(descriptor)
        }
    }

    private func drop(_ descriptor: Int32) {
        guard sockets.removeValue(forKey: descriptor) != nil else { return }
        poll.remove(descriptor: descriptor)
    }

    /// A connection's socket was opened.
    func noteOpened(_ descriptor: Int32) {
        connections.insert(descriptor)
        // Whatever had the number before is closed, and so the poll has forgotten it.
        sockets[descriptor] = nil
    }

    /// Closes a connection's socket.
    /// - Returns: What close(2) does.
    func close(_ descriptor: Int32) -> Int32 {
        drop(descriptor)
        connections.remove(descriptor)
        return Glibc.close(descriptor)
    }
}
