internal import GRDB
internal import GRDBSQLite

/// A statement that is prepared once and run for every row.
///
/// GRDB prepares and finalises it. Binding and stepping go straight to SQLite: through GRDB, which
/// boxes each value and takes blobs as `Data`, a commit of 7 KB deliveries costs an eighth more.
///
/// A statement that stands on a row keeps its transaction open, so a row is only seen inside
/// ``first(_:)`` and ``forEach(_:)``, which reset the statement.
struct PreparedStatement {
    private let statement: Statement
    private var handle: SQLiteStatement { statement.sqliteStatement }

    init(_ db: Database, _ sql: String) throws {
        statement = try db.makeStatement(sql: sql)
    }

    /// Binds an integer, or null, to the parameter `?index`, counted from 1.
    func bind(_ index: Int32, _ value: Int64?) throws {
        guard let value else { return try check(sqlite3_bind_null(handle, index)) }
        try check(sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ index: Int32, _ value: Int) throws { try bind(index, Int64(value)) }

    /// Binds a text, or null.
    func bind(_ index: Int32, _ text: String?) throws {
        guard var text else { return try check(sqlite3_bind_null(handle, index)) }
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text64(
                    handle, index, $0.baseAddress, UInt64($0.count), transient, UInt8(SQLITE_UTF8))
            }
        }
        try check(code)
    }

    /// Binds a blob.
    func bind(_ index: Int32, _ blob: [UInt8]) throws {
        try check(blob.withUnsafeBytes { bind(index, $0, transient) })
    }

    /// Runs the statement, which gives no rows, with one more blob that is not copied.
    func run(_ index: Int32, _ blob: [UInt8]) throws {
        // The pointer is SQLite's until the end of the closure: the step reads it, and the null
        // takes its place.
        try blob.withUnsafeBytes { bytes in
            try check(bind(index, bytes, nil))
            defer { sqlite3_bind_null(handle, index) }
            try run()
        }
    }

    private func bind(
        _ index: Int32, _ bytes: UnsafeRawBufferPointer, _ ownership: sqlite3_destructor_type?
    ) -> Int32 {
        // SQLite takes a null pointer for the value null, so an empty blob is bound as zeros.
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            return sqlite3_bind_zeroblob(handle, index, 0)
        }
        return sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), ownership)
    }

    /// Runs the statement, which gives no rows.
    func run() throws { _ = try first { _ in } }

    /// The `INTEGER PRIMARY KEY` of the row that was inserted last.
    var lastSequence: Int64 { sqlite3_last_insert_rowid(sqlite3_db_handle(handle)) }

    /// The first row, or nil when there is none.
    func first<Value>(_ read: (StatementRow) -> Value) throws -> Value? {
        var value: Value?
        try forEach { row in
            value = read(row)
            return false
        }
        return value
    }

    /// Gives each row until the closure answers false.
    func forEach(_ body: (StatementRow) -> Bool) throws {
        // The reset repeats the step's error, which has been thrown by then.
        defer { sqlite3_reset(handle) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: if !body(StatementRow(handle: handle)) { return }
            case SQLITE_DONE: return
            case let code: throw error(code)
            }
        }
    }

    private func check(_ code: Int32) throws {
        if code != SQLITE_OK { throw error(code) }
    }

    private func error(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
    }
}

/// The row a statement stands on; columns are counted from 0.
struct StatementRow {
    fileprivate let handle: SQLiteStatement

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func int(_ column: Int32) -> Int { Int(integer(column)) }

    /// The text, or nil for null.
    func text(_ column: Int32) -> String? {
        guard let start = sqlite3_column_text(handle, column) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The bytes of a blob or a text; empty for null.
    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return [UInt8](
            UnsafeRawBufferPointer(
                start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}

/// SQLITE_TRANSIENT, a macro that Swift does not import: SQLite makes its own copy.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
