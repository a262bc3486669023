internal import CLinux
internal import EventPoll
internal import Glibc
internal import Synchronization
internal import TLS

/// A listener as one loop watches it.
final class LoopListener: Sendable {
    let listener: Listener
    let key: PollKey
    /// Whether other loops watch the same socket.
    let isShared: Bool

    init(_ listener: consuming Listener, isShared: Bool) {
        key = PollKey(descriptor: listener.descriptor.raw, generation: 0)
        self.listener = listener
        self.isShared = isShared
    }
}

extension EventLoop {
    /// How long nothing is accepted after the process ran out of descriptors.
    private static let acceptPause = Duration.milliseconds(100)
    /// How long a connection has been idle at the least when it is closed for a new one. Before that
    /// its first request may be on its way.
    private static let evictionAge = Duration.seconds(1)
    /// How long no loop asks the others for an idle connection to close when none of them had one: a
    /// flood must not have each of its connections go through all loops.
    private static let askingPause = Duration.milliseconds(100)
    /// How many connections are looked at for one to close before a new one is closed instead.
    private static let evictionSearchMax = 1024

    func watch(_ listener: LoopListener) throws(SystemCallError) {
        try poll.add(listener.key, .read, exclusive: listener.isShared)
    }

    /// - Returns: Whether more may be waiting.
    @discardableResult
    func accept(from listener: LoopListener) -> Bool {
        // As many as are waiting, but not so many that open connections wait long.
        for _ in 0..<64 {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let raw = hl_accept(listener.key.descriptor, &storage, &length)
            if raw >= 0 {
                admit(Descriptor(owning: raw), &storage)
            } else if errno == EAGAIN {
                return false
            } else if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM {
                pauseAccepting()
                return false
            }
            // Anything else is that connection's own failure (accept(2)).
        }
        return true
    }

    private func admit(_ descriptor: consuming Descriptor, _ storage: inout sockaddr_storage) {
        shared.accepted.add(1, ordering: .relaxed)
        let address = withUnsafeBytes(of: &storage) { IPAddress(socketAddress: $0)?.unmapped }
        var counted: IPAddress?
        if let address, limits.connectionsPerAddressMax > 0 {
            guard shared.byAddress.add(address, max: limits.connectionsPerAddressMax) else {
                shared.refused.add(1, ordering: .relaxed)
                return
            }
            counted = address
        }
        // Asked last: who may have no more connections must not cost another one its own.
        place(descriptor, address: address, counted: counted, loopsAsked: 0)
    }

    /// Takes a connection that other loops had no room for, if there is room here.
    func admit(_ newcomer: Newcomer) {
        guard let descriptor = newcomer.takeDescriptor() else { return }
        place(
            descriptor, address: newcomer.address, counted: newcomer.counted,
            loopsAsked: newcomer.loopsAsked)
    }

    /// Opens a connection here, or hands it on to the next loop, or closes it.
    private func place(
        _ descriptor: consuming Descriptor, address: IPAddress?, counted: IPAddress?,
        loopsAsked: Int
    ) {
        let isLast = !mayAskNext(loopsAsked)
        if hasRoom(isLast: isLast, loopsAsked: loopsAsked) {
            return keep(descriptor, address: address, counted: counted)
        }
        if !isLast, let next {
            let newcomer = Newcomer(
                descriptor, address: address, counted: counted, loopsAsked: loopsAsked + 1)
            if next.post(newcomer) { return }
        }
        if let counted { shared.byAddress.remove(counted) }
        shared.refused.add(1, ordering: .relaxed)
    }

    /// Whether another loop may have an idle connection to close, where this one has none. When all
    /// have been asked, the connection is back where it was accepted.
    private func mayAskNext(_ loopsAsked: Int) -> Bool {
        // In a drain no loop waits for what another one still has.
        guard loops > 1, loopsAsked < loops, !isDraining else { return false }
        return loopsAsked > 0
            || now.nanoseconds >= shared.loopsRestUntil.load(ordering: .relaxed)
    }

