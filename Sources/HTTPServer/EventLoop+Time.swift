internal import EventPoll
internal import Glibc
internal import HTTP1
internal import Synchronization
internal import TLS

// Deadlines and draining.

extension EventLoop {
    /// How often deadlines are looked at. Time-outs are exact to this.
    private static let sweepInterval = Duration.milliseconds(500)

    func sweepIfDue() {
        if let until = acceptPausedUntil, now >= until { resumeAccepting() }
        if isDraining { publishBusy() }
        guard now >= nextSweep else { return }
        nextSweep = now.advanced(by: Self.sweepInterval)
        shared.endIfQuiet(.outOfDescriptors, with: .acceptsAgain, at: now)
        tls?.ticketKeys.rotateIfDue(at: .nanoseconds(now.nanoseconds))
        for case let connection? in connections {
            guard let deadline = connection.deadline, now >= deadline else { continue }
            expire(connection)
        }
    }

    private func expire(_ connection: Connection) {
        if connection.hasUnsentOutput { return timeOut(connection) }
        switch connection.phase {
        case .lingering: close(connection)
        case .handshake, .responding: timeOut(connection)
        case .head where connection.heldCount == 0: close(connection)
        case .head:
            shared.timeouts.add(1, ordering: .relaxed)
            refuse(connection, .problem(.requestTimeout, "the header section took too long"))
        case .content(let upload):
            if upload.keepsPace(limits) {
                connection.deadline = now.advanced(by: limits.bodyTimeout)
            } else {
                shared.timeouts.add(1, ordering: .relaxed)
                refuse(connection, .problem(.requestTimeout, "the content came too slowly"))
            }
        }
    }

    private func timeOut(_ connection: Connection) {
        shared.timeouts.add(1, ordering: .relaxed)
        close(connection)
    }

    func setDeadline(_ connection: Connection, holds: Bool) {
        guard !connection.hasUnsentOutput else { return }
        switch connection.phase {
        case .head where holds:
            // From the first byte; more bytes of the same head earn no more time.
            if connection.deadline == nil || connection.isBetweenRequests {
                connection.deadline = now.advanced(by: limits.headerTimeout)
                connection.busySince = now
            }
            connection.isBetweenRequests = false
        case .head:
            // Empty lines in front of a head (RFC 9112 §2.2) earn no time.
            guard connection.deadline == nil else { return }
            connection.isBetweenRequests = true
            connection.idleSince = now
            connection.deadline = now.advanced(by: limits.idleTimeout)
        case .handshake, .content, .responding, .lingering: break
        }
    }
}

extension Connection.Upload {
    /// Whether enough has come since the time was set to earn as much time again. What came fast at
    /// first earns no silence later.
    func keepsPace(_ limits: ServerLimits) -> Bool {
        guard limits.bodyBytesPerSecondMin > 0 else { return false }
        let seconds = Double(limits.bodyTimeout.nanoseconds) / 1e9
        defer { receivedBefore = received }
        return Double(received - receivedBefore) >= seconds * Double(limits.bodyBytesPerSecondMin)
    }
}

extension EventLoop {
    var isDraining: Bool {
        if case .under = drain { true } else { false }
    }

    /// Stops accepting. What has arrived by now is served, idle connections stay for a while so that
    /// a request on its way to them is told to go elsewhere.
    func beginDrain() {
        drain = .under(deadline: now.advanced(by: limits.drainTimeout))
        // What has connected already is served; nothing new is accepted behind it.
        for listener in listeners where !listener.listener.isInherited {
            while accept(from: listener) {}
        }
        for listener in listeners {
            poll.remove(descriptor: listener.key.descriptor)
            // What waits on the service manager's socket is for the next process.
            guard !listener.listener.isInherited else { continue }
            // The descriptor is closed with its last owner; new connections are refused from here.
            shutdown(listener.key.descriptor, Int32(SHUT_RDWR))
        }
        for connection in connections.compactMap({ $0 }) {
            connection.beganBeforeDrain = true
            guard connection.isIdle || connection.isResponding && !connection.isBlocked else {
                continue
            }
            // What lies in the socket has arrived.
            receiveOnce(connection)
            connection.beganBeforeDrain = !connection.isIdle || connection.isFresh
        }
        publishBusy()
        shared.loopsToDrain.subtract(1, ordering: .relaxed)
    }

    /// Whether this loop has nothing more to do, and has closed everything.
    var isDrained: Bool {
        guard case .under(let deadline) = drain else { return false }
        let isQuiet =
            shared.loopsToDrain.load(ordering: .relaxed) == 0
            && shared.busyWhileDraining.load(ordering: .relaxed) == 0
        guard isQuiet || now >= deadline else { return false }
        for connection in connections.compactMap({ $0 }) {
            giveUp(connection)
            close(connection)
        }
        publishBusy()
        return true
    }

    /// How long a connection that was just made is waited for: its first request is on its way.
    private static let firstRequestGrace = Duration.seconds(1)

    private func isWaitedFor(_ connection: Connection) -> Bool {
        guard connection.isIdle else { return true }
        return connection.isFresh
            && now.since(connection.idleSince) < Self.firstRequestGrace.nanoseconds
    }

    /// Tells the other loops how many connections here are waited for.
    private func publishBusy() {
        let busy = connections.count { $0.map(isWaitedFor) ?? false }
        shared.busyWhileDraining.add(busy - publishedBusy, ordering: .relaxed)
        publishedBusy = busy
    }
}
