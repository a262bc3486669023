internal import CSQLite
internal import GRDB
internal import GRDBSQLite
internal import Glibc
internal import Journal

/// What `PRAGMA application_id` says of our files: "Hook" in ASCII.
private let applicationID: Int32 = 0x486F_6F6B

/// How long a commit waits for a lock. Only a tool that an operator runs on the file can be in the way;
/// senders wait for five seconds and longer, and are to hear that nothing was accepted.
let lockTimeout = Duration.seconds(2)

/// The path that names the file whatever directory or link it was reached by, so that two
/// processes find the same lock.
func resolved(_ path: String) throws(JournalError) -> String {
    guard !path.isEmpty, !path.utf8.contains(0) else {
        throw .unavailable("a file's path is expected, and this one is empty or has a NUL")
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
        throw .unavailable("\(path) is not a regular file")
    }
    if let real = realpath(path, nil) {
        defer { free(real) }
        return String(cString: real)
    }
    // A file that is not there yet. SQLite takes `:memory:` and `file:` for something else unless
    // they stand in a directory.
    return path.utf8.first == UInt8(ascii: "/") ? path : "./" + path
}

/// Opens or makes a database with the latest schema, ready for ``SQLiteStore``'s statements.
func openQueue(_ path: String) throws -> DatabaseQueue {
    _ = processIsConfigured
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(lockTimeout / .seconds(1))
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.inDatabase { db in
        try checkOwner(db)
        try checkVersion(db)
        try configure(db)
        try claimFile(db)
    }
    try Schema.migrator.migrate(queue)
    return queue
}

/// Whether SQLite took the settings of the whole process, which come before its first use. It works
/// as well without them, and somewhat slower.
private let processIsConfigured = hl_sqlite_forgo_statistics() == SQLITE_OK

private func checkOwner(_ db: Database) throws {
    let id = try Int32.fetchOne(db, sql: "PRAGMA application_id")
    let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
    guard id == applicationID || isEmpty else {
        throw DatabaseError(message: "it is another program's database")
    }
}

private func checkVersion(_ db: Database) throws {
    let found = try Schema.foundVersion(db)
    guard found <= Schema.version else {
        throw JournalError.schemaTooNew(found: found, known: Schema.version)
    }
}

private func configure(_ db: Database) throws {
    // Takes effect only before the first table: retention gives pages back bit by bit.
    try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
    guard try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") == "wal" else {
        throw DatabaseError(message: "its file system has no shared memory for SQLite's WAL")
    }
    // FULL syncs the log at every commit; NORMAL would only do so at checkpoints.
    // The log is copied into the database by the checkpointer. One that has grown all the same is
    // cut afterwards.
    try db.execute(
        sql: """
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -4096;
            """)
}

/// Writes to the file, so that a read-only or full one is found now and not at the first delivery.
private func claimFile(_ db: Database) throws {
    try db.inTransaction(.immediate) {
        try writeApplicationID(db)
        return .commit
    }
}

func writeApplicationID(_ db: Database) throws {
    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
}

/// SQLite's reason, in one line.
func reason(_ error: any Error) -> String {
    guard let error = error as? DatabaseError else { return "\(error)" }
    return error.message ?? "\(error.resultCode)"
}
