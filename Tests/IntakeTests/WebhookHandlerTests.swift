import Events
import Foundation
import HTTP1
import HTTPServer
import Intake
import Journal
import JournalConformance
import Logging
import Metrics
import OpenSSLCrypto
import Rules
import Synchronization
import TestSupport
import Testing
import Webhook

/// A store in memory with the rules of the real one about what is new.
final class MemoryStore: StoreWithoutJobs {
    final class Content: Sendable {
        struct State {
            var starts: [(delivery: String, start: NewStart)] = []
            var deliveries: [DeliveryRecord] = []
            var history: [DeliveryRecord] = []
            var fails = false
        }
        let state = Mutex(State())
        /// Held by who wants commits to wait.
        let gate = Mutex(())
    }

    private let content: Content
    init(_ content: Content) { self.content = content }
    var queuedStarts: Int { content.state.withLock { $0.starts.count } }

    func commit(
        _ batch: JournalBatch, at now: UnixTime, queuedStartsMax: Int
    ) throws(JournalError) -> [AppendOutcome] {
        content.gate.withLock { _ in }
        let outcomes: [AppendOutcome]? = content.state.withLock { state in
            guard !state.fails else { return nil }
            state.history += batch.history
            return batch.appends.map { append in
                let earlier = state.starts.filter { $0.delivery == append.delivery.id }
                let new = append.starts.filter { start in
                    !state.starts.contains { $0.start.token == start.token }
                }
                if queuedStartsMax > 0, state.starts.count + new.count > queuedStartsMax,
                    !new.isEmpty
                {
                    return .queueFull
                }
                state.deliveries.append(append.delivery)
                state.starts += new.map { (append.delivery.id, $0) }
                return .committed(
                    earlier.map { told($0.start, isNew: false) }
                        + new.map { told($0, isNew: true) })
            }
        }
        guard let outcomes else { throw .commitFailed("told to") }
        return outcomes
    }
}

private func told(_ start: NewStart, isNew: Bool) -> RecordedStart {
    RecordedStart(
        id: start.id, rule: start.rule, eventIndex: start.eventIndex, token: start.token,
        isNew: isNew)
}

/// A clock that moves 50 ms whenever it is read, so that no test waits for the real one.
private final class Ticks: Sendable {
    private let milliseconds = Atomic<Int64>(0)
    func now() -> UnixTime {
        UnixTime(milliseconds: milliseconds.add(50, ordering: .relaxed).newValue)
    }
}

private final class Fixture {
    let content = MemoryStore.Content()
    let routing: CurrentRouting
    private let sources: [Source]
    private let region: String?
    let metrics: IntakeMetrics
    private let writer: JournalWriter
    private let server: RunningServer

    private static let ticks = Ticks()

    static let rule = """
        rules:
          - name: retrain
            source: github
            on: {push: {branches: [main]}}
            start: {PipelineName: churn, PipelineParameters: {Commit: "${event.after}"}}

        """

