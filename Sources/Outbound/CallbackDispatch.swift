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
    private var lanes: [Substring: CallbackLane] = [:]
    /// The lanes in the order in which they are served.
    private var order: [CallbackLane] = []
    private var flights: [UInt64: (lane: CallbackLane, job: CallbackJob, sentAt: MonotonicTime)] =
        [:]
    private var nextFlight: UInt64 = 0

    init(_ context: DispatchContext, _ client: Client, _ reports: DispatchReports) {
        self.context = context
        self.client = client
        self.reports = reports
    }

    var isUnderWay: Bool { !flights.isEmpty }

    /// When something is to be done though nothing happens.
    var nextMoment: MonotonicTime? {
        let now = MonotonicTime.now()
        var next: MonotonicTime?
        for lane in order {
            guard let moment = lane.stallMoment(after: now) else { continue }
            next = min(next ?? moment, moment)
        }
        return next
    }

    func accept(_ jobs: [CallbackJob]) {
        let now = MonotonicTime.now()
        for job in jobs {
            let lane = lane(of: job)
            if lane.hasRoom(for: job.id, at: now) {
                lane.waiting.append(job)
            } else {
                postpone(job, lane, now)
            }
        }
    }

    private func lane(of job: CallbackJob) -> CallbackLane {
        let receiver = CallbackLane.receiver(of: job.url)
        if let lane = lanes[receiver] { return lane }
        let lane = CallbackLane(receiver, windowMax: context.limits.callbacksInFlightMax)
        lanes[receiver] = lane
        order.append(lane)
        return lane
    }

    /// Gives a callback back to the store for a while.
    private func postpone(_ job: CallbackJob, _ lane: CallbackLane, _ moment: MonotonicTime) {
        let now = context.clock()
        let until = now.advanced(
            by: lane.pause(of: job.id, age: now.since(job.createdAt), at: moment))
        context.writer.postpone(CallbackPostponement(callback: job.id, until: until))
        context.writer.request(starts: 0, callbacks: 1)
    }

    /// Sends what may be sent, one request to each receiver after the other.
    func launch() {
        guard !order.isEmpty else { return }
        let now = MonotonicTime.now()
        for lane in order {
            let most = lane.heldMax(at: now)
            for job in lane.waiting.removeAll(behind: most) { postpone(job, lane, now) }
        }
        // Those first that have nothing under way: receivers that hang would take what comes free.
        for lane in order where lane.inFlight == 0 { _ = send(on: lane) }
        var hasSent = true
        while hasSent {
            hasSent = false
            for lane in order where send(on: lane) { hasSent = true }
        }
    }

    /// - Returns: Whether something went on its way.
    private func send(on lane: CallbackLane) -> Bool {
        let slots =
            lane.inFlight == 0
            ? context.limits.callbackSlotsMax : context.limits.callbacksInFlightMax
        guard flights.count < slots, lane.inFlight < lane.window,
            let job = lane.waiting.popFirst()
        else { return false }
        nextFlight += 1
        let id = nextFlight << 1 | 1
        let now = MonotonicTime.now()
        flights[id] = (lane, job, now)
        lane.noteSent(at: now)
        client.start(request(id, job))
        return true
    }

    /// Forgets a lane that has nothing to do: a payload can name any number of receivers.
    private func forgetIfIdle(_ lane: CallbackLane) {
        guard lane.isIdle else { return }
        lanes[lane.receiver] = nil
        order.removeAll { $0 === lane }
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
        guard let (lane, job, sentAt) = flights.removeValue(forKey: id) else {
            preconditionFailure("a callback's request ended that was not under way")
        }
        let now = MonotonicTime.now()
        var answerTime: Int64?
        if case .success = result { answerTime = now.since(sentAt) }
        lane.noteLanded(answerTime: answerTime, at: now)
        forgetIfIdle(lane)
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
