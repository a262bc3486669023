internal import GRDB
internal import GRDBSQLite
package import Journal

/// The journal in one SQLite file, for one process.
///
/// Not Sendable: opened, used and closed by one thread.
package final class SQLiteStore: JournalStore {
    private let statements: Statements
    let queue: DatabaseQueue
    private let checkpointer: Checkpointer
    private let lock: StoreLock
    private let path: String
    private let identity: FileIdentity?
    /// How long a commit waits for another process's lock.
    private var lockWait = lockTimeout

    package private(set) var queuedStarts: Int
    // A claim is the row's sequence. Claims are lost with the process, and so are the attempts
    // they stand for.
    private var claimedStarts: Set<Int64> = []
    private var claimedCallbacks: Set<Int64> = []

    /// Opens a database, or makes it, with its latest schema.
    /// - Parameter path: A file; `PATH.lock`, `PATH-wal` and `PATH-shm` are beside it.
    /// - Throws: ``JournalError/unavailable(_:)`` when the file is not a journal, cannot be
    ///   written, or is used by another process; ``JournalError/schemaTooNew(found:known:)``.
    package init(path: String) throws(JournalError) {
        let path = try resolved(path)
        self.path = path
        lock = try StoreLock(path: path)
        do {
            queue = try openQueue(path)
            checkpointer = try Checkpointer(path: path)
            queue.inDatabase { [checkpointer] in checkpointer.watch($0) }
            (statements, queuedStarts) = try queue.inDatabase { db in
                let count = try Int.fetchOne(db, sql: Statements.countQueuedStarts) ?? 0
                return (try Statements(db), count)
            }
            identity = FileIdentity(path: path)
        } catch let error as JournalError {
            throw error
        } catch {
            throw .unavailable("\(path): \(reason(error))")
        }
    }

    package func commit(
        _ batch: JournalBatch, at now: UnixTime, queuedStartsMax: Int
    ) throws(JournalError) -> [AppendOutcome] {
        if batch.isEmpty { return [] }
        var writer = BatchWriter(
            statements: statements, now: now, queuedStarts: queuedStarts,
            queuedStartsMax: queuedStartsMax)
        try write { _ in try writer.write(batch) }
        // What the transaction did is true only from here on.
        queuedStarts = writer.queuedStarts
        claimedStarts.subtract(writer.settledStarts)
        claimedCallbacks.subtract(writer.settledCallbacks)
        return writer.outcomes
    }

    package func tryWriting() throws(JournalError) { try write(writeApplicationID) }

    private func write(_ body: (Database) throws -> Void) throws(JournalError) {
        guard FileIdentity(path: path) == identity else {
            throw .commitFailed("\(path) was removed or replaced; restart to make it anew")
        }
        do {
            try queue.inTransaction(.immediate) { db in
                try body(db)
                return .commit
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Who comes while it is locked need not wait too, only to hear the same.
            waitForLocks(.zero)
            throw .locked
        } catch {
            throw .commitFailed(reason(error))
        }
        waitForLocks(lockTimeout)
    }

    private func waitForLocks(_ time: Duration) {
        guard time != lockWait else { return }
        lockWait = time
        queue.inDatabase { db in
            _ = sqlite3_busy_timeout(
                db.sqliteConnection, Int32(time / .milliseconds(1)))
        }
    }

    package func recorded(_ append: DeliveryAppend) throws(JournalError) -> [RecordedStart]? {
        let known = try read { try statements.known(of: append) }
        return known.new.isEmpty ? known.starts : nil
    }

    package func startLanes() throws(JournalError) -> [StartLaneID: UnixTime] {
        try read { try statements.startJobs.firstDue() }
    }

    package func callbackLanes() throws(JournalError) -> [CallbackLaneID: UnixTime] {
        try read { try statements.callbackJobs.firstDue() }
    }

    package func claimStarts(
        of lane: StartLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [StartJob] {
        try claim(statements.startJobs, of: lane, dueBy: now, limit, into: &claimedStarts)
    }

    package func claimCallbacks(
        of lane: CallbackLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [CallbackJob] {
        try claim(statements.callbackJobs, of: lane, dueBy: now, limit, into: &claimedCallbacks)
    }

    package func nextStartDue(of lane: StartLaneID) throws(JournalError) -> UnixTime? {
        try read { try statements.startJobs.nextDue(of: lane, except: claimedStarts) }
    }

    package func nextCallbackDue(of lane: CallbackLaneID) throws(JournalError) -> UnixTime? {
        try read { try statements.callbackJobs.nextDue(of: lane, except: claimedCallbacks) }
    }

    private func claim<Lane, Job>(
        _ jobs: JobStatements<Lane, Job>, of lane: Lane, dueBy now: UnixTime, _ limit: Int,
        into claimed: inout Set<Int64>
    ) throws(JournalError) -> [Job] {
        let (due, found) = try read {
            let due = try jobs.due(of: lane, by: now, limit: limit, except: claimed)
            return (due, try due.compactMap { try jobs.load($0) })
        }
        claimed.formUnion(due)
        return found
    }

    private func read<Value>(_ body: () throws -> Value) throws(JournalError) -> Value {
        do {
            var value: Value?
            // One look at the file for all that is read, and not one for each statement.
            try queue.inTransaction(.deferred) { _ in
                value = try body()
                return .commit
            }
            guard let value else { preconditionFailure("a transaction ran without its body") }
            return value
        } catch {
            throw .readFailed(reason(error))
        }
    }
}
