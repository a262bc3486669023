internal import EventPoll
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
    private var lanes: LaneTable<CallbackLane>
    private var flights: [UInt64: (lane: CallbackLane, job: CallbackJob)] = [:]
    private var nextFlight: UInt64 = 0

    init(_ context: DispatchContext, _ client: Client, _ reports: DispatchReports) {
        self.context = context
        self.client = client
        self.reports = reports
        lanes = LaneTable(CallbackLane.bounds(inFlightMax: context.limits.callbacksInFlightMax))
    }

    var isUnderWay: Bool { !flights.isEmpty }

    /// Tells the journal how many callbacks of each lane it is to hand out, where that has changed.
    func tellRooms() {
        guard let rooms = lanes.roomsToTell(sharedMax: context.limits.callbacksHeldMax) else {
            return
        }
        context.writer.admit(rooms)
    }

    func accept(_ jobs: [CallbackJob]) {
        for job in jobs {
            let id = job.lane
            lanes.lane(id) {
                CallbackLane(
                    id, CallbackLane.bounds(inFlightMax: context.limits.callbacksInFlightMax))
            }.waiting.append(job)
        }
    }

    /// Sends what may be sent, one request to each receiver after the other.
    func launch() { lanes.serve { send(on: $0) } }

    /// - Returns: Whether something went on its way.
    private func send(on lane: CallbackLane) -> Bool {
        guard lane.window.isOpen, let job = lane.waiting.popFirst() else { return false }
        nextFlight += 1
        let id = nextFlight << 1 | 1
        flights[id] = (lane, job)
        lane.window.noteSent()
        client.start(request(id, job))
        return true
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
        guard let (lane, job) = flights.removeValue(forKey: id) else {
            preconditionFailure("a callback's request ended that was not under way")
        }
        lane.window.noteLanded()
        if case .success = result { lane.window.noteAnswer() } else { lane.window.noteSilence() }
        let settlement = CallbackTransition.settlement(
            of: job, after: result, at: context.clock(), jitter: .random(in: -1...1))
        context.writer.settle(settlement)
        context.metrics.callbackAttempts.counter(settlement.attempt.outcome.rawValue).increment()
        if settlement.next.state != .queued {
            context.metrics.callbacks.counter(settlement.next.state.rawValue).increment()
        }
        reports.report(job, settlement)
    }
}
