import Journal
import JournalConformance
import SQLiteJournal
import Testing

@Suite struct HistoryTests {
    private let temporary: TemporaryStore
    private let store: SQLiteStore
    private let history: SQLiteHistory

    init() throws {
        temporary = try TemporaryStore()
        store = try temporary.open()
        history = try SQLiteHistory(path: temporary.path)
    }

    private func query(_ change: (inout DeliveryQuery) -> Void) -> DeliveryQuery {
        var query = DeliveryQuery()
        change(&query)
        return query
    }

    @Test func `a start is shown with all its attempts and its callbacks with theirs`() throws {
        let target = CallbackTarget(url: "https://x/", occasions: [.started])
        try store.append(arrival("d", start("a", token: "1", callback: target)))
        let attempts = [
            Attempt(
                at: UnixTime(milliseconds: 10), outcome: .retried, code: "ThrottlingException",
                message: "Rate exceeded", requestID: "r-1", status: 400, requests: 3,
                totalRetryDelay: .milliseconds(1250)),
            Attempt(
                at: UnixTime(milliseconds: 20), outcome: .succeeded, requestID: "r-2", status: 200),
        ]
        let id = start("a", token: "1").id
        try store.settle(
            StartSettlement(
                start: id, lane: usualLane,
                next: .queued(nextAttemptAt: UnixTime(milliseconds: 15)),
                attempt: attempts[0], callbacks: []),
            StartSettlement(
                start: id, lane: usualLane, next: .started(executionARN: "arn"),
                attempt: attempts[1],
                callbacks: [callback("c")]))
        let posted = Attempt(at: UnixTime(milliseconds: 30), outcome: .succeeded, code: "HTTP 204")
        try store.settle(
            CallbackSettlement(
                callback: callback("c").id, lane: usualReceiver, next: .delivered, attempt: posted))
        let found = try #require(try history.delivery(id: identifier("d")))
        #expect(found.summary.id == identifier("d"))
        #expect(found.summary.starts.map(\.state) == [.started])
        let shown = try #require(found.starts.first)
        #expect(shown.id == id && shown.rule == "a" && shown.state == .started)
        #expect(shown.executionARN == "arn")
        #expect(shown.attempts == attempts)
        #expect(shown.callbacks.map(\.id) == [callback("c").id])
        #expect(shown.callbacks.map(\.state) == [.delivered])
        #expect(shown.callbacks.first?.attempts == [posted])
        #expect(try history.delivery(id: "none") == nil)
    }

    @Test func `what is committed is seen at once, and reading holds up no commit`() throws {
        for number in 1...3 {
            try store.append(arrival("d\(number)", start("a", token: "\(number)")))
            #expect(try history.deliveries(DeliveryQuery()).deliveries.count == number)
        }
    }

    @Test func `pages go from the newest to the oldest, each once`() throws {
        for number in 1...7 {
            try store.append(arrival("d\(number)", start("a", token: "\(number)")))
        }
        var found: [String] = []
        var before: Int64?
        var pages = 0
        repeat {
            let page = try history.deliveries(
                query {
                    $0.limit = 3
                    $0.before = before
                })
            found += page.deliveries.map(\.id)
            before = page.next
            pages += 1
        } while before != nil
        #expect(found == (1...7).reversed().map { identifier("d\($0)") })
        #expect(pages == 3)
        // A newer delivery does not move what a cursor stands for.
        let first = try history.deliveries(query { $0.limit = 6 })
        try store.append(arrival("d8", start("a", token: "8")))
        let rest = try history.deliveries(query { $0.before = first.next })
        #expect(rest.deliveries.map(\.id) == [identifier("d1")])
        #expect(rest.next == nil)
    }

    @Test func `filters are by source, rule and state`() throws {
        try store.append(arrival("d1", start("a", token: "1"), start("b", token: "2")))
        try store.append(DeliveryAppend(delivery: delivery("d2", source: "gitlab"), starts: []))
        try store.settle(settled("2", .refused(code: "ValidationException", message: "no")))
        func ids(_ change: (inout DeliveryQuery) -> Void) throws -> [String] {
            try history.deliveries(query(change)).deliveries.map(\.id)
        }
        #expect(try ids { $0.source = "gitlab" } == [identifier("d2")])
        #expect(try ids { $0.source = "none" } == [])
        #expect(try ids { $0.rule = "b" } == [identifier("d1")])
        #expect(try ids { $0.state = .refused } == [identifier("d1")])
        #expect(
            try ids {
                $0.rule = "a"
                $0.state = .refused
            } == [])
        #expect(
            try ids {
                $0.rule = "b"
                $0.state = .refused
                $0.source = "github"
            } == [identifier("d1")])
    }

    @Test func `an empty store has an empty page, and a missing one is an error`() throws {
        #expect(
            try history.deliveries(DeliveryQuery()) == DeliveryPage(deliveries: [], next: nil))
        #expect(throws: JournalError.self) {
            try SQLiteHistory(path: temporary.directory + "/none.db")
        }
    }
}
