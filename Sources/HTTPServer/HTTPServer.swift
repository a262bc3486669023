internal import EventPoll
internal import Synchronization

/// What a server's loops count together.
final class ServerCounters: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let acceptPauses = Atomic<Int>(0)
}

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
    ///   - makeHandler: Makes the handler of a loop, on that loop's thread.
    /// - Throws: ``ListenError``, or ``SystemCallError`` when the process is out of descriptors.
    package init(
        _ addresses: [ListenAddress], limits: ServerLimits = ServerLimits(), loops: Int = 1,
        name: String = "http", makeHandler: @escaping @Sendable () -> any RequestHandler
    ) throws {
        precondition(loops >= 1, "a server has at least one event loop")
        for address in addresses { try Listener.checkFree(address) }
        let shared = ServerCounters()
        var bound = addresses
        var mailboxes: [Mailbox] = []
        var parts: [[LoopListener]] = []
        for loop in 0..<loops {
            var listeners: [LoopListener] = []
            for (index, address) in bound.enumerated() {
                if case .unix = address, loop > 0 {
                    // One socket, watched by every loop.
                    listeners.append(parts[0][index])
                    continue
                }
                let listener = LoopListener(try Listener(address, sharesPort: loops > 1))
                bound[index] = listener.listener.address
                listeners.append(listener)
            }
            parts.append(listeners)
            mailboxes.append(try Mailbox())
        }
        var threads: [OwnedThread] = []
        for (loop, listeners) in parts.enumerated() {
            let mailbox = mailboxes[loop]
            threads.append(
                try OwnedThread(name: "\(name)-\(loop)") {
                    serve(listeners, limits, makeHandler, mailbox, shared)
                })
        }
        self.addresses = bound
        self.mailboxes = mailboxes
        self.threads = threads
        counters = shared
    }

    /// Connections open now.
    package var openConnections: Int { counters.open.load(ordering: .relaxed) }
    /// Connections accepted so far.
    package var acceptedConnections: Int { counters.accepted.load(ordering: .relaxed) }
    /// Connections closed at once because there were too many.
    package var refusedConnections: Int { counters.refused.load(ordering: .relaxed) }
    /// How often accepting rested because the process was out of descriptors.
    package var acceptPauses: Int { counters.acceptPauses.load(ordering: .relaxed) }

    /// Stops accepting, lets requests under way be answered, and returns when all loops have ended.
    package func drain() {
        for mailbox in mailboxes { mailbox.drain() }
        for thread in threads { thread.join() }
    }
}

private func serve(
    _ listeners: [LoopListener], _ limits: ServerLimits,
    _ makeHandler: () -> any RequestHandler, _ mailbox: Mailbox, _ shared: ServerCounters
) {
    do {
        let loop = try EventLoop(
            listeners: listeners, limits: limits, handler: makeHandler(), mailbox: mailbox,
            shared: shared)
        loop.run()
    } catch {
        // The descriptors of every loop were just opened; one more for epoll fails only in a
        // process that cannot serve at all.
        preconditionFailure("an event loop could not start: \(error)")
    }
}
