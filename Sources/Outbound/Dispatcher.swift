package import EventPoll
package import HTTPClient
package import Journal
package import Logging
internal import Metrics
package import OpenSSLCrypto
internal import SageMakerAPI
package import SageMakerClient
internal import Webhook

/// How callbacks are signed, and where they may go.
package struct CallbackSettings: Sendable {
    /// All of them sign.
    package let keys: [Secret]
    package let addressPolicy: AddressPolicy

    package init(keys: [Secret], addressPolicy: AddressPolicy) {
        self.keys = keys
        self.addressPolicy = addressPolicy
    }
}

/// What the outbound loop works with.
package struct DispatchContext: Sendable {
    package var limits = DispatchLimits()
    package let writer: JournalWriter
    package let inbox: JobInbox
    /// Looks the credentials up; asked again when the service does not take them.
    package let credentials: @Sendable () throws(SageMakerClientError) -> Credentials
    package let endpoints: EndpointResolver
    /// The callback settings in force, asked for each callback.
    package let callbacks: @Sendable () -> CallbackSettings
    package let metrics: DispatchMetrics
    package let logger: Logger
    package let userAgent: String
    package let clock: @Sendable () -> UnixTime

    package init(
        writer: JournalWriter, inbox: JobInbox,
        credentials: @escaping @Sendable () throws(SageMakerClientError) -> Credentials,
        endpoints: EndpointResolver, callbacks: @escaping @Sendable () -> CallbackSettings,
        metrics: DispatchMetrics, logger: Logger, userAgent: String,
        clock: @escaping @Sendable () -> UnixTime
    ) {
        self.writer = writer
        self.inbox = inbox
        self.credentials = credentials
        self.endpoints = endpoints
        self.callbacks = callbacks
        self.metrics = metrics
        self.logger = logger
        self.userAgent = userAgent
        self.clock = clock
    }
}

/// The outbound loop's thread.
package final class RunningDispatcher: Sendable {
    private let thread: OwnedThread
    private let inbox: JobInbox

    /// - Throws: ``SystemCallError`` when the process is out of threads or descriptors.
    package init(_ context: DispatchContext) throws(SystemCallError) {
        inbox = context.inbox
        thread = try OwnedThread(name: "dispatch") {
            do throws(SystemCallError) {
                try Dispatcher(context).run()
            } catch {
                // Without it nothing would ever be sent again, silently.
                preconditionFailure("the outbound loop could not start: \(error)")
            }
        }
    }

    /// Starts nothing more from here on.
    package func beginStop() { inbox.stop() }

    /// Starts nothing more, gives what is under way a moment to finish, and ends.
    package func stop() {
        inbox.stop()
        thread.join()
    }
}

/// The outbound loop: a due job, one outside effect, its next state to the journal.
///
/// Used by its own thread only.
final class Dispatcher {
    private enum Flight {
        case start(StartJob, began: MonotonicTime)
        case callback(CallbackJob)
    }

    private let context: DispatchContext
    private let poll: Poll
    private let client: Client
    /// Nil while there are no credentials.
    private var sageMaker: SageMakerClient?
    private var credentialsAreStale = true
    private var starts = JobQueue<StartJob>()
    private var callbacks = JobQueue<CallbackJob>()
    private var flights: [UInt64: Flight] = [:]
    private var nextFlight: UInt64 = 1
    private var startsInFlight = 0
    private var callbacksInFlight = 0
    private var bucket: TokenBucket
    private var bucketRefill: MonotonicTime?
    private var trouble = Trouble()
    private var stopDeadline: MonotonicTime?

    /// The code of an attempt that could not be signed, for want of credentials or of a region.
    private static let notSignedCode = "NotSigned"

    /// How long requests under way may go on once the loop is to stop. What is cut off is sent again
    /// after the next start, with the same token.
    private static let stopGrace = Duration.seconds(5)

    init(_ context: DispatchContext) throws(SystemCallError) {
        self.context = context
        poll = try Poll()
        var limits = ClientLimits()
        limits.connectionsMax =
            context.limits.startsInFlightMax + context.limits.callbacksInFlightMax
        client = Client(poll: poll, limits: limits, userAgent: context.userAgent)
        bucket = TokenBucket(perSecond: context.limits.startsPerSecondMax, at: .now())
        try poll.add(inboxKey, .read)
    }

    private var inboxKey: PollKey {
        PollKey(descriptor: context.inbox.wakeup.descriptor, generation: 0)
    }

    func run() {
        context.writer.request(
            starts: context.limits.startsInFlightMax * DispatchLimits.heldPerSlot,
            callbacks: context.limits.callbacksInFlightMax * DispatchLimits.heldPerSlot)
        while !isFinished {
            poll.wait(milliseconds: pause()) { event in
                if event.key == inboxKey {
                    context.inbox.wakeup.drain()
                } else {
                    client.handle(event)
                }
            }
            client.handleTimeout(at: .now())
            collectJobs()
            land()
            launch()
        }
    }

