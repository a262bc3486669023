import Admin
import HTTPServer
import Intake
import Journal
import Logging
import Metrics
import Outbound
import Rules
import SQLiteJournal

/// The gateway: intake, journal, dispatch and admin, put together and running.
final class Gateway: Sendable {
    /// Where webhooks are taken, with the ports that the kernel chose.
    let addresses: [ListenAddress]
    let adminAddress: ListenAddress
    private let rules: CurrentRules
    private let writer: JournalWriter
    private let dispatcher: RunningDispatcher
    private let server: RunningServer
    private let admin: RunningServer
    private let logger: Logger

    /// Opens the store, starts every thread, and listens. In this order, so that nothing is
    /// accepted that could not be kept.
    init(_ settings: GatewaySettings, logger: Logger) throws {
        self.logger = logger
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
        rules = CurrentRules(settings.rules)
        do {
            dispatcher = try RunningDispatcher(
                settings.dispatch(writer, inbox, dispatchMetrics, logger))
            let intake = IntakeContext(
                sources: settings.sources, rules: rules, writer: writer, started: started,
                metrics: intakeMetrics, defaultRegion: settings.defaultRegion, clock: systemClock)
            server = try RunningServer(
                settings.listen, limits: settings.serverLimits, loops: settings.loops
            ) { WebhookHandler(intake) }
            let context = adminContext(
                settings, writer, server, intake: intakeMetrics, dispatch: dispatchMetrics)
            admin = try RunningServer([settings.admin], name: "admin") { AdminHandler(context) }
        } catch {
            writer.stop()
            throw error
        }
        addresses = server.addresses
        adminAddress = admin.addresses[0]
    }

    /// Puts other rules in force.
    func replaceRules(with rules: RuleSet) { self.rules.replace(with: rules) }

    /// Answers what has been received, lets requests to SageMaker finish, and ends.
    func stop() {
        // Intake first, so that what it accepts is still written; the journal last.
        server.drain()
        dispatcher.stop()
        writer.stop()
        admin.drain()
    }
}

extension GatewaySettings {
    fileprivate func dispatch(
        _ writer: JournalWriter, _ inbox: JobInbox, _ metrics: DispatchMetrics, _ logger: Logger
    ) -> DispatchContext {
        var context = DispatchContext(
            writer: writer, inbox: inbox, credentials: credentials, endpoints: endpoints,
            callbackKeys: callbackKeys, addressPolicy: addressPolicy, metrics: metrics,
            logger: logger, userAgent: "hookline/\(version)", clock: systemClock)
        context.limits = dispatchLimits
        return context
    }
}

private func adminContext(
    _ settings: GatewaySettings, _ writer: JournalWriter, _ server: RunningServer,
    intake: IntakeMetrics, dispatch: DispatchMetrics
) -> AdminContext {
    AdminContext(
        tokens: settings.adminTokens,
        metrics: {
            var text = PrometheusText()
            text.append(intake.deliveries)
            text.append(dispatch.starts)
            text.append(dispatch.attempts)
            text.append(dispatch.callbacks)
            text.append(
                gauge: "hookline_queued_starts",
                help: "Starts that wait for an attempt or for its reply.",
                Double(writer.queuedStarts))
            text.append(
                counter: "hookline_history_dropped_total",
                help: "Deliveries that started nothing and were not kept for want of time.",
                writer.historyDropped)
            text.append(
                gauge: "hookline_connections", help: "Open connections of the main listener.",
                Double(server.openConnections))
            text.append(intake.seconds)
            text.append(dispatch.startSeconds)
            return text
        },
        readiness: {
            [
                ReadinessCheck(
                    name: "store", problem: writer.isHealthy ? nil : "the last commit failed")
            ]
        })
}

private func report(_ notice: JournalWriter.Notice, to logger: Logger) {
    switch notice {
    case .commitFailed(let error), .readFailed(let error): logger.error("\(error)")
    case .commitsAgain: logger.notice("the store commits again")
    }
}