    init(
        rules text: String = rule, verification: Source.Verification? = nil,
        region: String? = "eu-west-1",
        queuedStartsMax: Int = 0
    ) throws {
        metrics = IntakeMetrics(
            starts: CounterFamily(name: "s_total", help: "S.", labels: ["rule", "state"]))
        let content = content
        var limits = JournalWriterLimits()
        limits.queuedStartsMax = queuedStartsMax
        writer = try JournalWriter(
            limits: limits, open: { () throws(JournalError) in MemoryStore(content) },
            clock: { Self.ticks.now() }, receiver: nil, notify: { _ in })
        let started = StartedDeliveries()
        started.finishLoading()
        let sender = try #require(Sender.all["github"])
        let secrets = [SigningSecret(Secret("s"))]
        sources = [
            Source(
                name: "github", path: "/hooks/github", sender: sender,
                verification: verification ?? .signature(secrets), contentBytesMax: 10_000)
        ]
        self.region = region
        routing = CurrentRouting(
            Routing(sources: sources, rules: try Self.ruleSet(text), defaultRegion: region))
        let context = IntakeContext(
            routing: routing, writer: writer, started: started, metrics: metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { Self.ticks.now() },
            later: LaterMessages(clock: { Self.ticks.now() }) { _ in })
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)]) { WebhookHandler(context) }
    }

    deinit {
        server.drain()
        writer.stop()
    }

    func replaceRules(with rules: RuleSet) { reload(sources, rules) }

    func reload(_ sources: [Source], _ rules: RuleSet) {
        routing.replace(with: Routing(sources: sources, rules: rules, defaultRegion: region))
    }

    static func ruleSet(_ text: String) throws -> RuleSet {
        let problems = ProblemList()
        let file = RuleFile(Array(text.utf8), name: "r.yaml", problems: problems)
        try problems.throwIfAny()
        return RuleSet(file.rules)
    }

    static let payload = push(branch: "main")

    static func push(branch: String) -> String {
        let older = String(repeating: "a", count: 40)
        let newer = String(repeating: "b", count: 40)
        return #"{"ref":"refs/heads/\#(branch)","before":"\#(older)","after":"\#(newer)"}"#
    }

    /// Sends a signed push and gives status and content.
    func push(
        _ payload: String = payload, delivery: String? = "d", type: String = "application/json",
        fields: String = "", secret: String = "s"
    ) throws -> (status: Int, content: String, head: String) {
        let signature = SignatureScheme.gitHub.sign(Array(payload.utf8), with: Secret(secret))
        let id = delivery.map { "X-GitHub-Delivery: \($0)\r\n" } ?? ""
        return try request(
            "POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: \(type)\r\n\(id)\(fields)"
                + "X-GitHub-Event: push\r\nX-Hub-Signature-256: \(signature)\r\n"
                + "Content-Length: \(payload.utf8.count)\r\nConnection: close\r\n\r\n\(payload)")
    }

    func request(_ text: String) throws -> (status: Int, content: String, head: String) {
        guard case .tcp(_, let port) = server.addresses[0] else { return (0, "", "") }
        let client = try LoopbackClient(port: port)
        client.send(text)
        let parts = client.receiveAll().split(
            separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let status = parts[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, parts.count > 1 ? String(parts[1]) : "", String(parts[0]))
    }

    func count(_ outcome: String) -> Int {
        metrics.deliveries.counter("github", outcome).value
    }
}

