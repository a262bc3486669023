internal import EventPoll

/// What libcurl wants to be called for: its sockets' readiness, and a moment.
final class SocketWatch {
    /// The moment at which libcurl wants to be called, whatever its sockets do.
    var deadline: MonotonicTime?

    private var failures: [(easy: UnsafeMutableRawPointer, error: SystemCallError)] = []
    private let poll: Poll
    private var keys: [Int32: PollKey] = [:]
    private var generation: UInt32 = 0

    init(poll: Poll) { self.poll = poll }

    /// Whether an event is for a socket that is watched now, and not for an earlier one whose
    /// number was reused.
    func isCurrent(_ key: PollKey) -> Bool { keys[key.descriptor] == key }

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
        if let key = keys[descriptor] {
            try poll.change(key, interest)
        } else {
            generation &+= 1
            let key = PollKey(descriptor: descriptor, generation: generation)
            try poll.add(key, interest)
            keys[descriptor] = key
        }
    }

    /// Stops watching a socket, which is still open.
    func forget(_ descriptor: Int32) {
        guard keys.removeValue(forKey: descriptor) != nil else { return }
        poll.remove(descriptor: descriptor)
    }
}