    private var isFinished: Bool {
        guard let stopDeadline else { return false }
        return flights.isEmpty || MonotonicTime.now() >= stopDeadline
    }

    private func pause() -> Int32 {
        let moments = [client.nextTimeout, bucketRefill, stopDeadline].compactMap { $0 }
        guard let next = moments.min() else { return -1 }
        let wait = next.since(.now())
        return Int32(clamping: max(0, (wait + 999_999) / 1_000_000))
    }

    private func collectJobs() {
        let contents = context.inbox.collect()
        for job in contents.starts { starts.append(job) }
        for job in contents.callbacks { callbacks.append(job) }
        if contents.isStopping, stopDeadline == nil {
            stopDeadline = MonotonicTime.now().advanced(by: Self.stopGrace)
        }
    }

    // MARK: - Sending

    private func launch() {
        guard stopDeadline == nil else { return }
        bucketRefill = nil
        while startsInFlight < context.limits.startsInFlightMax, !starts.isEmpty {
            if let refill = bucket.take(at: .now()) {
                bucketRefill = refill
                break
            }
            guard let job = starts.popFirst() else { break }
            launch(job)
        }
        while callbacksInFlight < context.limits.callbacksInFlightMax,
            let job = callbacks.popFirst()
        {
            launch(job)
        }
    }

    private func launch(_ job: StartJob) {
        let now = context.clock()
        do throws(SageMakerClientError) {
            let signed = try sign(job, at: now)
            let id = takeFlight(.start(job, began: .now()))
            var request = ClientRequest(id: id, method: .post, url: signed.url)
            request.fields = signed.fields
            request.content = signed.body
            request.timeout = context.limits.startTimeout
            request.allowsPlainHTTP = signed.url.hasPrefix("http://")
            request.replyBytesMax = SageMakerAPILimits.replyBytesMax
            startsInFlight += 1
            client.start(request)
        } catch {
            let reply = StartReply.retry(
                code: Self.notSignedCode, message: "\(error)", kind: .credentials)
            settle(job, reply, requestID: nil)
        }
    }

    /// Looks the credentials up when there are none yet or the service did not take them.
    private func sign(
        _ job: StartJob, at now: UnixTime
    ) throws(SageMakerClientError) -> SignedRequest {
        var client: SageMakerClient
        if let sageMaker, !credentialsAreStale {
            client = sageMaker
        } else {
            let credentials = try context.credentials()
            client =
                sageMaker ?? SageMakerClient(credentials: credentials, endpoints: context.endpoints)
            client.credentials = credentials
            credentialsAreStale = false
        }
        defer { sageMaker = client }
        return try client.request(
            body: job.request, region: job.region, at: now.milliseconds / 1000)
    }

    private func launch(_ job: CallbackJob) {
        let seconds = context.clock().milliseconds / 1000
        let settings = context.callbacks()
        var request = ClientRequest(
            id: takeFlight(.callback(job)), method: .post, url: job.url)
        request.fields = [
            ("Content-Type", "application/json"), ("webhook-id", job.id),
            ("webhook-timestamp", String(seconds)),
            (
                "webhook-signature",
                StandardWebhooks.signature(
                    id: job.id, timestampSeconds: seconds, content: job.body,
                    keys: settings.keys)
            ),
        ]
        request.content = job.body
        request.timeout = context.limits.callbackTimeout
        request.replyBytesMax = DispatchLimits.callbackReplyBytesMax
        request.allowsPlainHTTP = job.url.hasPrefix("http://")
        request.addressPolicy = settings.addressPolicy
        callbacksInFlight += 1
        client.start(request)
    }

    private func takeFlight(_ flight: Flight) -> UInt64 {
        defer { nextFlight += 1 }
        flights[nextFlight] = flight
        return nextFlight
    }

    // MARK: - Landing

    private func land() {
        for (id, result) in client.takeFinished() {
            switch flights.removeValue(forKey: id) {
            case .start(let job, let began):
                startsInFlight -= 1
                context.metrics.startSeconds.observe(nanoseconds: MonotonicTime.now().since(began))
                land(job, result)
            case .callback(let job):
                callbacksInFlight -= 1
                land(job, result)
            case nil: preconditionFailure("a request ended that was not under way")
            }
        }
    }

