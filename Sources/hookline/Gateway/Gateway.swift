import Admin
import EventPoll
import HTTPServer
import Intake
import Journal
import Logging
import Metrics
import OpenSSLCrypto
import Outbound
import Rules
import SQLiteJournal
import Synchronization
import TLS

/// The gateway: intake, journal, dispatch and admin, put together and running.
final class Gateway: Sendable {
    /// Where webhooks are taken, with the ports that the kernel chose.
    let addresses: [ListenAddress]
    let adminAddress: ListenAddress
    private let routing: CurrentRouting
    private let tls: ServerTLS?
    private let callbacks: Shared<CallbackSettings>
    private let adminTokens: Shared<[Secret]>
    private let intakeState: IntakeState
    /// How reloads ended.
    let reloads = ReloadRecord()
    private let writer: JournalWriter
    private let history: JournalReader
    private let dispatcher: RunningDispatcher
    private let server: RunningServer
    private let admin: RunningServer
    private let aws: AWSAccess
    private let logger: Logger
    private let drainTimeout: Duration
    private let storeEnded: Wakeup

    /// Opens the store, starts every thread, and listens. In this order, so that nothing is
    /// accepted that could not be kept.
    init(_ settings: GatewaySettings, logger: Logger) throws {
        self.logger = logger
        aws = settings.aws
        drainTimeout = settings.serverLimits.drainTimeout
        // What the end needs is there before connections can take all descriptors.
        storeEnded = try Wakeup()
        let inbox = try JobInbox()
        let path = settings.store
        let started = StartedDeliveries()
        writer = try JournalWriter(
            limits: settings.journalLimits,
            open: { () throws(JournalError) in
                let store = try SQLiteStore(path: path)
                try store.forEachStartedDelivery { started.insert($0) }
                started.finishLoading()
                return store
            },
            clock: systemClock, receiver: inbox, notify: { report($0, to: logger) })
        let dispatchMetrics = DispatchMetrics()
        let intakeMetrics = IntakeMetrics(starts: dispatchMetrics.starts)
        routing = CurrentRouting(settings.routing)
        let tls = try settings.tls.map(makeServerTLS)
        self.tls = tls
        let callbacks = Shared(settings.callbacks)
        self.callbacks = callbacks
        let adminTokens = Shared(settings.adminTokens)
        self.adminTokens = adminTokens
        let intakeState = IntakeState()
        self.intakeState = intakeState
        do {
            dispatcher = try RunningDispatcher(
                settings.dispatch(writer, inbox, callbacks, dispatchMetrics, logger))
            let intake = IntakeContext(
                routing: routing, writer: writer, started: started, metrics: intakeMetrics,
                logger: logger, clock: systemClock,
                later: LaterMessages(clock: systemClock) { message in
                    let post = ChatPost(
                        url: message.url, isChange: message.isChange, content: message.content,
                        expiresAt: UnixTime(milliseconds: message.expiresAtMilliseconds))
                    guard !inbox.post(post) else { return }
                    dispatchMetrics.chatMessages.counter("dropped").increment()
                })
            // Before the main listener, whose connections may take all descriptors.
            history = try JournalReader { () throws(JournalError) in
                try SQLiteHistory(path: path)
            }
            let context = adminContext(
                adminTokens, writer, history, intakeState, reloads, intake: intakeMetrics,
                dispatch: dispatchMetrics)
            admin = try RunningServer(
                [settings.admin], limits: settings.adminLimits, inherited: settings.inherited,
                name: "admin"
            ) { AdminHandler(context) }
            server = try RunningServer(
                settings.listen, limits: settings.serverLimits, loops: settings.loops, tls: tls,
                inherited: settings.inherited, notify: { report($0, to: logger) }
            ) { WebhookHandler(intake) }
            intakeState.begin(server)
        } catch {
            writer.stop()
            throw error
        }
        addresses = server.addresses
        adminAddress = admin.addresses[0]
    }

