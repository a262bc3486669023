internal import HTTPClient
internal import Journal
internal import Metrics
internal import Webhook

/// The callbacks of the outbound loop: a due job, one request, its next state to the journal.
///
/// Used by the loop's thread only.
final class CallbackDispatch {
    private let context: DispatchContext
    private let client: Client
    private let reports: DispatchReports
    private var waiting = JobQueue<CallbackJob>()
    private var flights: [UInt64: CallbackJob] = [:]
    private var nextFlight: UInt64 = 0

    init(_ context: DispatchContext, _ client: Client, _ reports: DispatchReports) {
        self.context = context
        self.client = client
        self.reports = reports
    }

    var isUnderWay: Bool { !flights.isEmpty }

    func accept(_ jobs: [CallbackJob]) {
        for job in jobs { waiting.append(job) }
    }

    func launch() {
        while flights.count < context.limits.callbacksInFlightMax, let job = waiting.popFirst() {
            nextFlight += 1
            let id = nextFlight << 1 | 1
            flights[id] = job
            client.start(request(id, job))
        }
    }

    private func request(_ id: UInt64, _ job: CallbackJob) -> ClientRequest {
        let seconds = context.clock().milliseconds / 1000
        let settings = context.callbacks()
        var request = ClientRequest(id: id, method: .post, url: job.url)
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
        request.proxy = context.proxies.proxy(for: job.url)
        return request
    }

    /// - Parameter id: An odd number, as only callbacks have.
    func land(_ id: UInt64, _ result: Result<ClientReply, ClientError>) {
        guard let job = flights.removeValue(forKey: id) else {
            preconditionFailure("a callback's request ended that was not under way")
        }
        let settlement = CallbackTransition.settlement(
            of: job, after: result, at: context.clock(), jitter: .random(in: -1...1))
        context.writer.settle(settlement)
        context.writer.request(starts: 0, callbacks: 1)
        context.metrics.callbackAttempts.counter(settlement.attempt.outcome.rawValue).increment()
        if settlement.next.state != .queued {
            context.metrics.callbacks.counter(settlement.next.state.rawValue).increment()
        }
        reports.report(job, settlement)
    }
}
