internal import EventPoll
internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// Copies the write-ahead log into the database beside the commits, on a thread and a connection of
/// its own.
///
/// SQLite would do it within the commit that finds the log long, and that commit's deliveries would
/// wait for the database's own sync, on a busy disk for a tenth of a second. A passive checkpoint
/// (sqlite.org/pragma.html#pragma_wal_checkpoint) keeps no writer waiting.
final class Checkpointer {
    /// How much the log grows, in pages of 4 KiB, between two copies. Each copies every changed page
    /// once, so that fewer copies write less; but a long one keeps commits from a processor that it shares
    /// with them.
    static let pagesToCopy: Int32 = 250
    /// The length from which a commit copies what is left before it goes on, so that the log stays
    /// bounded though commits never pause.
    static let pagesMax: Int32 = 16_384

    private let shared: Shared
    private let thread: OwnedThread

    private final class Shared: Sendable {
        let wakeup: Wakeup
        let isStopping = Atomic<Bool>(false)
        /// The log's length when a copy was last asked for.
        let askedAt = Atomic<Int32>(0)

        init() throws(SystemCallError) { wakeup = try Wakeup() }

        /// Called by the writing thread after each commit.
        func note(_ pages: Int32) {
            let asked = askedAt.load(ordering: .relaxed)
            // A shorter log than before has begun anew.
            if pages < asked { askedAt.store(0, ordering: .relaxed) }
            guard pages - (pages < asked ? 0 : asked) >= Checkpointer.pagesToCopy else { return }
            askedAt.store(pages, ordering: .relaxed)
            wakeup.signal()
        }
    }

    /// - Throws: ``SystemCallError`` when the process is out of threads or descriptors.
    init(path: String) throws(SystemCallError) {
        let shared = try Shared()
        self.shared = shared
        thread = try OwnedThread(name: "checkpoint") {
            // Without it commits copy the log themselves once it is long: slower, and as safe.
            guard let queue = try? DatabaseQueue(path: path) else { return }
            while !shared.isStopping.load(ordering: .acquiring) {
                guard shared.wakeup.wait(milliseconds: -1) else { continue }
                try? queue.inDatabase { db in
                    try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
                }
            }
        }
    }

    deinit {
        shared.isStopping.store(true, ordering: .releasing)
        shared.wakeup.signal()
        thread.join()
    }

    /// Has every commit of a connection tell the log's length. The checkpointer must outlast it.
    func watch(_ db: Database) {
        let context = Unmanaged.passUnretained(shared).toOpaque()
        sqlite3_wal_hook(
            db.sqliteConnection,
            { context, connection, name, pages in
                guard let context else { return SQLITE_OK }
                let shared = Unmanaged<Shared>.fromOpaque(context).takeUnretainedValue()
                if pages >= Checkpointer.pagesMax {
                    sqlite3_wal_checkpoint_v2(
                        connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
                } else {
                    shared.note(pages)
                }
                return SQLITE_OK
            }, context)
    }
}
