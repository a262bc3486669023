internal import EventPoll
internal import HTTPClient
internal import Journal
internal import Metrics
internal import OpenSSLCrypto
internal import SageMakerAPI
internal import SageMakerClient

/// The starts of the outbound loop: a due job, its requests, its next state to the journal.
///
/// Used by the loop's thread only.
final class StartDispatch {
    private let context: DispatchContext
    private let client: Client
    private let reports: DispatchReports
    private var lanes: LaneTable<StartLane>
    private var limits: [AccountRegion: RateLimit] = [:]
    private var flights: [UInt64: (lane: StartLane, flight: StartFlight)] = [:]
    /// Starts that wait for their attempt's next request.
    private var delayed: [(due: MonotonicTime, lane: StartLane, flight: StartFlight)] = []
    private var nextFlight: UInt64 = 0
    /// When a lane may send that may not now.
    private var refill: MonotonicTime?

    init(_ context: DispatchContext, _ client: Client, _ reports: DispatchReports) {
        self.context = context
        self.client = client
        self.reports = reports
        lanes = LaneTable(StartLane.bounds(inFlightMax: context.limits.startsInFlightMax))
    }

    var isUnderWay: Bool { !flights.isEmpty }

    /// When something is to be done though nothing happens.
    var nextMoment: MonotonicTime? {
        var next = refill
        for flight in delayed { next = min(next ?? flight.due, flight.due) }
        return next
    }

    // MARK: - Taking jobs

    /// Tells the journal how many starts of each lane it is to hand out, where that has changed.
    func tellRooms() {
        guard let rooms = lanes.roomsToTell(sharedMax: context.limits.startsHeldMax) else { return }
        context.writer.admit(rooms)
    }

    func accept(_ jobs: [StartJob]) {
        for job in jobs { lane(of: job).waiting.append(StartFlight(job: job)) }
    }

    private func lane(of job: StartJob) -> StartLane {
        lanes.lane(job.lane) {
            let role = job.roleARN ?? context.service.roleARN
            return StartLane(
                job.lane, role.map { .role($0) } ?? .own,
                SageMakerClient(endpoints: context.service.endpoints),
                StartLane.bounds(inFlightMax: context.limits.startsInFlightMax), at: .now())
        }
    }

    // MARK: - Sending

    /// Sends what may be sent, one request of each lane after the other.
    func launch() {
        let now = MonotonicTime.now()
        requeueDelayed(now)
        refill = nil
        forgetLimits()
        for lane in lanes.order {
            lane.awaitsCredentials = false
            expire(lane)
        }
        lanes.serve { send(on: $0, now) }
    }

    /// Forgets the limits of lanes that are forgotten.
    private func forgetLimits() {
        guard limits.count > 2 * max(lanes.order.count, DispatchLimits.lanesMax) else { return }
        let used = Set(lanes.order.map(\.accountRegion))
        limits = limits.filter { used.contains($0.key) }
    }

    private func requeueDelayed(_ now: MonotonicTime) {
        guard !delayed.isEmpty else { return }
        for (_, lane, flight) in delayed.filter({ $0.due <= now }) {
            // Before those that have not begun: their attempt is to come to an end.
            lane.waiting.prepend(flight)
            lane.delayed -= 1
        }
        delayed.removeAll { $0.due <= now }
    }

    private func expire(_ lane: StartLane) {
        while let (flight, code, message) = lane.popExpired(at: context.clock()) {
            settle(
                flight, on: lane, .retry(code: code, message: message, kind: .connection),
                AttemptReply())
        }
    }