@Suite(.timeLimit(.minutes(1))) struct WebhookHandlerTests {
    @Test func `a new start is 202 and a redelivery 200 with the same receipt`() throws {
        let fixture = try Fixture()
        let first = try fixture.push()
        #expect(first.status == 202)
        let again = try fixture.push()
        #expect(again.status == 200)
        #expect(again.content == first.content.dropLast() + #","duplicate":true}"#)
        #expect(fixture.count("started") == 1)
        #expect(fixture.count("duplicate") == 1)
        let state = fixture.content.state.withLock { $0 }
        #expect(state.starts.map(\.start.region) == ["eu-west-1"])
        #expect(
            state.starts.map { String(decoding: $0.start.request, as: UTF8.self) }.first?
                .contains(#""Value":"\#(String(repeating: "b", count: 40))""#) == true)
        #expect(state.deliveries.first?.verifiedBy == "hmac-sha256:0")
        #expect(state.deliveries.first?.payload == Array(Fixture.payload.utf8))
        let headers = String(decoding: state.deliveries.first?.headers ?? [], as: UTF8.self)
        #expect(headers.contains(#""x-github-delivery":"d""#))
        #expect(!headers.contains("x-hub-signature"))
    }

    @Test func `earlier starts are listed though no rule matches any more`() throws {
        let fixture = try Fixture()
        let first = try fixture.push()
        fixture.replaceRules(with: RuleSet([]))
        let again = try fixture.push()
        #expect(again.status == 200)
        #expect(again.content == first.content.dropLast() + #","duplicate":true}"#)
        let stranger = try fixture.push(delivery: "other")
        #expect(stranger.status == 200)
        #expect(stranger.content.contains(#""starts":[],"errors":[]}"#))
    }

    @Test func `a rule that came later starts on redelivery, behind the earlier start`() throws {
        let fixture = try Fixture()
        _ = try fixture.push()
        let both =
            Fixture.rule
            + Fixture.rule.dropFirst("rules:\n".count)
            .replacing("retrain", with: "report")
        fixture.replaceRules(with: try Fixture.ruleSet(both))
        let again = try fixture.push()
        #expect(again.status == 202)
        let retrain = try #require(again.content.range(of: "retrain"))
        let report = try #require(again.content.range(of: "report"))
        #expect(retrain.lowerBound < report.lowerBound)
        #expect(!again.content.contains("duplicate"))
    }

    @Test func `a delivery that asks for more starts than there may be is refused as a whole`()
        throws
    {
        func rules(_ count: Int) -> String {
            (0..<count).map { "  - {name: r\($0), source: github, start: {PipelineName: churn}}\n" }
                .reduce("rules:\n", +)
        }
        let most = IntakeLimits.startsPerDeliveryMax
        let fixture = try Fixture(rules: rules(most + 1))
        let refused = try fixture.push()
        #expect(refused.status == 413)
        #expect(refused.content.contains("more than 1000 starts"))
        #expect(fixture.content.state.withLock { $0.starts.isEmpty && $0.deliveries.isEmpty })
        #expect(fixture.count("oversized") == 1)
        fixture.replaceRules(with: try Fixture.ruleSet(rules(most)))
        #expect(try fixture.push().status == 202)
        #expect(fixture.content.state.withLock { $0.starts.count } == most)
    }

    @Test func `rules that fail keep no other from starting, and only so many are listed`() throws {
        let bad = (0..<1200).map {
            "  - {name: bad\($0), source: github, start: {PipelineName: \"${body.missing}\"}}\n"
        }.joined()
        let fixture = try Fixture(rules: Fixture.rule + bad)
        let answer = try fixture.push()
        #expect(answer.status == 202)
        #expect(answer.content.contains(#""notes":["200 more errors are not listed"]"#))
        #expect(answer.content.ranges(of: #""message":"#).count == 1000)
        #expect(fixture.content.state.withLock { $0.starts.map(\.start.rule) } == ["retrain"])
        #expect(fixture.metrics.ruleErrors.counter("bad1199").value == 1)
    }

    @Test func `a rule that fails is told, and stops no other`() throws {
        let bad = """
              - name: broken
                source: github
                start: {PipelineName: churn, PipelineParameters: {X: "${body.missing}"}}

            """
        let fixture = try Fixture(rules: Fixture.rule + bad)
        let answer = try fixture.push()
        #expect(answer.status == 202)
        #expect(answer.content.contains(#""errors":[{"rule":"broken","event":0,"message":""#))
        let alone = try Fixture(rules: "rules:\n" + bad)
        let only = try alone.push()
        #expect(only.status == 200)
        #expect(only.content.contains(#""starts":[],"errors":[{"rule":"broken""#))
        #expect(alone.count("failed") == 1)
        #expect(fixture.metrics.ruleErrors.counter("broken").value == 1)
        #expect(alone.content.state.withLock { $0.deliveries.count } == 1)
    }

    @Test func `secrets that are loaded anew replace the earlier ones`() throws {
        let fixture = try Fixture()
        let sender = try #require(Sender.all["github"])
        fixture.reload(
            [
                Source(
                    name: "github", path: "/hooks/github", sender: sender,
                    verification: .signature([SigningSecret(Secret("new"))]),
                    contentBytesMax: 10_000)
            ], try Fixture.ruleSet(Fixture.rule))
        #expect(try fixture.push().status == 401)
        #expect(try fixture.push(secret: "new").status == 202)
    }

    @Test func `a start without a region is an error of its rule`() throws {
        let fixture = try Fixture(region: nil)
        let answer = try fixture.push()
        #expect(answer.status == 200)
        #expect(answer.content.contains("no AWS region"))
    }

    @Test func `what cannot be kept is not accepted`() throws {
        let fixture = try Fixture(queuedStartsMax: 1)
        #expect(try fixture.push().status == 202)
        let full = try fixture.push(delivery: "e")
        #expect(full.status == 503)
        #expect(full.head.contains("Retry-After: "))
        #expect(try fixture.push().status == 200)
        fixture.content.state.withLock { $0.fails = true }
        #expect(try fixture.push(delivery: "f").status == 503)
        #expect(fixture.count("unavailable") == 2)
        #expect(fixture.content.state.withLock { $0.starts.count } == 1)
    }

    @Test func `a delivery without an id is known by its content`() throws {
        let fixture = try Fixture()
        #expect(try fixture.push(delivery: nil).status == 202)
        #expect(try fixture.push(delivery: nil).status == 200)
        let id = hexEncoded(sha256(Fixture.payload))
        #expect(fixture.content.state.withLock { $0.deliveries.map(\.deliveryID) } == [id, id])
    }

    @Test func `every refusal of a signature is the same answer`() throws {
        let fixture = try Fixture()
        let wrong = try fixture.push(secret: "other")
        let repeated = try fixture.push(fields: "X-Hub-Signature-256: sha256=00\r\n")
        let missing = try fixture.request(
            "POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\nConnection: close\r\n\r\n{}")
        for answer in [wrong, repeated, missing] {
            #expect(answer.status == 401)
            #expect(answer.content == wrong.content)
            #expect(answer.head.contains("WWW-Authenticate: Signature realm=\"github\""))
        }
        #expect(fixture.count("unverified") == 3)
        #expect(fixture.content.state.withLock { $0.deliveries.isEmpty })
    }

    @Test func `content that is not plain JSON is refused`() throws {
        let fixture = try Fixture()
        #expect(try fixture.push("{").status == 400)
        #expect(try fixture.push("").status == 400)
        #expect(try fixture.push(type: "text/plain").status == 415)
        #expect(try fixture.push(fields: "Content-Type: text/plain\r\n").status == 415)
        #expect(
            try fixture.push(fields: "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n")
                .status == 415)
        #expect(try fixture.push(fields: "Content-Encoding: gzip\r\n").status == 415)
        #expect(try fixture.push(type: "application/json; charset=utf-8").status == 202)
        let large = #"{"x":"\#(String(repeating: "x", count: 10_000))"}"#
        #expect(try fixture.push(large).status == 413)
    }

    @Test func `a source without verification takes everything`() throws {
        let fixture = try Fixture(verification: Source.Verification.none)
        #expect(try fixture.push(secret: "other").status == 202)
        #expect(
            fixture.content.state.withLock { $0.deliveries.map(\.verifiedBy) } == ["none"])
    }

    @Test func `what starts nothing is kept for the history`() throws {
        let fixture = try Fixture()
        #expect(try fixture.push(Fixture.push(branch: "topic")).status == 200)
        var kept: [DeliveryRecord] = []
        while kept.isEmpty { kept = fixture.content.state.withLock { $0.history } }
        #expect(kept.map(\.deliveryID) == ["d"])
    }

    @Test func `other paths and methods are refused`() throws {
        let fixture = try Fixture()
        func status(_ line: String) throws -> Int {
            try fixture.request("\(line) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status
        }
        #expect(try status("GET /healthz") == 200)
        #expect(try status("POST /healthz") == 405)
        #expect(try status("GET /hooks/github") == 405)
        #expect(try status("GET /hooks/github/") == 404)
        #expect(try status("POST /hooks%2Fgithub") == 404)
        #expect(try status("POST /hooks/../hooks/github") == 404)
        #expect(try status("DELETE /hooks/git%68ub") == 405)
        #expect(try status("GET /") == 404)
    }
}

@Suite struct StartedDeliveriesTests {
    @Test func `says maybe until it is loaded, then knows what was inserted`() {
        let started = StartedDeliveries()
        let ids = (0..<1000).map { String(hexEncoded(sha256("\($0)")).prefix(32)) }
        #expect(started.mayContain(ids[0]))
        for id in ids[..<500] { started.insert(id) }
        started.finishLoading()
        #expect(ids[..<500].allSatisfy { started.mayContain($0) })
        // 500 ids set at most 2,500 of 8 million bits, so these 500 answers are surely no.
        #expect(ids[500...].filter { started.mayContain($0) }.isEmpty)
    }
}