    /// Puts other sources with their secrets, rules, callback settings, admin tokens and certificates in
    /// force.
    /// - Throws: ``TLSError``; nothing has changed then.
    func reload(_ settings: GatewaySettings) throws {
        if let tls, let files = settings.tls {
            tls.replace(with: try files.context(tls.ticketKeys))
        }
        routing.replace(with: settings.routing)
        callbacks.replace(with: settings.callbacks)
        // A listener that others can reach keeps a token, whatever its next address is.
        if !settings.adminTokens.isEmpty || adminAddress.isLocal {
            adminTokens.replace(with: settings.adminTokens)
        }
    }

    /// How long the store may take at the end, however long the rest has taken, unless requests were
    /// sent away: what they brought should not be kept any more.
    private static let storeGrace = Duration.milliseconds(500)

    /// Answers what has been received, lets requests to SageMaker finish, and ends.
    /// - Returns: False when the store has not taken what was left in time, because another process
    ///   locks it or its disk does not answer. Two threads still wait for it then, and only the end of
    ///   the process ends them. Whatever was acknowledged is on disk; results of attempts that are not
    ///   are asked for again, with the same tokens.
    func stop() -> Bool {
        let deadline = MonotonicTime.now().advanced(by: drainTimeout)
        intakeState.end()
        // No new request goes out from here on, while intake finishes what it has received. What it
        // accepts is still written, so the journal comes last.
        dispatcher.beginStop()
        server.drain()
        dispatcher.stop()
        aws.stop()
        let grace = server.statistics.unanswered == 0 ? Self.storeGrace : .zero
        let hasEnded = stopStore(by: max(deadline, MonotonicTime.now().advanced(by: grace)))
        admin.drain()
        return hasEnded
    }

    /// - Returns: Whether it was done in time.
    private func stopStore(by deadline: MonotonicTime) -> Bool {
        let (writer, history, ended) = (writer, history, storeEnded)
        let end: @Sendable () -> Void = {
            writer.stop()
            history.stop()
            ended.signal()
        }
        guard let thread = try? OwnedThread(name: "store-stop", end) else {
            // Without a thread to be had, it takes as long as it takes.
            end()
            return true
        }
        var left: Int64
        repeat {
            left = max(0, deadline.since(.now()) / 1_000_000)
            if ended.wait(milliseconds: Int32(clamping: left)) {
                thread.join()
                return true
            }
        } while left > 0
        return false
    }
}

extension GatewaySettings {
    /// The admin listener gives its clients the same times, and has sizes and numbers of its own: what
    /// strangers may use up must not keep a probe out. It drains behind the main one, which has had the
    /// time to drain.
    fileprivate var adminLimits: ServerLimits {
        let own = ServerLimits()
        var limits = serverLimits
        limits.message = own.message
        limits.connectionsMax = own.connectionsMax
        limits.connectionsPerAddressMax = own.connectionsPerAddressMax
        limits.drainTimeout = min(serverLimits.drainTimeout, .milliseconds(500))
        return limits
    }

    fileprivate func dispatch(
        _ writer: JournalWriter, _ inbox: JobInbox, _ callbacks: Shared<CallbackSettings>,
        _ metrics: DispatchMetrics, _ logger: Logger
    ) -> DispatchContext {
        var context = DispatchContext(
            writer: writer, inbox: inbox, service: aws.service,
            callbacks: { callbacks.value }, metrics: metrics,
            logger: logger, userAgent: userAgent, clock: systemClock)
        context.limits = dispatchLimits
        // Both drain at the same time.
        context.limits.stopGrace = serverLimits.drainTimeout
        context.proxies = proxies
        return context
    }
}

