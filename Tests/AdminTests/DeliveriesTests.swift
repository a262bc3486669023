import Admin
import Foundation
import HTTP1
import HTTPServer
import JSON
import Journal
import Metrics
import OpenSSLCrypto
import Synchronization
import TestSupport
import Testing

/// A history in memory that notes what it is asked.
private final class FakeHistory: JournalHistory {
    static let summary = DeliverySummary(
        id: "github~d-1", source: "github", deliveryID: "d-1",
        receivedAt: UnixTime(milliseconds: 1_795_233_600_250), verifiedBy: "hmac-sha256:0",
        starts: [.init(id: "github~d-1~0~retrain", rule: "retrain", eventIndex: 0, state: .started)]
    )

    let asked: Asked
    init(_ asked: Asked) { self.asked = asked }

    func deliveries(_ query: DeliveryQuery) throws(JournalError) -> DeliveryPage {
        asked.queries.withLock { $0.append(query) }
        if query.source == "broken" { throw .readFailed("told to") }
        return DeliveryPage(deliveries: [Self.summary], next: 7)
    }

    func delivery(id: String) throws(JournalError) -> DeliveryHistory? {
        guard id == "github~d-1" else { return nil }
        return DeliveryHistory(
            summary: Self.summary, events: Array(#"[{"kind":"push"}]"#.utf8), errors: [],
            starts: [
                StartHistory(
                    id: "github~d-1~0~retrain", rule: "retrain", eventIndex: 0, token: "t",
                    state: .started, region: "eu-west-1", request: Array(#"{"a":1}"#.utf8),
                    executionARN: "arn",
                    attempts: [
                        Attempt(
                            at: UnixTime(milliseconds: 0), outcome: .retried,
                            code: "ThrottlingException", message: "Rate exceeded",
                            requestID: "r-1", status: 400, requests: 3,
                            totalRetryDelay: .milliseconds(1250)),
                        Attempt(at: UnixTime(milliseconds: 5000), outcome: .succeeded),
                    ],
                    callbacks: [
                        CallbackHistory(
                            id: "msg_1", url: "https://x/", occasion: .started, state: .queued,
                            attempts: [])
                    ])
            ])
    }
}

private final class Asked: Sendable {
    let queries = Mutex<[DeliveryQuery]>([])
}

private final class Fixture {
    let asked = Asked()
    let reader: JournalReader?
    let server: RunningServer

    init(tokens: [String] = [], hasHistory: Bool = true, opens: Bool = true) throws {
        let asked = asked
        let reader =
            hasHistory
            ? try JournalReader { () throws(JournalError) in
                guard opens else { throw .unavailable("told to") }
                return FakeHistory(asked)
            } : nil
        self.reader = reader
        let context = AdminContext(
            tokens: { tokens.map { Secret($0) } }, metrics: { PrometheusText() }, readiness: { [] },
            history: reader)
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)]) { AdminHandler(context) }
    }

    deinit {
        reader?.stop()
        server.drain()
    }

    func get(_ path: String, method: String = "GET", fields: String = "") throws -> String {
        guard case .tcp(_, let port) = server.addresses[0] else { return "" }
        let client = try LoopbackClient(port: port)
        client.send("\(method) \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(fields)\r\n")
        return client.receiveAll()
    }
}

