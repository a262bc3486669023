internal import EventPoll
internal import Events
package import HTTP1
package import HTTPServer
internal import JSON
package import Journal
package import Logging
internal import Metrics
internal import OpenSSLCrypto
internal import Rules
internal import Webhook

/// What the intake of every event loop shares.
package struct IntakeContext: Sendable {
    package let routing: CurrentRouting
    package let writer: JournalWriter
    package let started: StartedDeliveries
    package let metrics: IntakeMetrics
    package let logger: Logger
    package let clock: @Sendable () -> UnixTime
    package let later: LaterMessages

    package init(
        routing: CurrentRouting, writer: JournalWriter, started: StartedDeliveries,
        metrics: IntakeMetrics, logger: Logger, clock: @escaping @Sendable () -> UnixTime,
        later: LaterMessages
    ) {
        self.later = later
        self.routing = routing
        self.writer = writer
        self.started = started
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
    }
}

/// The main listener's requests on one event loop: a webhook's way from its bytes to the journal.
package final class WebhookHandler: RequestHandler {
    /// A class, since it is passed on with each request.
    private final class Endpoint {
        let source: Source
        /// Nil for a source that the configuration leaves unverified.
        let verifier: Verifier?
        let counters: [IntakeMetrics.Outcome: Counter]
        /// Requests by the secret that matched, by its position.
        let verified: [Counter]

        init(_ source: Source, _ metrics: IntakeMetrics) {
            self.source = source
            verifier = source.verifier
            counters = metrics.counters(source: source.name)
            verified = source.secretPositions.map { metrics.verified.counter(source.name, "\($0)") }
        }
    }

    private let context: IntakeContext
    private var reader = PayloadReader()
    private var view: CurrentRouting.View
    private var endpoints: [Endpoint] = []
    /// Counts the sets of endpoints.
    private var generation = 0
    private var gathered: [PendingAppend] = []
    /// Answers that are put off when the journal takes too long, those that waited longest first.
    private var waiting: [Answer] = []

    package init(_ context: IntakeContext) {
        precondition(
            JSONParser.padding <= Request.contentPadding, "content is parsed where it was received")
        self.context = context
        view = CurrentRouting.View(context.routing)
        makeEndpoints()
    }

    private func makeEndpoints() {
        generation += 1
        endpoints = view.routing.sources.map { Endpoint($0, context.metrics) }
    }

    package func admit(_ head: RequestHead, peer: Peer) -> Admission {
        if view.refresh() { makeEndpoints() }
        if let endpoint = endpoint(head) {
            if let refusal = refusal(head, peer, by: endpoint.source.access) {
                return .refuse(refusal)
            }
            return endpoint.source.admit(head)
        }
        guard head.isPath("/healthz") else {
            return .refuse(.nothingHere)
        }
        guard head.isMethod("GET") else { return .refuse(.methodNotAllowed("GET")) }
        return .receive(contentBytesMax: 0)
    }

    /// The answer to who may not speak to a source, or not now.
    private func refusal(
        _ head: RequestHead, _ peer: Peer, by access: AccessPolicy
    ) -> Response? {
        guard access.admits(head, peer) else {
            return .problem(.forbidden, "this source takes no requests from this address")
        }
        guard let wait = access.rateLimit?.take(at: .now()) else { return nil }
        return .tooManyRequests(after: wait)
    }

    package func contentReader(for head: RequestHead) -> (any ContentReader)? {
        guard let verifier = endpoint(head)?.verifier else { return nil }
        let now = context.clock().milliseconds
        return ContentVerification(
            verifier.begin(head, atMilliseconds: now), generation: generation)
    }

    package func respond(to request: Request, _ exchange: Exchange) -> Reply {
        if let endpoint = endpoint(request.head) {
            return receive(request, at: endpoint, exchange)
        }
        // A source can be gone since its request was admitted.
        guard request.head.isPath("/healthz") else { return .now(.nothingHere) }
        return .now(.text(.ok, "ok\n"))
    }

    private func endpoint(_ head: RequestHead) -> Endpoint? {
        endpoints.first { head.isPath($0.source.path) }
    }

    // MARK: - The way of one webhook

    private func receive(_ request: Request, at endpoint: Endpoint, _ exchange: Exchange) -> Reply {
        let began = MonotonicTime.now()
        let now = context.clock()
        if Handshake.isUnsignedTest(request.head, of: endpoint.source) {
            return answer(.ignored, Handshake.unsignedTestAnswer, endpoint, began)
        }
        let verifiedBy: String
        do throws(SignatureError) {
            verifiedBy = try verify(request, at: endpoint, now)
        } catch {
            context.metrics.unverified.counter(endpoint.source.name, error.rawValue).increment()
            return answer(.unverified, .unauthorized(realm: endpoint.source.name), endpoint, began)
        }
        let payload: Payload
        do throws(PayloadFault) {
            payload = try reader.read(request, from: endpoint.source.sender)
        } catch {
            return answer(.unparsable, endpoint.source.unparsable(error), endpoint, began)
        }
        let arrival = Arrival(
            source: endpoint.source, request: request, verifiedBy: verifiedBy, receivedAt: now,
            payload: payload)
        return decide(arrival, endpoint, exchange, began)
    }

    /// What becomes of a delivery that is its sender's.
    private func decide(
        _ arrival: Arrival, _ endpoint: Endpoint, _ exchange: Exchange, _ began: MonotonicTime
    ) -> Reply {
        let body = arrival.payload.document.root
        if let response = Handshake.answer(to: body, from: endpoint.source.sender) {
            return answer(.ignored, response, endpoint, began)
        }
        let delivery = arrival.delivery()
        let events = endpoint.source.sender.normalise(delivery)
        let id = Identifier.delivery(source: delivery.source, deliveryID: delivery.deliveryID)
        let matched = match(events, in: delivery, id: id)
        if matched.isOversized { return answer(.oversized, .oversized, endpoint, began) }
        let reply = ChatReply(endpoint.source.sender.reply, body, events)
        let message = ChatMessage(
            matched, matched.isEmpty && reply.isReadable ? reasons(events, in: delivery) : [])
        guard !matched.isEmpty || context.started.mayContain(id) else {
            keepHistory(arrival, delivery, events, id: id)
            var receipt = Receipt(delivery: id, starts: [], failures: [])
            if events.isEmpty { receipt.notes = [Sender.noEvents] }
            if events.first?.kind == .ping {
                receipt.notes = PingCheck.notes(
                    body, source: delivery.source, view.routing.rules)
            }
            if reply.isToldLater, !message.reasons.isEmpty, let handle = arrival.payload.handle {
                LaterAnswer(handle, context.later).send(message.text(receipt), isPublic: false)
            }
            return answer(.ignored, reply.response(receipt, message), endpoint, began)
        }
        let record = arrival.record(delivery, events, matched.failures, id: id)
        let waiting = Answer(
            exchange: exchange, reply: reply, message: message,
            later: arrival.payload.handle.map { LaterAnswer($0, context.later) })
        return append(record, matched, to: endpoint, waiting, began)
    }

    /// Why each rule that was asked said no, for who reads the answer.
    private func reasons(_ events: [Event], in delivery: Delivery) -> [String] {
        let linesMax = 5
        return events.prefix(linesMax).flatMap { view.routing.rules.explain($0, in: delivery) }
            .filter { $0.clause != "source" && $0.clause != "on" }
            .prefix(linesMax).map { "\($0.rule): \($0.clause ?? ""): \($0.reason ?? "")" }
    }

    private func verify(
        _ request: Request, at endpoint: Endpoint, _ now: UnixTime
    ) throws(SignatureError) -> String {
        guard let verifier = endpoint.verifier else { return "none" }
        // What was begun with secrets that have been replaced since counts for nothing.
        let begun = (request.reader as? ContentVerification).flatMap {
            $0.generation == generation ? $0.verification : nil
        }
        let verification =
            begun ?? verifier.begin(request.head, atMilliseconds: now.milliseconds)
        let verified = try verification.finish(request.content)
        if let secret = verified.secret { note(secret, of: endpoint, now) }
        return verified.by
    }

    /// Counts which secret matched, and tells once that an older one is still in use.
    private func note(_ secret: Int, of endpoint: Endpoint, _ now: UnixTime) {
        if secret < endpoint.verified.count { endpoint.verified[secret].increment() }
        guard secret > 0, case .signature(let secrets) = endpoint.source.verification,
            // One that is not valid yet, or no more, is none that the sender could have instead.
            let newer = secrets[..<secret].firstIndex(where: {
                $0.kind == secrets[secret].kind && $0.isLive(atMilliseconds: now.milliseconds)
            }),
            view.routing.told.insert("source \(endpoint.source.name)")
        else { return }
        context.logger.warning(
            "an older secret still verifies requests; give the sender the newer one",
            metadata: [
                "source": "\(endpoint.source.name)", "secret": "\(secret)", "newer": "\(newer)",
            ])
    }

    private func match(_ events: [Event], in delivery: Delivery, id: String) -> Matched {
        let routing = view.routing
        var matched = Matched()
        for event in events where !matched.isOversized {
            for outcome in routing.rules.match(event, in: delivery) {
                let failed = matched.add(
                    outcome, delivery: id, event: event.index,
                    defaultRegion: routing.defaultRegion)
                if let failed { reportFailure(of: failed) }
            }
        }
        return matched
    }

    /// Counts a rule's failure. Only the first is logged, without its message, which may quote the
    /// payload; the answer and the journal have all of them.
    private func reportFailure(of rule: String) {
        context.metrics.ruleErrors.counter(rule).increment()
        guard view.routing.told.insert("rule \(rule)") else { return }
        context.logger.warning(
            "a rule failed; its deliveries' answers say why", metadata: ["rule": "\(rule)"])
    }

    /// Keeps a delivery that starts nothing, without waiting for the disk.
    private func keepHistory(
        _ arrival: Arrival, _ delivery: Delivery, _ events: [Event], id: String
    ) {
        if context.writer.hasHistoryRoom {
            context.writer.record(arrival.record(delivery, events, [], id: id))
        } else {
            context.writer.countDroppedHistory()
        }
    }

    /// Gathers the delivery for the journal, whose commit releases the answer.
    private func append(
        _ record: DeliveryRecord, _ matched: Matched, to endpoint: Endpoint, _ answer: Answer,
        _ began: MonotonicTime
    ) -> Reply {
        let counters = endpoint.counters
        let metrics = context.metrics
        if !matched.starts.isEmpty { context.started.insert(record.id) }
        gathered.append(
            PendingAppend(DeliveryAppend(delivery: record, starts: matched.starts)) { result in
                let (outcome, verdict) = conclude(
                    result, delivery: record.id, matched, metrics)
                counters[outcome]?.increment()
                metrics.seconds.observe(nanoseconds: MonotonicTime.now().since(began))
                answer.give(verdict)
            })
        if answer.later != nil { waiting.append(answer) }
        return .later
    }

    /// Hands on what this turn gathered, all at once, so that it shares one commit.
    package func turnEnded() {
        if !waiting.isEmpty { putOffAnswers() }
        guard !gathered.isEmpty else { return }
        let queued = context.writer.append(gathered)
        for arrival in gathered[queued...] { arrival.answer(.overloaded) }
        gathered.removeAll(keepingCapacity: true)
    }

    private func putOffAnswers() {
        let now = MonotonicTime.now()
        let pending = waiting.firstIndex { !$0.putOff(at: now) } ?? waiting.count
        waiting.removeFirst(pending)
    }

    private func answer(
        _ outcome: IntakeMetrics.Outcome, _ response: Response, _ endpoint: Endpoint,
        _ began: MonotonicTime
    ) -> Reply {
        endpoint.counters[outcome]?.increment()
        context.metrics.seconds.observe(nanoseconds: MonotonicTime.now().since(began))
        return .now(response)
    }
}