    /// - Returns: Whether something of the lane went on its way.
    private func send(on lane: StartLane, _ now: MonotonicTime) -> Bool {
        guard lane.window.isOpen, !lane.waiting.isEmpty, !lane.awaitsCredentials else {
            return false
        }
        switch context.service.credentials.credentials(for: lane.identity) {
        case .ready(let credentials):
            guard mayBegin(lane.probeMoment(at: now)), takeToken(lane, now),
                let flight = lane.waiting.popFirst()
            else { return false }
            lane.noteProbe()
            lane.client.credentials = credentials
            send(flight, on: lane)
            return true
        case .pending:
            // The store wakes the loop.
            lane.awaitsCredentials = true
            return false
        case .failed(let error):
            guard mayBegin(lane.probeMoment(at: now)), let flight = lane.waiting.popFirst() else {
                return false
            }
            lane.noteProbe()
            notSigned(flight, on: lane, error)
            return true
        }
    }

    private func takeToken(_ lane: StartLane, _ now: MonotonicTime) -> Bool {
        let limit = RateLimit(perSecondMax: context.limits.startsPerSecondMax, at: now)
        return mayBegin(limits[lane.accountRegion, default: limit].take(at: now))
    }

    /// - Parameter moment: When a request may begin; nil for now.
    private func mayBegin(_ moment: MonotonicTime?) -> Bool {
        guard let moment else { return true }
        refill = min(refill ?? moment, moment)
        return false
    }

    private func send(_ flight: StartFlight, on lane: StartLane) {
        var flight = flight
        do throws(SageMakerClientError) {
            let signed = try lane.client.request(
                body: flight.job.request, region: flight.job.region,
                at: context.clock().milliseconds / 1000)
            nextFlight += 1
            let id = nextFlight << 1
            flight.requests += 1
            flight.sentAt = .now()
            flights[id] = (lane, flight)
            lane.window.noteSent()
            client.start(request(id, signed))
        } catch {
            notSigned(flight, on: lane, error)
        }
    }

    private func request(_ id: UInt64, _ signed: SignedRequest) -> ClientRequest {
        var request = ClientRequest(id: id, method: .post, url: signed.url)
        request.fields = signed.fields
        request.content = signed.body
        request.timeout = context.limits.startTimeout
        request.allowsPlainHTTP = signed.url.hasPrefix("http://")
        request.replyBytesMax = SageMakerAPILimits.replyBytesMax
        request.proxy = context.proxies.proxy(for: signed.url)
        request.certificateAuthorities = context.service.certificateAuthorities
        return request
    }

    private func notSigned(
        _ flight: StartFlight, on lane: StartLane, _ error: SageMakerClientError
    ) {
        let code = DispatchReports.notSignedCode
        lane.noteSilence(code: code, message: "\(error)")
        settle(
            flight, on: lane, .retry(code: code, message: "\(error)", kind: .credentials),
            AttemptReply())
    }

    // MARK: - Landing

    /// - Parameter id: An even number, as only starts have.
    /// - Parameter isStopping: Whether nothing is sent any more.
    func land(_ id: UInt64, _ result: Result<ClientReply, ClientError>, isStopping: Bool) {
        guard let (lane, flight) = flights.removeValue(forKey: id) else {
            preconditionFailure("a start's request ended that was not under way")
        }
        let now = MonotonicTime.now()
        context.metrics.startSeconds.observe(nanoseconds: now.since(flight.sentAt))
        let (outcome, reply) = read(result, lane)
        lane.window.noteLanded()
        if reply.status != nil {
            var isThrottle = false
            if case .retry(_, _, .throttling) = outcome { isThrottle = true }
            limits[lane.accountRegion]?.learn(isThrottle: isThrottle, at: now)
        }
        if !isStopping, let delay = retryDelay(flight, outcome, reply, lane) {
            var flight = flight
            flight.waited += delay.wait
            flight.lastCost = delay.cost
            delayed.append((now.advanced(by: delay.wait), lane, flight))
            lane.delayed += 1
            context.metrics.retries.counter(delay.kind == .throttling ? "throttling" : "transient")
                .increment()
            return
        }
        if case .started = outcome { lane.quota.restore(flight.lastCost) }
        note(outcome, reply, lane)
        settle(flight, on: lane, outcome, reply)
    }