    private func land(_ job: StartJob, _ result: Result<ClientReply, ClientError>) {
        switch result {
        case .success(let reply):
            let serviceReply = ServiceReply(
                status: reply.status, fields: reply.fields, body: reply.content)
            let outcome =
                sageMaker?.outcome(of: serviceReply, at: context.clock().milliseconds / 1000)
                ?? StartReply(serviceReply)
            if case .retry(_, _, .credentials) = outcome { credentialsAreStale = true }
            settle(job, outcome, requestID: serviceReply.requestID)
        case .failure(let error):
            let reply = StartReply.retry(
                code: "ConnectionError", message: "\(error)", kind: .connection)
            settle(job, reply, requestID: nil)
        }
    }

    private func settle(_ job: StartJob, _ reply: StartReply, requestID: String?) {
        let settlement = StartTransition.settlement(
            of: job, after: reply, requestID: requestID, at: context.clock(),
            jitter: .random(in: -1...1), makeID: { "msg_" + hexEncoded(randomBytes(16)) })
        context.writer.settle(settlement)
        context.writer.request(starts: 1, callbacks: 0)
        context.metrics.callbacks.counter(CallbackState.queued.rawValue)
            .increment(by: settlement.callbacks.count)
        context.metrics.attempts.counter(settlement.attempt.outcome.rawValue).increment()
        if settlement.next.state != .queued {
            context.metrics.starts.counter(job.rule, settlement.next.state.rawValue).increment()
        }
        report(job, reply, requestID: requestID, settlement)
    }

    private func land(_ job: CallbackJob, _ result: Result<ClientReply, ClientError>) {
        let settlement = CallbackTransition.settlement(
            of: job, after: result, at: context.clock(), jitter: .random(in: -1...1))
        context.writer.settle(settlement)
        context.writer.request(starts: 0, callbacks: 1)
        context.metrics.callbackAttempts.counter(settlement.attempt.outcome.rawValue).increment()
        if settlement.next.state != .queued {
            context.metrics.callbacks.counter(settlement.next.state.rawValue).increment()
        }
        report(job, settlement)
    }

    // MARK: - Telling the operator

    /// A broken endpoint is told once, and once more when it works again: each start's own attempts
    /// are in the journal, with AWS's messages. Those may quote the request, which came from a
    /// payload, so only their codes are logged.
    private func report(
        _ job: StartJob, _ reply: StartReply, requestID: String?, _ settlement: StartSettlement
    ) {
        var about: Logger.Metadata = ["rule": "\(job.rule)", "start": "\(job.id)"]
        if let requestID { about["requestId"] = "\(requestID)" }
        switch reply {
        case .started(let executionARN):
            if trouble.succeeded(job.region, at: .now()) {
                context.logger.notice(
                    "SageMaker answers again", metadata: ["region": "\(job.region)"])
            }
            about["execution"] = "\(executionARN)"
            context.logger.info("started", metadata: about)
        case .refused(let code, _):
            about["code"] = "\(code)"
            context.logger.error("SageMaker refused a start", metadata: about)
        case .retry(let code, let message, let kind):
            about["code"] = "\(code)"
            if trouble.failed(job.region, at: .now()) {
                let endpoint = (try? context.endpoints.endpoint(region: job.region))?.url ?? ""
                let ours = kind == .connection || code == Self.notSignedCode
                context.logger.warning(
                    "cannot start pipelines, retrying: \(ours ? message : code)",
                    metadata: ["region": "\(job.region)", "endpoint": "\(endpoint)"])
            }
            if settlement.next.state == .expired {
                context.logger.error("a start was given up", metadata: about)
            }
        }
    }

    private func report(_ job: CallbackJob, _ settlement: CallbackSettlement) {
        let about: Logger.Metadata = ["callback": "\(job.id)", "start": "\(job.start)"]
        switch settlement.next {
        case .delivered: context.logger.info("callback delivered", metadata: about)
        case .failed:
            context.logger.error(
                "a callback was given up: \(settlement.attempt.message ?? "")", metadata: about)
        case .queued:
            context.logger.warning(
                "a callback failed, retrying: \(settlement.attempt.message ?? "")", metadata: about)
        }
    }
}

/// Which regions do not start what they are asked to.
///
/// Trouble is over when a start succeeds and nothing has failed for a while: an endpoint that
/// throttles every second request is one trouble and not hundreds.
struct Trouble {
    static let quietTime = Duration.seconds(60)
    private var lastFailures: [String: MonotonicTime] = [:]

    /// - Returns: Whether this is news.
    mutating func failed(_ region: String, at now: MonotonicTime) -> Bool {
        lastFailures.updateValue(now, forKey: region) == nil
    }

    /// - Returns: Whether this ends a trouble.
    mutating func succeeded(_ region: String, at now: MonotonicTime) -> Bool {
        guard let last = lastFailures[region], now.since(last) >= Self.quietTime.nanoseconds else {
            return false
        }
        lastFailures[region] = nil
        return true
    }
}