/// The answer to what the journal said. Runs on the journal writer's thread, or on the loop's.
private func conclude(
    _ result: AppendResult, delivery: String, _ matched: Matched, _ metrics: IntakeMetrics
) -> (IntakeMetrics.Outcome, Verdict) {
    switch result {
    case .committed(let starts):
        for start in starts where start.isNew {
            metrics.starts.counter(start.rule, StartState.queued.rawValue).increment()
        }
        var receipt = Receipt(delivery: delivery, starts: starts, failures: matched.failures)
        receipt.notes = notes(of: matched.starts, among: starts)
        if matched.unlistedFailures > 0 {
            receipt.notes.append("\(matched.unlistedFailures) more errors are not listed")
        }
        return (receipt.outcome, .kept(receipt))
    case .queueFull: return (.unavailable, .unavailable("the queue of starts is full"))
    case .failed: return (.unavailable, .unavailable("the store cannot commit"))
    case .overloaded: return (.unavailable, .unavailable("too many deliveries wait"))
    }
}

/// Rules whose own token is that of another rule's start, which stands for theirs: that may be meant,
/// but is not to go without a word, as SageMaker itself would refuse it for another pipeline.
private func notes(of proposed: [NewStart], among starts: [RecordedStart]) -> [String] {
    let own = proposed.filter { Identifier.isOfOwnToken($0.id) }
    guard !own.isEmpty else { return [] }
    let rules = Dictionary(starts.map { ($0.id, $0.rule) }) { first, _ in first }
    return own.compactMap { start in
        guard let other = rules[start.id], other != start.rule else { return nil }
        return "rule \(start.rule), event \(start.eventIndex): nothing more is started, as its "
            + "ClientRequestToken is that of rule \(other)'s start \(start.id)"
    }
}

