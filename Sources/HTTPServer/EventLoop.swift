internal import CLinux
internal import EventPoll
internal import Glibc
internal import HTTP1
internal import Synchronization

/// One thread's connections: accepts, receives, has requests answered, and sends.
///
/// Everything here runs on the loop's thread; other threads reach it through its mailbox.
final class EventLoop {
    let limits: ServerLimits
    let handler: any RequestHandler
    let mailbox: Mailbox
    let shared: ServerCounters
    private let poll: Poll
    private let listeners: [LoopListener]
    /// Where bytes are received first: one for all connections, so that an idle one holds none.
    let scratch = ContentBuffer(capacity: 64 << 10)
    private var connections: [Connection?] = []
    private var open = 0
    private var generation: UInt32 = 0
    private(set) var now = MonotonicTime.now()
    private var nextSweep = MonotonicTime.now()
    private var acceptPausedUntil: MonotonicTime?
    private var drainDeadline: MonotonicTime?
    private var dateText: [UInt8] = []
    private var dateSecond: Int64 = -1

    /// How often deadlines are looked at. Time-outs are exact to this.
    private static let sweepInterval = Duration.milliseconds(500)
    /// How long nothing is accepted after the process ran out of descriptors.
    private static let acceptPause = Duration.milliseconds(100)
    private static let wakeupGeneration: UInt32 = 0

    init(
        listeners: [LoopListener], limits: ServerLimits, handler: any RequestHandler,
        mailbox: Mailbox, shared: ServerCounters
    ) throws(SystemCallError) {
        self.listeners = listeners
        self.limits = limits
        self.handler = handler
        self.mailbox = mailbox
        self.shared = shared
        poll = try Poll()
        try poll.add(wakeupKey, .read)
        for listener in listeners { try poll.add(listener.key, .read) }
    }

    private var wakeupKey: PollKey {
        PollKey(descriptor: mailbox.wakeup.descriptor, generation: Self.wakeupGeneration)
    }

    /// Runs until a drain has finished.
    func run() {
        while drainDeadline == nil || open > 0 {
            let wait: Int32 = open == 0 && acceptPausedUntil == nil ? -1 : 500
            poll.wait(milliseconds: acceptPausedUntil == nil ? wait : 100) { event in
                receive(event)
            }
            handler.turnEnded()
            now = .now()
            sweepIfDue()
        }
    }

    private func receive(_ event: PollEvent) {
        if event.key == wakeupKey { return collectMail() }
        now = .now()
        if let listener = listeners.first(where: { $0.key == event.key }) {
            return accept(from: listener)
        }
        guard let connection = connection(event.key) else { return }
        if event.readiness.contains(.write) { flush(connection) }
        // A failure is told by the next receive, which also takes what came before it.
        if !event.readiness.isDisjoint(with: [.read, .failure]), isOpen(connection) {
            readable(connection, failed: event.readiness.contains(.failure))
        }
    }

    private func connection(_ key: PollKey) -> Connection? {
        let slot = Int(key.descriptor)
        guard slot < connections.count, let connection = connections[slot] else { return nil }
        return connection.key == key ? connection : nil
    }

    func isOpen(_ connection: Connection) -> Bool { self.connection(connection.key) != nil }

    /// The `Date` field's value, made once a second.
    var date: [UInt8] {
        let second = Int64(time(nil))
        if second != dateSecond {
            dateSecond = second
            dateText = Array(HTTPDate.format(epochSeconds: second).utf8)
        }
        return dateText
    }

    var isDraining: Bool { drainDeadline != nil }

    func setInterest(_ connection: Connection, _ interest: Readiness) {
        guard connection.interest != interest else { return }
        connection.interest = interest
        do {
            try poll.change(connection.key, interest)
        } catch {
            close(connection)
        }
    }

    func close(_ connection: Connection) {
        let slot = Int(connection.key.descriptor)
        guard isOpen(connection) else { return }
        poll.remove(descriptor: connection.key.descriptor)
        connections[slot] = nil
        open -= 1
        shared.open.subtract(1, ordering: .relaxed)
    }
}

// MARK: - Accepting

/// A listener as one loop watches it.
final class LoopListener: Sendable {
    let listener: Listener
    let key: PollKey

    init(_ listener: consuming Listener) {
        key = PollKey(descriptor: listener.descriptor.raw, generation: 0)
        self.listener = listener
    }
}

extension EventLoop {
    private func accept(from listener: LoopListener) {
        // As many as are waiting, but not so many that open connections wait long.
        for _ in 0..<64 {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let raw = hl_accept(listener.key.descriptor, &storage, &length)
            if raw >= 0 {
                admit(Descriptor(owning: raw), &storage)
            } else if errno == EAGAIN {
                return
            } else if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM {
                return pauseAccepting()
            }
            // Anything else is that connection's own failure (accept(2)).
        }
    }

