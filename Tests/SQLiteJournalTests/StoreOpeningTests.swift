import GRDB
import Glibc
import Journal
import JournalConformance
import SQLiteJournal
import Testing

@Suite struct StoreOpeningTests {
    @Test func `makes the database with its settings`() throws {
        let temporary = try TemporaryStore()
        let store = try temporary.open()
        #expect(try temporary.rows("PRAGMA journal_mode") == ["wal"])
        #expect(try temporary.rows("PRAGMA auto_vacuum") == ["2"])
        #expect(try temporary.rows("SELECT identifier FROM grdb_migrations") == ["1", "2"])
        #expect(store.queuedStarts == 0)
    }

    @Test func `leaves no log behind when it is closed`() throws {
        let temporary = try TemporaryStore()
        _ = try temporary.open().append(arrival("d", start("r", token: "1")))
        #expect(try temporary.files() == ["journal.db", "journal.db.lock"])
    }

    @Test(arguments: [
        ("", "empty"), ("a\u{0}b", "NUL"), ("/", "not a regular file"),
        ("/dev/null", "not a regular file"), ("/proc/hookline.db", "No such file or directory"),
        ("/nowhere/at/all.db", "No such file or directory"),
    ])
    func `says why a path cannot be used`(path: String, reason: String) throws {
        guard case .unavailable(let text) = openingError(path) else {
            Issue.record("\(path) was opened")
            return
        }
        #expect(text.contains(reason))
        #expect(!text.contains("\n"))
    }

    @Test func `refuses a file that is not a database`() throws {
        let temporary = try TemporaryStore()
        let letter = Array(String(repeating: "Dear journal, ", count: 100).utf8)
        try temporary.write(letter, to: temporary.path)
        #expect(
            temporary.openingError()
                == .unavailable("\(temporary.path): file is not a database"))
        #expect(try temporary.read(temporary.path) == letter)
    }

    @Test func `refuses another program's database and leaves it as it is`() throws {
        let temporary = try TemporaryStore()
        try temporary.edit("CREATE TABLE notes (text)")
        let before = try temporary.read(temporary.path)
        #expect(
            temporary.openingError()
                == .unavailable("\(temporary.path): it is another program's database"))
        #expect(try temporary.read(temporary.path) == before)
    }

    @Test func `takes an empty file for a new database`() throws {
        let temporary = try TemporaryStore()
        try temporary.write([], to: temporary.path)
        #expect(temporary.openingError() == nil)
    }

    @Test func `takes what a store of the first schema has queued`() throws {
        let temporary = try TemporaryStore()
        var store: SQLiteStore? = try temporary.open()
        let role = StartLaneID(region: "us-east-1", roleARN: "arn:aws:iam::1:role/r")
        try store?.append(
            arrival("d", start("r", token: "1"), start("s", token: "2", lane: role)))
        try store?.settle(settled("1", .started(executionARN: "arn"), callbacks: [callback("c")]))
        store = nil
        // As the first schema had it.
        try temporary.edit(
            """
            DROP INDEX starts_queued;
            CREATE INDEX starts_queued ON starts (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
            DROP INDEX callbacks_queued;
            ALTER TABLE callbacks DROP COLUMN receiver;
            CREATE INDEX callbacks_queued ON callbacks (next_attempt_at)
                WHERE next_attempt_at IS NOT NULL;
            DELETE FROM grdb_migrations WHERE identifier = '2';
            """)
        let migrated = try temporary.open()
        let now = UnixTime(milliseconds: 9)
        #expect(
            try migrated.claimStarts(of: role, dueBy: now, limit: 9).map(\.token) == ["2"])
        #expect(
            try migrated.claimCallbacks(of: usualReceiver, dueBy: now, limit: 9).map(\.id)
                == ["c"])
    }

    @Test func `refuses a newer schema and leaves it as it is`() throws {
        let temporary = try TemporaryStore()
        _ = try temporary.open()
        try temporary.edit("INSERT INTO grdb_migrations VALUES ('3'), ('17')")
        #expect(temporary.openingError() == .schemaTooNew(found: 17, known: 2))
        try temporary.edit("DELETE FROM grdb_migrations WHERE identifier IN ('3', '17')")
        #expect(temporary.openingError() == nil)
    }

    // Root may write whatever the mode says.
    @Test(.enabled(if: geteuid() != 0, "permissions do not bind root"))
    func `refuses a file or a directory it may not write`() throws {
        let temporary = try TemporaryStore()
        _ = try temporary.open()
        chmod(temporary.path, 0o400)
        #expect(
            temporary.openingError()
                == .unavailable("\(temporary.path): attempt to write a readonly database"))
        chmod(temporary.path, 0o600)
        unlink(temporary.path + ".lock")
        chmod(temporary.directory, 0o500)
        #expect(
            temporary.openingError()
                == .unavailable("\(temporary.path).lock: Permission denied"))
        chmod(temporary.directory, 0o700)
    }

    @Test func `refuses a database whose schema cannot be read`() throws {
        let temporary = try TemporaryStore()
        _ = try temporary.open()
        var bytes = try temporary.read(temporary.path)
        for index in 100..<4096 { bytes[index] = 0xFF }
        try temporary.write(bytes, to: temporary.path)
        #expect(
            temporary.openingError()
                == .unavailable("\(temporary.path): database disk image is malformed"))
    }

    @Test func `refuses a second opener, by whatever path, until the first is gone`() throws {
        let temporary = try TemporaryStore()
        let link = temporary.directory + "/link.db"
        var first: SQLiteStore? = try temporary.open()
        #expect(symlink(temporary.path, link) == 0)
        let refusal = JournalError.unavailable(
            "\(temporary.path) is in use: another process holds the lock on "
                + "\(temporary.path).lock")
        #expect(temporary.openingError() == refusal)
        #expect(openingError(link) == refusal)
        #expect(first?.queuedStarts == 0)
        first = nil
        #expect(temporary.openingError() == nil)
        #expect(openingError(link) == nil)
    }

    @Test func `the words of SQLite for a database in memory name a file`() throws {
        let temporary = try TemporaryStore()
        let path = temporary.directory + "/:memory:"
        var store: SQLiteStore? = try SQLiteStore(path: path)
        try store?.append(arrival("d", start("r", token: "1")))
        store = nil
        #expect(try SQLiteStore(path: path).queuedStarts == 1)
    }
}
