import GRDB
import Journal
import JournalConformance
import SQLiteJournal
import Testing

/// Triggers that another connection puts on the tables stand in for a disk that fails: the first
/// two as an error that leaves the transaction to be rolled back, the third as one, like a full
/// disk, that has rolled it back already, and the last as one that comes with COMMIT itself.
private let failures = [
    "CREATE TRIGGER fault BEFORE INSERT ON starts WHEN NEW.rule = 'fault' "
        + "BEGIN SELECT RAISE(ABORT, 'fault'); END",
    "CREATE TRIGGER fault AFTER INSERT ON starts WHEN NEW.rule = 'fault' "
        + "BEGIN SELECT RAISE(FAIL, 'fault'); END",
    "CREATE TRIGGER fault AFTER INSERT ON starts WHEN NEW.rule = 'fault' "
        + "BEGIN SELECT RAISE(ROLLBACK, 'fault'); END",
    "CREATE TABLE broken (start REFERENCES starts DEFERRABLE INITIALLY DEFERRED); "
        + "CREATE TRIGGER fault AFTER INSERT ON starts WHEN NEW.rule = 'fault' "
        + "BEGIN INSERT INTO broken VALUES (-1); END",
]

@Suite struct FailureTests {
    @Test(arguments: failures)
    func `a commit that fails leaves everything as it was`(trigger: String) throws {
        let temporary = try TemporaryStore()
        let store = try temporary.open()
        try store.append(arrival("d", start("r", token: "1"), start("s", token: "2")))
        #expect(
            try store.claimStarts(of: usualLane, dueBy: UnixTime(milliseconds: 9), limit: 9).count
                == 2)
        try temporary.edit(trigger)
        let before = try contents(temporary)

        var batch = JournalBatch()
        batch.startSettlements = [
            settled("1", .started(executionARN: "arn"), callbacks: [callback("c")])
        ]
        batch.appends = [
            arrival("e", start("r", token: "3")), arrival("f", start("fault", token: "4")),
        ]
        batch.history = [delivery("g")]
        let now = UnixTime(milliseconds: 9)
        let isForeignKey = trigger.contains("DEFERRED")
        #expect(
            throws: JournalError.commitFailed(
                isForeignKey ? "FOREIGN KEY constraint failed" : "fault")
        ) { try store.commit(batch, at: now, queuedStartsMax: 0) }

        #expect(try contents(temporary) == before)
        #expect(store.queuedStarts == 2)
        // What the failed batch settled is still claimed.
        #expect(try store.claimStarts(of: usualLane, dueBy: now, limit: 9) == [])
        #expect(try store.nextCallbackDue(of: usualReceiver) == nil)

        batch.appends.removeLast()
        #expect(
            try store.commit(batch, at: now, queuedStartsMax: 0) == [
                .committed([start("r", token: "3").recorded(isNew: true)])
            ])
        #expect(store.queuedStarts == 2)
        #expect(
            try store.claimCallbacks(of: usualReceiver, dueBy: now, limit: 9).map(\.id) == ["c"])
    }

    @Test func `a store that is locked says so, and tells still what it has`() throws {
        let temporary = try TemporaryStore()
        let store = try temporary.open()
        let known = arrival("d", start("r", token: "1"))
        try store.append(known)
        try DatabaseQueue(path: temporary.path).inTransaction(.immediate) { _ in
            #expect(throws: JournalError.locked) {
                try store.append(arrival("e", start("r", token: "2")))
            }
            #expect(throws: JournalError.locked) { try store.tryWriting() }
            let told = try store.recorded(known)
            #expect(told == [start("r", token: "1").recorded(isNew: false)])
            return .rollback
        }
        try store.tryWriting()
        try store.append(arrival("e", start("r", token: "2")))
        #expect(store.queuedStarts == 2)
    }

    @Test func `an id that is empty fails the commit`() throws {
        let temporary = try TemporaryStore()
        let store = try temporary.open()
        let empty = DeliveryRecord(
            id: "", source: "", deliveryID: "", receivedAt: UnixTime(milliseconds: 0),
            verifiedBy: "", headers: [], events: [], errors: [], payload: [])
        #expect(
            throws: JournalError.commitFailed(
                "CHECK constraint failed: length(id) BETWEEN 1 AND 256")
        ) {
            try store.append(DeliveryAppend(delivery: empty, starts: []))
        }
        #expect(try temporary.rows("SELECT * FROM deliveries") == [])
    }

    @Test func `a read that fails says why and claims nothing`() throws {
        let temporary = try TemporaryStore()
        let store = try temporary.open()
        try store.append(arrival("d", start("r", token: "1")))
        try temporary.edit("ALTER TABLE deliveries RENAME TO gone")
        let now = UnixTime(milliseconds: 9)
        let failure = JournalError.readFailed("no such table: deliveries")
        #expect(throws: failure) { try store.claimStarts(of: usualLane, dueBy: now, limit: 9) }
        try temporary.edit("ALTER TABLE gone RENAME TO deliveries")
        #expect(try store.claimStarts(of: usualLane, dueBy: now, limit: 9).map(\.token) == ["1"])
        try temporary.edit("ALTER TABLE starts RENAME TO gone")
        #expect(throws: JournalError.readFailed("no such table: starts")) {
            try store.nextStartDue(of: usualLane)
        }
    }

    /// The files as a crash would leave them, the log cut anywhere: every batch is there wholly or
    /// not at all, and none before one that is missing.
    @Test func `a crash leaves whole batches, the first ones`() throws {
        let temporary = try TemporaryStore()
        let crashed = try TemporaryStore()
        let store = try temporary.open()
        // What the schema's making has logged is copied, so that the log holds batches alone.
        try temporary.edit("PRAGMA wal_checkpoint(TRUNCATE)")
        for batch in 0..<6 {
            try store.append(
                arrival(
                    "d\(batch)", start("r", token: "a\(batch)"), start("s", token: "b\(batch)")),
                arrival("e\(batch)", start("r", token: "c\(batch)")))
        }
        let database = try temporary.read(temporary.path)
        let log = try temporary.read(temporary.path + "-wal")
        var found: Set<Int> = []
        for cut in stride(from: 0, through: log.count, by: 1009).map({ $0 }) + [log.count] {
            try crashed.write(database, to: crashed.path)
            try crashed.write(Array(log[..<cut]), to: crashed.path + "-wal")
            let survivor = try crashed.open()
            #expect(survivor.queuedStarts.isMultiple(of: 3))
            let batches = survivor.queuedStarts / 3
            found.insert(batches)
            let jobs = try survivor.claimStarts(
                of: usualLane, dueBy: UnixTime(milliseconds: 9), limit: 99)
            let tokens = (0..<batches).flatMap { ["a\($0)", "b\($0)", "c\($0)"] }
            #expect(jobs.map(\.token) == tokens)
        }
        #expect(found == Set(0...6))
    }
}

private func contents(_ temporary: TemporaryStore) throws -> [String] {
    try ["deliveries", "starts", "callbacks", "attempts"].flatMap {
        try temporary.rows("SELECT * FROM \($0)")
    }
}