    private func keep(
        _ descriptor: consuming Descriptor, address: IPAddress?, counted: IPAddress?
    ) {
        if address != nil {
            var on: Int32 = 1
            setsockopt(
                descriptor.raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
                socklen_t(MemoryLayout<Int32>.size))
        }
        generation = generation == .max ? 1 : generation + 1
        // `tls` is for TCP; who may open a Unix socket is on this machine.
        let session = address == nil ? nil : tls.map { TLSSession($0.current) }
        let connection = Connection(
            descriptor: descriptor, generation: generation, peer: Peer(address: address),
            tls: session, limits: limits.message, at: now)
        // Before a drain, this is set when that begins.
        connection.beganBeforeDrain = isDraining
        do {
            try poll.add(connection.key, .read)
        } catch {
            if let counted { shared.byAddress.remove(counted) }
            return
        }
        connection.countedAddress = counted
        register(connection)
    }

    private func register(_ connection: Connection) {
        let slot = Int(connection.key.descriptor)
        while connections.count <= slot { connections.append(nil) }
        connections[slot] = connection
        open += 1
        shared.open.add(1, ordering: .relaxed)
        connection.deadline = now.advanced(
            by: connection.tls == nil ? limits.headerTimeout : limits.handshakeTimeout)
    }

    /// Whether there is room for one more connection, another one closed if need be: who only keeps
    /// connections open must not keep others out.
    /// - Parameter isLast: Whether no other loop is asked, so that a request is given up where no
    ///   connection is idle.
    private func hasRoom(isLast: Bool, loopsAsked: Int) -> Bool {
        if shared.open.load(ordering: .relaxed) < limits.connectionsMax { return true }
        shared.report(.connectionsFull, at: now)
        let victim = victim()
        if loopsAsked == loops, victim?.isIdle != true {
            shared.loopsRestUntil.store(
                now.advanced(by: Self.askingPause).nanoseconds, ordering: .relaxed)
        }
        guard let victim, isLast || victim.isIdle else { return false }
        evict(victim)
        return true
    }

    /// The next idle connection in turn: all are looked at about equally often, so the one that is
    /// closed has mostly been idle for long. Where none is, the request that has been on its way for
    /// longest: nothing of it was acknowledged, and its sender will try again.
    private func victim() -> Connection? {
        var slowest: Connection?
        for _ in 0..<min(connections.count, Self.evictionSearchMax) {
            evictionHand = evictionHand + 1 < connections.count ? evictionHand + 1 : 0
            guard let connection = connections[evictionHand] else { continue }
            if connection.isIdle, hasLasted(since: connection.idleSince) { return connection }
            guard !connection.isIdle, !connection.isResponding else { continue }
            if slowest.map({ connection.busySince < $0.busySince }) ?? true { slowest = connection }
        }
        return slowest.flatMap { hasLasted(since: $0.busySince) ? $0 : nil }
    }

    private func hasLasted(since moment: MonotonicTime) -> Bool {
        now.since(moment) >= Self.evictionAge.nanoseconds
    }

    private func evict(_ connection: Connection) {
        shared.evicted.add(1, ordering: .relaxed)
        close(connection)
    }

    /// Out of descriptors: the listeners rest a little instead of waking the loop all the time.
    private func pauseAccepting() {
        shared.report(.outOfDescriptors, at: now)
        // One that is idle makes room at once.
        if let victim = victim() { evict(victim) }
        guard acceptPausedUntil == nil else { return }
        acceptPausedUntil = now.advanced(by: Self.acceptPause)
        shared.acceptPauses.add(1, ordering: .relaxed)
        for listener in listeners { poll.remove(descriptor: listener.key.descriptor) }
    }

    func resumeAccepting() {
        acceptPausedUntil = nil
        guard !isDraining else { return }
        for listener in listeners { try? watch(listener) }
    }
}