extension Response {
    fileprivate static let nothingHere = problem(.notFound, "there is nothing at this path")

    fileprivate static let oversized = problem(
        .contentTooLarge,
        "the delivery asks for more than \(IntakeLimits.startsPerDeliveryMax) starts; nothing was accepted"
    )

    /// One answer for every reason, so that it tells a stranger nothing.
    fileprivate static func unauthorized(realm: String) -> Response {
        var response = problem(.unauthorized, "the request is not signed by the sender")
        response.fields.append(("WWW-Authenticate", "Signature realm=\"\(realm)\""))
        return response
    }

    fileprivate static func tooManyRequests(after wait: Duration) -> Response {
        var response = problem(.tooManyRequests, "this source takes no more requests for now")
        // Whole seconds, rounded up (RFC 9110 §10.2.3).
        let seconds = (wait.nanoseconds + 999_999_999) / 1_000_000_000
        response.fields.append(("Retry-After", "\(max(1, seconds))"))
        return response
    }
}

extension Source {
    /// The positions of the secrets that can match.
    fileprivate var secretPositions: Range<Int> {
        guard case .signature(let secrets) = verification else { return 0..<0 }
        return secrets.indices
    }

    /// Telegram sends an update that is refused again and again, and nothing behind it.
    fileprivate func unparsable(_ fault: PayloadFault) -> Response {
        sender.reply == .telegram
            ? .json(.ok, Array("{}".utf8)) : .problem(.badRequest, fault.description)
    }
}
