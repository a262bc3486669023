import Foundation
import GRDB
import Journal
import JournalConformance
import SQLiteJournal

/// A directory for one test, gone with the value, and the journal in it.
final class TemporaryStore {
    let directory: String
    var path: String { directory + "/journal.db" }

    init() throws {
        directory = NSTemporaryDirectory() + "hookline-journal-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func open() throws -> SQLiteStore { try SQLiteStore(path: path) }

    /// What opening fails with, or nil when it does not.
    func openingError() -> JournalError? { SQLiteJournalTests.openingError(path) }

    /// Runs SQL on the file over a connection of its own, as an operator's tool would.
    func edit(_ sql: String) throws {
        try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    /// Every row of a query in SQLite's words, one column after the other.
    func rows(_ sql: String) throws -> [String] {
        try DatabaseQueue(path: path).read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { value in
                    Data.fromDatabaseValue(value).map { String(decoding: $0, as: UTF8.self) }
                        ?? value.description
                }
                .joined(separator: "|")
            }
        }
    }

    /// The names of the files that are there.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    func read(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

func openingError(_ path: String) -> JournalError? {
    do {
        _ = try SQLiteStore(path: path)
        return nil
    } catch {
        return error
    }
}

extension SQLiteStore {
    @discardableResult func append(_ appends: DeliveryAppend...) throws -> [AppendOutcome] {
        var batch = JournalBatch()
        batch.appends = appends
        return try commit(batch, at: UnixTime(milliseconds: 3), queuedStartsMax: 0)
    }

    func settle(_ settlements: StartSettlement...) throws {
        var batch = JournalBatch()
        batch.startSettlements = settlements
        _ = try commit(batch, at: UnixTime(milliseconds: 4), queuedStartsMax: 0)
    }

    func settle(_ settlements: CallbackSettlement...) throws {
        var batch = JournalBatch()
        batch.callbackSettlements = settlements
        _ = try commit(batch, at: UnixTime(milliseconds: 5), queuedStartsMax: 0)
    }
}
