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
    private var lanes: [StartLane.Key: StartLane] = [:]
    /// The lanes in the order in which they are served.
    private var order: [StartLane] = []
    /// The place of the lane that is served first.
    private var nextLane = 0
    private var limits: [AccountRegion: RateLimit] = [:]
    private var flights: [UInt64: (lane: StartLane, flight: StartFlight)] = [:]
    /// Starts that wait for their attempt's next request.
    private var delayed: [(due: MonotonicTime, lane: StartLane, flight: StartFlight)] = []
    private var nextFlight: UInt64 = 0
    private var refill: MonotonicTime?
    /// Starts to ask the store for, in the place of those that are soon back.
    private var owed = OwedStarts()

    /// Where AWS counts requests. The account is a role's; nil is our own.
    private struct AccountRegion: Hashable {
        let account: String?
        let region: String
    }

    /// Lanes kept when they are idle; a payload can name regions that do not exist.
    private static let lanesMax = 512

    init(_ context: DispatchContext, _ client: Client, _ reports: DispatchReports) {
        self.context = context
        self.client = client
        self.reports = reports
    }

    var isUnderWay: Bool { !flights.isEmpty }

    /// When something is to be done though nothing happens.
    var nextMoment: MonotonicTime? {
        var next = refill
        if let moment = owed.nextMoment { next = min(next ?? moment, moment) }
        for flight in delayed { next = min(next ?? flight.due, flight.due) }
        let now = MonotonicTime.now()
        for lane in order {
            guard let moment = lane.stallMoment(after: now) else { continue }
            next = min(next ?? moment, moment)
        }
        return next
    }

    // MARK: - Taking jobs

    func accept(_ jobs: [StartJob]) {
        let now = MonotonicTime.now()
        for job in jobs {
            let lane = lane(of: job)
            let most = heldMax(of: lane, at: now)
            let hasRoom = lane.hasRoom(for: job.id, most, perSecond: configuredRate, at: now)
            if !hasRoom, postpone(job, lane, now) { continue }
            lane.waiting.append(StartFlight(job: job))
        }
    }

    /// Turns are those of the configured rate: one that throttles have brought down may be up again long
    /// before a turn that was counted by it.
    private var configuredRate: Double { Double(context.limits.startsPerSecondMax) }

    private func heldMax(of lane: StartLane, at now: MonotonicTime) -> Int {
        // Before the first request, what is configured is all that is known.
        let rate = limits[accountRegion(of: lane)]?.perSecond ?? configuredRate
        return lane.heldMax(perSecond: rate > 0 ? rate : nil, at: now)
    }

    /// Gives back what a lane holds that has turned out to be slow or silent, but for the oldest: while
    /// it is held here, the store gives out no start of any other lane.
    private func shedHeld(_ now: MonotonicTime) {
        for lane in order where lane.waiting.count > StartLane.stalledHeld {
            let most = heldMax(of: lane, at: now)
            // Some more may have come at their turns.
            guard lane.waiting.count / 2 >= most else { continue }
            for flight in lane.waiting.removeAll(behind: most) {
                // What has begun its attempt, or would become too old, is to come to its end.
                guard flight.requests == 0, postpone(flight.job, lane, now) else {
                    lane.waiting.append(flight)
                    continue
                }
            }
        }
    }

    /// Gives a start back to the store: for as long as a failed attempt of its age would wait where its
    /// lane is in trouble, until its turn where that is slow, and for a moment where it is stalled or
    /// throttled, which may be over at any time.
    /// - Returns: False for one that would become too old.
    private func postpone(_ job: StartJob, _ lane: StartLane, _ moment: MonotonicTime) -> Bool {
        let now = context.clock()
        let schedule = RetrySchedule.start
        let age = now.since(job.createdAt)
        let turn = lane.returnMoment(of: job.id, perSecond: configuredRate, age: age, at: moment)
        let isSoonBack = turn == nil && !lane.isInTrouble
        let other =
            isSoonBack
            ? StartLane.soonBack : schedule.delay(atAge: age, jitter: .random(in: -1...1))
        let until = now.advanced(by: turn ?? other)
        guard until.since(job.createdAt) <= schedule.ageMax else { return false }
        context.writer.postpone(StartPostponement(start: job.id, until: until))
        if isSoonBack {
            owed.add()
        } else {
            context.writer.request(starts: 1, callbacks: 0)
        }
        return true
    }

    /// Asks the store for starts in the place of those that are soon back.
    private func requestOwed(_ now: MonotonicTime) {
        let count = owed.take(at: now)
        if count > 0 { context.writer.request(starts: count, callbacks: 0) }
    }

    private func lane(of job: StartJob) -> StartLane {
        let role = job.roleARN ?? context.service.roleARN
        let key = StartLane.Key(
            identity: role.map { .role($0) } ?? .own, region: job.region)
        if let lane = lanes[key] { return lane }
        if lanes.count >= Self.lanesMax { forgetIdleLanes() }
        let lane = StartLane(
            key, SageMakerClient(endpoints: context.service.endpoints),
            windowMax: context.limits.startsInFlightMax)
        lanes[key] = lane
        order.append(lane)
        return lane
    }

    private func forgetIdleLanes() {
        let kept = Set(delayed.map { ObjectIdentifier($0.lane) })
        order.removeAll { $0.isIdle && !kept.contains(ObjectIdentifier($0)) }
        lanes = Dictionary(uniqueKeysWithValues: order.map { ($0.key, $0) })
        limits = [:]
    }

    private func accountRegion(of lane: StartLane) -> AccountRegion {
        guard case .role(let arn) = lane.key.identity else {
            return AccountRegion(account: nil, region: lane.key.region)
        }
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        return AccountRegion(
            account: parts.count > 4 ? String(parts[4]) : nil, region: lane.key.region)
    }

    // MARK: - Sending

    /// Sends what may be sent, one request of each lane after the other.
    func launch() {
        let now = MonotonicTime.now()
        requeueDelayed(now)
        shedHeld(now)
        requestOwed(now)
        refill = nil
        for lane in order { lane.awaitsCredentials = false }
        // Each time with the lane behind the last one that was served: where lanes of one account share
        // what may begin in a second, the first of them would take it all.
        let first = order.isEmpty ? 0 : nextLane % order.count
        var hasSent = true
        while hasSent {
            hasSent = false
            for place in order.indices {
                let index = (first + place) % order.count
                guard send(on: order[index], now) else { continue }
                hasSent = true
                nextLane = index + 1
            }
        }
    }

    private func requeueDelayed(_ now: MonotonicTime) {
        guard !delayed.isEmpty else { return }
        for (_, lane, flight) in delayed.filter({ $0.due <= now }) {
            // Before those that have not begun: their attempt is to come to an end.
            lane.waiting.prepend(flight)
        }
        delayed.removeAll { $0.due <= now }
    }

    /// - Returns: Whether something of the lane went on its way.
    private func send(on lane: StartLane, _ now: MonotonicTime) -> Bool {
        guard lane.inFlight < lane.window, !lane.waiting.isEmpty, !lane.awaitsCredentials,
            flights.count < context.limits.startsHeldMax
        else { return false }
        switch context.service.credentials.credentials(for: lane.key.identity) {
        case .ready(let credentials):
            lane.noteCredentials()
            guard takeToken(lane, now), let flight = lane.waiting.popFirst() else { return false }
            lane.client.credentials = credentials
            send(flight, on: lane)
            return true
        case .pending:
            // The store wakes the loop.
            lane.noteAwaitsCredentials(at: now)
            return false
        case .failed(let error):
            lane.noteCredentials()
            guard let flight = lane.waiting.popFirst() else { return false }
            notSigned(flight, on: lane, error)
            return true
        }
    }

    private func takeToken(_ lane: StartLane, _ now: MonotonicTime) -> Bool {
        let key = accountRegion(of: lane)
        let moment =
            limits[
                key,
                default: RateLimit(perSecondMax: context.limits.startsPerSecondMax, at: now)
            ].take(at: now)
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
            lane.noteSent(at: flight.sentAt)
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
        lane.noteFailure()
        settle(
            flight, on: lane,
            .retry(
                code: DispatchReports.notSignedCode, message: "\(error)", kind: .credentials),
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
        let time = now.since(flight.sentAt)
        context.metrics.startSeconds.observe(nanoseconds: time)
        let (outcome, reply) = read(result, lane)
        lane.noteLanded(at: now, answerTime: reply.status == nil ? nil : time)
        if reply.status != nil {
            var isThrottle = false
            if case .retry(_, _, .throttling) = outcome { isThrottle = true }
            limits[accountRegion(of: lane)]?.learn(isThrottle: isThrottle, at: now)
        }
        if !isStopping, let delay = retryDelay(flight, outcome, reply, lane) {
            var flight = flight
            flight.waited += delay.wait
            flight.lastCost = delay.cost
            delayed.append((now.advanced(by: delay.wait), lane, flight))
            context.metrics.retries.counter(delay.kind == .throttling ? "throttling" : "transient")
                .increment()
            return
        }
        note(outcome, flight, lane)
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
                context.service.credentials.reject(used, for: lane.key.identity)
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
            flight.requests < StandardRetry.requestsMax, !lane.isInTrouble,
            lane.quota.spend(kind.cost)
        else { return nil }
        let wait = StandardRetry.delay(
            afterRequest: flight.requests, kind, retryAfter: reply.retryAfter,
            random: .random(in: 0...1))
        return (wait, kind.cost, kind)
    }

    private func note(_ outcome: StartReply, _ flight: StartFlight, _ lane: StartLane) {
        switch outcome {
        case .started:
            lane.quota.restore(flight.lastCost)
            lane.noteAnswer()
        case .refused, .retry(_, _, .throttling), .retry(_, _, .resourceLimit): lane.noteAnswer()
        case .retry: lane.noteFailure()
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
        context.writer.request(starts: 1, callbacks: 0)
        context.metrics.callbacks.counter(CallbackState.queued.rawValue)
            .increment(by: settlement.callbacks.count)
        context.metrics.attempts.counter(settlement.attempt.outcome.rawValue).increment()
        if settlement.next.state != .queued {
            context.metrics.starts.counter(job.rule, settlement.next.state.rawValue).increment()
        }
        reports.report(job, outcome, lane.key, settlement)
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