    private func read(
        _ result: Result<ClientReply, ClientError>, _ lane: StartLane
    ) -> (StartReply, AttemptReply) {
        switch result {
        case .success(let reply):
            let service = ServiceReply(
                status: reply.status, fields: reply.fields, body: reply.content)
            let outcome = lane.client.outcome(
                of: service, at: context.clock().milliseconds / 1000)
            if case .retry(_, _, .credentials) = outcome, let used = lane.client.credentials {
                context.service.credentials.reject(used, for: lane.identity)
            }
            return (
                outcome,
                AttemptReply(
                    status: reply.status, requestID: service.requestID,
                    retryAfter: service.retryAfter, isFinal: false)
            )
        case .failure(let error):
            return (
                .retry(code: "ConnectionError", message: "\(error)", kind: .connection),
                AttemptReply(isFinal: !error.isTransient)
            )
        }
    }

    /// The wait before the attempt's next request, or nil where it has none.
    private func retryDelay(
        _ flight: StartFlight, _ outcome: StartReply, _ reply: AttemptReply, _ lane: StartLane
    ) -> (wait: Duration, cost: Int, kind: StandardRetry.Kind)? {
        guard case .retry(_, _, let failure) = outcome, !reply.isFinal,
            let kind = StandardRetry.kind(of: failure),
            flight.requests < StandardRetry.requestsMax, !lane.window.isInTrouble,
            lane.quota.spend(kind.cost)
        else { return nil }
        let wait = StandardRetry.delay(
            afterRequest: flight.requests, kind, retryAfter: reply.retryAfter,
            random: .random(in: 0...1))
        return (wait, kind.cost, kind)
    }

    private func note(_ outcome: StartReply, _ reply: AttemptReply, _ lane: StartLane) {
        switch outcome {
        case .started, .refused, .retry(_, _, .throttling), .retry(_, _, .resourceLimit):
            lane.window.noteAnswer()
        case .retry where reply.status != nil: lane.window.noteFault()
        case .retry(let code, let message, _): lane.noteSilence(code: code, message: message)
        }
    }

    private func settle(
        _ flight: StartFlight, on lane: StartLane, _ outcome: StartReply, _ reply: AttemptReply
    ) {
        let job = flight.job
        let settlement = StartTransition.settlement(
            of: job, after: outcome,
            AttemptFacts(
                requestID: reply.requestID, status: reply.status,
                requests: flight.requests, totalRetryDelay: flight.waited),
            at: context.clock(), jitter: .random(in: -1...1),
            makeID: { "msg_" + hexEncoded(randomBytes(16)) })
        context.writer.settle(settlement)
        context.metrics.callbacks.counter(CallbackState.queued.rawValue)
            .increment(by: settlement.callbacks.count)
        context.metrics.attempts.counter(settlement.attempt.outcome.rawValue).increment()
        if settlement.next.state != .queued {
            context.metrics.starts.counter(job.rule, settlement.next.state.rawValue).increment()
        }
        reports.report(job, outcome, lane, settlement)
    }
}

/// What is known of the last reply of an attempt.
private struct AttemptReply {
    var status: Int?
    var requestID: String?
    var retryAfter: Duration?
    /// Whether the same request at once would fail the same way.
    var isFinal = false
}

extension ClientError {
    /// Whether the same request may succeed a moment later: not what our own settings or the
    /// server's certificate cause.
    var isTransient: Bool {
        switch self {
        case .urlMalformed, .schemeRefused, .fieldRefused, .certificateAuthoritiesUnreadable,
            .addressRefused, .tlsVerificationFailed, .replyHeadTooLarge, .replyTooLarge,
            .libraryFailed:
            false
        case .resolveFailed, .connectFailed, .connectTimedOut, .proxyFailed, .proxyRefused,
            .tlsHandshakeFailed,
            .timedOut, .sendFailed, .receiveFailed, .closedWithoutReply, .replyCut,
            .replyMalformed, .systemCallFailed, .outOfMemory:
            true
        }
    }
}
