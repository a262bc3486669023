internal import EventPoll
internal import Glibc
internal import HTTP1
internal import Synchronization
internal import TLS

/// What every loop of a server is made with.
struct LoopSettings: Sendable {
    let limits: ServerLimits
    /// For the TCP listeners; nil without TLS.
    let tls: ServerTLS?
    let shared: ServerCounters
    /// How many loops there are.
    let loops: Int
}

/// One thread's connections: accepts, receives, has requests answered, and sends.
///
/// Everything here runs on the loop's thread; other threads reach it through its mailbox.
final class EventLoop {
    enum Drain {
        case none
        /// Until `deadline`; what has begun to arrive is answered, the rest refused.
        case under(deadline: MonotonicTime)
    }

    let limits: ServerLimits
    let tls: ServerTLS?
    let handler: any RequestHandler
    let mailbox: Mailbox
    /// The mailbox of the next loop of the ring that they are; nil for the only one.
    let next: Mailbox?
    let loops: Int
    let shared: ServerCounters
    let poll: Poll
    let listeners: [LoopListener]
    /// Where bytes are received first: one for all connections, so that an idle one holds none.
    let scratch = ContentBuffer(capacity: 64 << 10)
    /// Where TLS sessions decrypt to; made with the first of them.
    private(set) lazy var plaintext = ContentBuffer(
        capacity: scratch.capacity + TLSLimits.recordBytesMax)
    var connections: [Connection?] = []
    var open = 0
    var generation: UInt32 = 0
    var now = MonotonicTime.now()
    var nextSweep = MonotonicTime.now()
    var acceptPausedUntil: MonotonicTime?
    /// Where the search for an idle connection to close goes on.
    var evictionHand = 0
    var drain = Drain.none
    /// What this loop has added to ``ServerCounters/busyWhileDraining``.
    var publishedBusy = 0
    private var dateText: [UInt8] = []
    private var dateSecond: Int64 = -1

    private static let wakeupGeneration: UInt32 = 0

    init(
        listeners: [LoopListener], settings: LoopSettings, handler: any RequestHandler,
        mailbox: Mailbox, next: Mailbox?, poll: Poll
    ) throws(SystemCallError) {
        self.listeners = listeners
        limits = settings.limits
        tls = settings.tls
        shared = settings.shared
        self.handler = handler
        self.mailbox = mailbox
        self.next = next
        loops = settings.loops
        self.poll = poll
        try poll.add(wakeupKey, .read)
        for listener in listeners { try watch(listener) }
    }

    private var wakeupKey: PollKey {
        PollKey(descriptor: mailbox.wakeup.descriptor, generation: Self.wakeupGeneration)
    }

    /// Runs until a drain has finished.
    func run() {
        while !isDrained {
            poll.wait(milliseconds: patience) { event in receive(event) }
            handler.turnEnded()
            now = .now()
            sweepIfDue()
        }
    }

    private func receive(_ event: PollEvent) {
        if event.key == wakeupKey { return collectMail() }
        now = .now()
        if let listener = listeners.first(where: { $0.key == event.key }) {
            accept(from: listener)
            return
        }
        guard let connection = connection(event.key) else { return }
        if event.readiness.contains(.write) { flush(connection) }
        // A failure is told by the next receive, which also takes what came before it.
        let failed = event.readiness.contains(.failure)
        if failed || event.readiness.contains(.read), isOpen(connection) {
            readable(connection, failed: failed)
        }
    }

    private func collectMail() {
        let mail = mailbox.collect()
        now = .now()
        // They had connected before.
        for newcomer in mail.newcomers { admit(newcomer) }
        if mail.isDraining, !isDraining { beginDrain() }
        for (key, completion) in mail.letters {
            guard let connection = connection(key) else { continue }
            complete(connection, with: completion)
        }
    }

    // MARK: - Connections

    private func connection(_ key: PollKey) -> Connection? {
        let slot = Int(key.descriptor)
        guard slot < connections.count, let connection = connections[slot] else { return nil }
        return connection.key == key ? connection : nil
    }

    func isOpen(_ connection: Connection) -> Bool { self.connection(connection.key) != nil }

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
        sayFarewell(connection)
        poll.remove(descriptor: connection.key.descriptor)
        connections[slot] = nil
        open -= 1
        shared.open.subtract(1, ordering: .relaxed)
        if let address = connection.countedAddress { shared.byAddress.remove(address) }
        if case .content(let upload) = connection.phase { release(upload) }
    }

    // MARK: - Time

    /// The `Date` field's value, made once a second.
    var date: [UInt8] {
        let second = Int64(time(nil))
        if second != dateSecond {
            dateSecond = second
            dateText = Array(HTTPDate.format(epochSeconds: second).utf8)
        }
        return dateText
    }

    /// How long the next wait may be, in milliseconds; negative for as long as it takes.
    private var patience: Int32 {
        if isDraining { return 20 }
        if acceptPausedUntil != nil { return 100 }
        return open == 0 ? -1 : 500
    }
}
