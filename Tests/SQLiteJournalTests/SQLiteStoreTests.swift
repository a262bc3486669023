import GRDB
import Journal
import JournalConformance
import SQLiteJournal
import Testing

@Suite struct SQLiteStoreTests {
    @Test func `keeps a delivery as it was received`() throws {
        let temporary = try TemporaryStore()
        let store = try temporary.open()
        let record = DeliveryRecord(
            id: identifier("d"), source: "github", deliveryID: "x/1",
            receivedAt: UnixTime(milliseconds: 12), verifiedBy: "hmac-sha256:1",
            headers: Array("{}".utf8), events: Array("[]".utf8), errors: [],
            payload: Array("content".utf8))
        var batch = JournalBatch()
        batch.history = [record]
        _ = try store.commit(batch, at: UnixTime(milliseconds: 99), queuedStartsMax: 0)
        try store.append(DeliveryAppend(delivery: delivery("d"), starts: []))
        #expect(
            try temporary.rows("SELECT * FROM deliveries") == [
                "1|\(record.id)|github|x/1|12|hmac-sha256:1|{}|[]||content"
            ])
    }

    @Test func `keeps a start with how it ended`() throws {
        let temporary = try TemporaryStore()
        let store = try temporary.open()
        let target = CallbackTarget(url: "https://x/", occasions: [.failed, .started])
        try store.append(
            arrival(
                "d", start("a", token: "1", callback: target), start("b", token: "2"),
                start("c", token: "3"), start("d", token: "4")))
        try store.settle(
            settled("1", .started(executionARN: "arn")),
            settled("2", .refused(code: "ValidationException", message: "no")),
            settled("3", .expired(code: "Throttling", message: "")),
            settled("4", .queued(nextAttemptAt: UnixTime(milliseconds: 50))))
        let columns = "state, next_attempt_at, attempts, execution_arn, error_code, error_message"
        #expect(
            try temporary.rows("SELECT \(columns), callback_url, callback_on FROM starts") == [
                "started|NULL|0|arn|NULL|NULL|https://x/|failed,started",
                "refused|NULL|1|NULL|ValidationException|no|NULL|NULL",
                "expired|NULL|1|NULL|Throttling||NULL|NULL",
                "queued|50|1|NULL|NULL|NULL|NULL|NULL",
            ])
    }

    @Test func `keeps every attempt`() throws {
        let temporary = try TemporaryStore()
        let store = try temporary.open()
        try store.append(arrival("d", start("r", token: "1")))
        let failed = Attempt(
            at: UnixTime(milliseconds: 6), outcome: .retried, code: "ThrottlingException",
            message: "slow down", requestID: "id", status: 400, requests: 3,
            totalRetryDelay: .milliseconds(1250))
        try store.settle(
            StartSettlement(
                start: identifier("1"), lane: usualLane,
                next: .queued(nextAttemptAt: UnixTime(milliseconds: 9)),
                attempt: failed, callbacks: []))
        try store.settle(settled("1", .started(executionARN: "arn"), callbacks: [callback("c")]))
        try store.settle(settled(callback: "c", .failed))
        #expect(
            try temporary.rows("SELECT * FROM attempts") == [
                "1|1|NULL|6|retried|ThrottlingException|slow down|id|400|3|1250",
                "2|1|NULL|2|succeeded|NULL|NULL|NULL|NULL|1|0",
                "3|NULL|1|2|failed|NULL|NULL|NULL|NULL|1|0",
            ])
        #expect(
            try temporary.rows("SELECT start, state, next_attempt_at, attempts FROM callbacks")
                == ["1|failed|NULL|1"])
    }

    @Test func `an attempt of a cancelled start is kept, and it stays cancelled`() throws {
        let temporary = try TemporaryStore()
        var store: SQLiteStore? = try temporary.open()
        try store?.append(arrival("d", start("r", token: "1")))
        store = nil
        try temporary.edit("UPDATE starts SET state = 'cancelled', next_attempt_at = NULL")
        let reopened = try temporary.open()
        #expect(reopened.queuedStarts == 0)
        try reopened.settle(
            settled(
                "1", .queued(nextAttemptAt: UnixTime(milliseconds: 0)), callbacks: [callback("c")]))
        #expect(reopened.queuedStarts == 0)
        #expect(try temporary.rows("SELECT state, attempts FROM starts") == ["cancelled|0"])
        #expect(try temporary.rows("SELECT start, outcome FROM attempts") == ["1|retried"])
        #expect(try temporary.rows("SELECT * FROM callbacks") == [])
    }

    @Test func `a job whose events are not JSON has no event`() throws {
        let temporary = try TemporaryStore()
        var store: SQLiteStore? = try temporary.open()
        let target = CallbackTarget(url: "https://x/", occasions: [])
        try store?.append(arrival("d", start("r", token: "1", callback: target)))
        store = nil
        try temporary.edit("UPDATE deliveries SET events = x'5b7b'")
        let jobs = try temporary.open().claimStarts(
            of: usualLane, dueBy: UnixTime(milliseconds: 9), limit: 9)
        #expect(jobs.map(\.event) == [[]])
        #expect(jobs.map(\.callback) == [target])
    }

    @Test func `takes a lane's queued jobs from an index, in their order`() throws {
        let temporary = try TemporaryStore()
        _ = try temporary.open()
        let lanes = ["starts": "region = 'x' AND role_arn IS NULL", "callbacks": "receiver = 'x'"]
        for (table, lane) in lanes {
            let plan = try temporary.rows(
                """
                EXPLAIN QUERY PLAN SELECT sequence, next_attempt_at FROM \(table)
                WHERE next_attempt_at <= 9 AND \(lane) ORDER BY next_attempt_at, sequence
                """)
            #expect(plan.count == 1)
            #expect(plan.first?.contains("USING COVERING INDEX \(table)_queued") == true)
        }
    }

    @Test func `a delivery goes with its starts, callbacks and attempts`() throws {
        let temporary = try TemporaryStore()
        var store: SQLiteStore? = try temporary.open()
        try store?.append(arrival("d", start("r", token: "1")))
        try store?.settle(settled("1", .started(executionARN: "arn"), callbacks: [callback("c")]))
        try store?.settle(settled(callback: "c", .delivered))
        store = nil
        try temporary.edit("DELETE FROM deliveries")
        for table in ["starts", "callbacks", "attempts"] {
            #expect(try temporary.rows("SELECT count(*) FROM \(table)") == ["0"])
        }
    }
}
