internal import GRDB
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
        guard FileIdentity(path: path) == identity else {
            throw .commitFailed("\(path) was removed or replaced; restart to make it anew")
        }
        var writer = BatchWriter(
            statements: statements, now: now, queuedStarts: queuedStarts,
            queuedStartsMax: queuedStartsMax)
        do {
            try queue.inTransaction(.immediate) { _ in
                try writer.write(batch)
                return .commit
            }
        } catch {
            throw .commitFailed(reason(error))
        }
        // What the transaction did is true only from here on.
        queuedStarts = writer.queuedStarts
        claimedStarts.subtract(writer.settledStarts)
        claimedCallbacks.subtract(writer.settledCallbacks)
        return writer.outcomes
    }

    package func claimStarts(dueBy now: UnixTime, limit: Int) throws(JournalError) -> [StartJob] {
        try claim(dueBy: now, limit: limit, from: statements.startJobs, into: &claimedStarts)
    }

    package func claimCallbacks(
        dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [CallbackJob] {
        try claim(dueBy: now, limit: limit, from: statements.callbackJobs, into: &claimedCallbacks)
    }

    package func nextStartDue() throws(JournalError) -> UnixTime? {
        try nextDue(statements.startJobs, claimed: claimedStarts)
    }

    package func nextCallbackDue() throws(JournalError) -> UnixTime? {
        try nextDue(statements.callbackJobs, claimed: claimedCallbacks)
    }

    private func claim<Job>(
        dueBy now: UnixTime, limit: Int, from jobs: JobStatements<Job>,
        into claimed: inout Set<Int64>
    ) throws(JournalError) -> [Job] {
        do {
            var (due, found): ([Int64], [Job]) = ([], [])
            // One look at the file for all of them, and not one for each.
            try queue.inTransaction(.deferred) { _ in
                due = try jobs.due(by: now, limit: limit, except: claimed)
                found = try due.compactMap { try jobs.load($0) }
                return .commit
            }
            claimed.formUnion(due)
            return found
        } catch {
            throw .readFailed(reason(error))
        }
    }

    private func nextDue<Job>(
        _ jobs: JobStatements<Job>, claimed: Set<Int64>
    ) throws(JournalError) -> UnixTime? {
        do {
            return try queue.inDatabase { _ in try jobs.nextDue(except: claimed) }
        } catch {
            throw .readFailed(reason(error))
        }
    }
}