    private func admit(_ descriptor: consuming Descriptor, _ storage: inout sockaddr_storage) {
        shared.accepted.add(1, ordering: .relaxed)
        guard shared.open.load(ordering: .relaxed) < limits.connectionsMax else {
            shared.refused.add(1, ordering: .relaxed)
            return
        }
        if Int32(storage.ss_family) != AF_UNIX {
            var on: Int32 = 1
            setsockopt(
                descriptor.raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
                socklen_t(MemoryLayout<Int32>.size))
        }
        let raw = descriptor.raw
        generation = generation == .max ? 1 : generation + 1
        let connection = Connection(
            descriptor: descriptor, generation: generation, peer: peerText(&storage),
            limits: limits.message)
        do {
            try poll.add(connection.key, .read)
        } catch {
            return
        }
        let slot = Int(raw)
        while connections.count <= slot { connections.append(nil) }
        connections[slot] = connection
        open += 1
        shared.open.add(1, ordering: .relaxed)
        connection.deadline = now.advanced(by: limits.headerTimeout)
    }

    /// Out of descriptors: the listeners rest a little instead of waking the loop all the time.
    private func pauseAccepting() {
        guard acceptPausedUntil == nil else { return }
        acceptPausedUntil = now.advanced(by: Self.acceptPause)
        shared.acceptPauses.add(1, ordering: .relaxed)
        for listener in listeners { try? poll.change(listener.key, []) }
    }

    private func resumeAccepting() {
        acceptPausedUntil = nil
        guard !isDraining else { return }
        for listener in listeners { try? poll.change(listener.key, .read) }
    }

    private func peerText(_ storage: inout sockaddr_storage) -> String {
        guard Int32(storage.ss_family) != AF_UNIX else { return "" }
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else { return "" }
            let isIPv4 = Int32(base.load(as: sa_family_t.self)) == AF_INET
            // The address stands behind family and port, and in IPv6 behind the flow label too.
            let offset = isIPv4 ? 4 : 8
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            inet_ntop(isIPv4 ? AF_INET : AF_INET6, base + offset, &text, socklen_t(text.count))
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        }
    }
}

// MARK: - Mail, deadlines and draining

extension EventLoop {
    private func collectMail() {
        let (letters, drains) = mailbox.collect()
        now = .now()
        if drains, drainDeadline == nil { beginDrain() }
        for (key, completion) in letters {
            guard let connection = connection(key) else { continue }
            complete(connection, with: completion)
        }
    }

    private func beginDrain() {
        drainDeadline = now.advanced(by: limits.drainTimeout)
        // What has connected already is served; nothing new is accepted behind it.
        for listener in listeners { accept(from: listener) }
        for listener in listeners {
            poll.remove(descriptor: listener.key.descriptor)
            // The descriptor is closed with its last owner; new connections are refused from here.
            shutdown(listener.key.descriptor, Int32(SHUT_RDWR))
        }
        for connection in connections.compactMap({ $0 }) where connection.isIdle {
            readable(connection, failed: false)
            if isOpen(connection), connection.isIdle { close(connection) }
        }
    }

    private func sweepIfDue() {
        if let until = acceptPausedUntil, now >= until { resumeAccepting() }
        guard now >= nextSweep else { return }
        nextSweep = now.advanced(by: Self.sweepInterval)
        if let drainDeadline, now >= drainDeadline {
            for connection in connections.compactMap({ $0 }) { close(connection) }
            return
        }
        for case let connection? in connections {
            guard let deadline = connection.deadline, now >= deadline else { continue }
            expire(connection)
        }
    }

    private func expire(_ connection: Connection) {
        if connection.hasUnsentOutput { return close(connection) }
        switch connection.phase {
        case .lingering, .responding: close(connection)
        case .head where connection.heldCount == 0: close(connection)
        case .head:
            refuse(connection, .problem(.requestTimeout, "the header section took too long"))
        case .content(let upload):
            if let later = upload.extendedDeadline(limits), later > now {
                connection.deadline = later
            } else {
                refuse(connection, .problem(.requestTimeout, "the content came too slowly"))
            }
        }
    }
}

extension Connection.Upload {
    /// The moment until which the bytes received so far have earned time at the minimum rate.
    func extendedDeadline(_ limits: ServerLimits) -> MonotonicTime? {
        guard limits.bodyBytesPerSecondMin > 0 else { return nil }
        let earned = Double(received) / Double(limits.bodyBytesPerSecondMin)
        return began.advanced(by: .milliseconds(Int64(earned * 1000)))
    }
}