private func adminContext(
    _ tokens: Shared<[Secret]>, _ writer: JournalWriter, _ history: JournalReader,
    _ state: IntakeState, _ reloads: ReloadRecord, intake: IntakeMetrics, dispatch: DispatchMetrics
) -> AdminContext {
    AdminContext(
        tokens: { tokens.value },
        metrics: {
            var text = PrometheusText()
            text.append(intake.deliveries)
            text.append(intake.ruleErrors)
            text.append(reloads.total)
            text.append(intake.verified)
            text.append(intake.unverified)
            text.append(dispatch.starts)
            text.append(dispatch.attempts)
            text.append(dispatch.retries)
            text.append(dispatch.callbacks)
            text.append(dispatch.callbackAttempts)
            text.append(dispatch.chatMessages)
            text.append(
                gauge: "hookline_queued_starts",
                help: "Starts that wait for an attempt or for its reply.",
                Double(writer.queuedStarts))
            text.append(
                counter: "hookline_history_dropped_total",
                help: "Deliveries that started nothing and were not kept for want of time.",
                writer.historyDropped)
            if let statistics = state.statistics { append(statistics, to: &text) }
            text.append(intake.seconds)
            text.append(dispatch.startSeconds)
            return text
        },
        readiness: {
            [
                ReadinessCheck(
                    name: "store", problem: writer.isHealthy ? nil : "the last commit failed"),
                ReadinessCheck(name: "rules", problem: nil, note: reloads.note),
                ReadinessCheck(name: "intake", problem: state.problem),
            ]
        },
        history: history)
}

private func append(_ server: ServerStatistics, to text: inout PrometheusText) {
    text.append(
        gauge: "hookline_connections", help: "Open connections of the main listener.",
        Double(server.open))
    text.append(
        counter: "hookline_connections_accepted_total", help: "Connections accepted.",
        server.accepted)
    text.append(
        counter: "hookline_connections_refused_total",
        help: "Connections closed at once because there were too many.", server.refused)
    text.append(
        counter: "hookline_connections_evicted_total",
        help: "Connections closed to make room for new ones.", server.evicted)
    text.append(
        counter: "hookline_accept_pauses_total",
        help: "Times that accepting rested because the process was out of descriptors.",
        server.acceptPauses)
    text.append(
        counter: "hookline_tls_handshake_failures_total", help: "TLS handshakes that failed.",
        server.handshakeFailures)
    text.append(
        counter: "hookline_connection_timeouts_total",
        help: "Connections ended because the peer was too slow.", server.timeouts)
}

private func makeServerTLS(_ files: TLSFiles) throws -> ServerTLS {
    let keys = TicketKeys(at: .nanoseconds(MonotonicTime.now().nanoseconds))
    return ServerTLS(try files.context(keys), ticketKeys: keys)
}

private func report(_ notice: ServerNotice, to logger: Logger) {
    switch notice {
    case .outOfDescriptors:
        logger.error("out of descriptors: new connections wait (see LimitNOFILE or ulimit -n)")
    case .acceptsAgain: logger.notice("connections are accepted again")
    case .connectionsFull:
        logger.warning(
            "as many connections as limits.connections allows; idle and slow ones make room")
    }
}

private func report(_ notice: JournalWriter.Notice, to logger: Logger) {
    switch notice {
    case .commitFailed(let error), .readFailed(let error): logger.error("\(error)")
    case .commitsAgain: logger.notice("the store commits again")
    }
}

/// How far the main listener is, for whoever asks on the admin listener.
private final class IntakeState: Sendable {
    private enum Phase {
        case starting
        case running(RunningServer)
        case ending(RunningServer?)
    }

    private let phase = Mutex(Phase.starting)

    func begin(_ server: RunningServer) { phase.withLock { $0 = .running(server) } }

    func end() {
        phase.withLock { phase in
            if case .running(let server) = phase {
                phase = .ending(server)
            } else {
                phase = .ending(nil)
            }
        }
    }

    var statistics: ServerStatistics? {
        switch phase.withLock({ $0 }) {
        case .starting, .ending(nil): nil
        case .running(let server), .ending(let server?): server.statistics
        }
    }

    /// Why nothing is taken; nil while it is.
    var problem: String? {
        switch phase.withLock({ $0 }) {
        case .starting: "not listening yet"
        case .running: nil
        case .ending: "shutting down"
        }
    }
}

/// A setting in force, which other threads read each time that they need it.
private final class Shared<Value: Sendable>: Sendable {
    private let current: Mutex<Value>
    init(_ value: Value) { current = Mutex(value) }
    var value: Value { current.withLock { $0 } }
    func replace(with value: Value) { current.withLock { $0 = value } }
}
