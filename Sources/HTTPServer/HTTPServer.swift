internal import EventPoll
internal import Synchronization

/// A running server: one thread an event loop.
package final class RunningServer: Sendable {
    /// Where it listens, with the ports that the kernel chose.
    package let addresses: [ListenAddress]
    private let mailboxes: [Mailbox]
    private let threads: [OwnedThread]
    private let counters: ServerCounters

    /// Starts to listen and to serve.
    /// - Parameters:
    ///   - addresses: Where to listen; every loop listens at each of them.
    ///   - loops: How many event loops, each with a thread.
    ///   - tls: For the TCP listeners; nil for plain HTTP.
    ///   - inherited: The service manager's sockets.
    ///   - notify: Told on a loop's thread what an operator should know; it must not wait.
    ///   - makeHandler: Makes the handler of a loop, on that loop's thread.
    /// - Throws: ``ListenError``, or ``SystemCallError`` when the process is out of descriptors.
    package init(
        _ addresses: [ListenAddress], limits: ServerLimits = ServerLimits(), loops: Int = 1,
        tls: ServerTLS? = nil, inherited: InheritedSockets = InheritedSockets(),
        name: String = "http", notify: @escaping @Sendable (ServerNotice) -> Void = { _ in },
        makeHandler: @escaping @Sendable () -> any RequestHandler
    ) throws {
        precondition(loops >= 1, "a server has at least one event loop")
        let shared = ServerCounters(loops: loops, notify: notify)
        let settings = LoopSettings(limits: limits, tls: tls, shared: shared, loops: loops)
        let listeners = try openListeners(addresses, loops: loops, inherited: inherited)
        var mailboxes: [Mailbox] = []
        for _ in 0..<loops { mailboxes.append(try Mailbox()) }
        // All of them before any loop accepts: a flood that takes the last descriptor must not find
        // a loop that still needs one.
        var polls: [HandedPoll] = []
        for _ in 0..<loops { polls.append(try HandedPoll()) }
        var threads: [OwnedThread] = []
        for (loop, part) in listeners.enumerated() {
            let mailbox = mailboxes[loop]
            let next = loops > 1 ? mailboxes[(loop + 1) % loops] : nil
            let poll = polls[loop]
            threads.append(
                try OwnedThread(name: "\(name)-\(loop)") {
                    serve(part, settings, makeHandler, mailbox, next, poll)
                })
        }
        self.addresses = listeners[0].map { $0.listener.address }
        self.mailboxes = mailboxes
        self.threads = threads
        counters = shared
    }

    /// What has been counted so far.
    package var statistics: ServerStatistics {
        ServerStatistics(
            open: counters.open.load(ordering: .relaxed),
            accepted: counters.accepted.load(ordering: .relaxed),
            refused: counters.refused.load(ordering: .relaxed),
            evicted: counters.evicted.load(ordering: .relaxed),
            acceptPauses: counters.acceptPauses.load(ordering: .relaxed),
            handshakeFailures: counters.handshakeFailures.load(ordering: .relaxed),
            timeouts: counters.timeouts.load(ordering: .relaxed),
            unanswered: counters.unanswered.load(ordering: .relaxed))
    }

    /// Stops accepting, lets requests under way be answered, and returns when all loops have ended.
    package func drain() {
        for mailbox in mailboxes { mailbox.drain() }
        for thread in threads { thread.join() }
    }
}

/// What a server has counted.
package struct ServerStatistics: Sendable, Equatable {
    /// Connections open now.
    package let open: Int
    /// Connections accepted.
    package let accepted: Int
    /// Connections closed at once because there were too many.
    package let refused: Int
    /// Idle connections closed for new ones.
    package let evicted: Int
    /// How often accepting rested because the process was out of descriptors.
    package let acceptPauses: Int
    /// TLS handshakes that failed.
    package let handshakeFailures: Int
    /// Connections whose peer was too slow; idle ones between requests do not count.
    package let timeouts: Int
    /// Requests that had no answer when the time to drain was over, and were told to come again.
    package let unanswered: Int
}

/// The listeners of each loop: its own where the kernel shares a port, else the same for all.
private func openListeners(
    _ addresses: [ListenAddress], loops: Int, inherited: InheritedSockets
) throws -> [[LoopListener]] {
    for address in addresses { try Listener.checkFree(address) }
    var first: [LoopListener] = []
    for address in addresses {
        let isShared = if case .tcp = address { false } else { loops > 1 }
        first.append(
            LoopListener(
                try Listener(address, sharesPort: loops > 1, inherited: inherited),
                isShared: isShared))
    }
    var parts = [first]
    for _ in 1..<loops {
        parts.append(
            try zip(addresses, first).map { address, listener in
                guard case .tcp = address else { return listener }
                // The port that the kernel chose, where it did.
                return LoopListener(
                    try Listener(
                        listener.listener.address, sharesPort: true, inherited: inherited),
                    isShared: false)
            })
    }
    return parts
}

private func serve(
    _ listeners: [LoopListener], _ settings: LoopSettings,
    _ makeHandler: () -> any RequestHandler, _ mailbox: Mailbox, _ next: Mailbox?,
    _ poll: HandedPoll
) {
    do {
        let loop = try EventLoop(
            listeners: listeners, settings: settings, handler: makeHandler(), mailbox: mailbox,
            next: next, poll: poll.poll)
        loop.run()
    } catch {
        // The descriptors of every loop are open; to watch them fails only for want of kernel memory,
        // in a process that cannot serve at all.
        preconditionFailure("an event loop could not start: \(error)")
    }
}