@Suite struct DeliveriesTests {
    private func content(_ answer: String) -> String {
        answer.range(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
    }

    @Test func `deliveries are listed with the states of their starts`() throws {
        let fixture = try Fixture()
        let answer = try fixture.get("/v1/deliveries")
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(
            content(answer)
                == #"{"deliveries":[{"id":"github~d-1","source":"github","deliveryId":"d-1","#
                + #""receivedAt":"2026-11-21T04:00:00.250Z","verifiedBy":"hmac-sha256:0","#
                + #""starts":[{"id":"github~d-1~0~retrain","rule":"retrain","event":0,"#
                + #""state":"started"}]}],"next":"7"}"#)
        #expect(fixture.asked.queries.withLock { $0 } == [DeliveryQuery()])
    }

    @Test func `a delivery is shown with each attempt's request id, status, requests and delay`()
        throws
    {
        let answer = try Fixture().get("/v1/deliveries/github~d-1")
        #expect(
            content(answer)
                == #"{"id":"github~d-1","source":"github","deliveryId":"d-1","#
                + #""receivedAt":"2026-11-21T04:00:00.250Z","verifiedBy":"hmac-sha256:0","#
                + #""events":[{"kind":"push"}],"errors":[],"starts":[{"id":"github~d-1~0~retrain","#
                + #""rule":"retrain","event":0,"token":"t","state":"started","region":"eu-west-1","#
                + #""request":{"a":1},"executionArn":"arn","execution":null,"attempts":["#
                + #"{"at":"1970-01-01T00:00:00.000Z","outcome":"retried","#
                + #""code":"ThrottlingException","message":"Rate exceeded","requestId":"r-1","#
                + #""status":400,"requests":3,"totalRetryDelay":1250},"#
                + #"{"at":"1970-01-01T00:00:05.000Z","outcome":"succeeded","code":null,"#
                + #""message":null,"requestId":null,"status":null,"requests":1,"#
                + #""totalRetryDelay":0}],"callbacks":[{"id":"msg_1","url":"https://x/","#
                + #""on":"started","state":"queued","attempts":[]}]}]}"#)
    }

    @Test func `the query filters and pages`() throws {
        let fixture = try Fixture()
        _ = try fixture.get(
            "/v1/deliveries?source=git%68ub&rule=a+b&state=refused&limit=200&cursor=42")
        var query = DeliveryQuery()
        query.source = "github"
        query.rule = "a b"
        query.state = .refused
        query.limit = 200
        query.before = 42
        #expect(fixture.asked.queries.withLock { $0 } == [query])
    }

    @Test(arguments: [
        ("limit=0", "limit: expected 1 to 200"), ("limit=201", "limit: expected 1 to 200"),
        ("limit=x", "limit: expected"), ("state=done", "state: expected one of queued, started"),
        ("cursor=0", "cursor: expected"), ("cursor=-1", "cursor"), ("cursor=x", "cursor"),
        ("cursor=99999999999999999999", "cursor"), ("page=2", "the query's parameters are"),
        ("limit=1&limit=2", "limit is given twice"),
    ])
    func `a query that is not understood is refused and says why`(query: String, why: String)
        throws
    {
        let fixture = try Fixture()
        let answer = try fixture.get("/v1/deliveries?\(query)")
        #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains(why), "\(answer)")
        #expect(fixture.asked.queries.withLock { $0 } == [])
    }

    @Test(arguments: [
        "/v1/deliveries/", "/v1/deliveries/none", "/v1/deliveries/github~d-1/x",
        "/v1/deliveries/github~d-1%2Fx", "/v1/deliveriess", "/v1/deliveries/..%2F",
    ])
    func `what is not there is 404`(path: String) throws {
        #expect(try Fixture().get(path).hasPrefix("HTTP/1.1 404 "))
    }

    @Test func `an id may be percent-encoded, and is at most 256 bytes long`() throws {
        let fixture = try Fixture()
        #expect(try fixture.get("/v1/deliveries/github%7Ed-1").hasPrefix("HTTP/1.1 200 "))
        for count in [256, 257] {
            let id = String(repeating: "x", count: count)
            #expect(try fixture.get("/v1/deliveries/\(id)").hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test func `another method is refused, and a token is needed where there is one`() throws {
        let fixture = try Fixture(tokens: ["secret"])
        for path in ["/v1/deliveries", "/v1/deliveries/github~d-1"] {
            let post = try fixture.get(path, method: "POST")
            #expect(post.hasPrefix("HTTP/1.1 405 ") && post.contains("\r\nAllow: GET\r\n"))
            let nobody = try fixture.get(path)
            #expect(nobody.hasPrefix("HTTP/1.1 401 "))
            #expect(nobody.contains("\r\nWWW-Authenticate: Bearer\r\n"))
            let known = try fixture.get(path, fields: "Authorization: Bearer secret\r\n")
            #expect(known.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `a store that cannot be read is told, and asked again`() throws {
        let broken = try Fixture().get("/v1/deliveries?source=broken")
        #expect(broken.hasPrefix("HTTP/1.1 503 ") && broken.contains("told to"))
        let closed = try Fixture(opens: false)
        for _ in 1...2 {
            #expect(try closed.get("/v1/deliveries").hasPrefix("HTTP/1.1 503 "))
        }
        #expect(
            try Fixture(hasHistory: false).get("/v1/deliveries").hasPrefix("HTTP/1.1 404 "))
    }
}
