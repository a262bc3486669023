internal import GRDB
package import Journal

/// The journal in one SQLite file, to be read beside the process's own ``SQLiteStore``.
///
/// It has a connection of its own, which can only read: readers do not hold up the writer of a
/// write-ahead log, nor it them. Every read is short, since the log cannot be cut before it ends.
package final class SQLiteHistory: JournalHistory {
    /// How many deliveries one page looks at: a filter that hardly any passes ends there, with the
    /// place to go on from.
    static let scannedMax: Int64 = 100_000

    private let queue: DatabaseQueue
    private let path: String

    /// - Parameter path: The file of a store that is open.
    /// - Throws: ``JournalError/unavailable(_:)``.
    package init(path: String) throws(JournalError) {
        self.path = try resolved(path)
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            queue = try DatabaseQueue(path: self.path, configuration: configuration)
        } catch {
            throw .unavailable("\(path): \(reason(error))")
        }
    }

    package func deliveries(_ query: DeliveryQuery) throws(JournalError) -> DeliveryPage {
        try read { db in try self.page(query, db) }
    }

    package func delivery(id: String) throws(JournalError) -> DeliveryHistory? {
        try read { db in try self.history(id, db) }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do {
            // One transaction, so that a delivery and what came of it are of one moment.
            return try queue.read(body)
        } catch {
            throw .readFailed("\(path): \(reason(error))")
        }
    }
}

extension SQLiteHistory {
    private func page(_ query: DeliveryQuery, _ db: Database) throws -> DeliveryPage {
        let newest = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM deliveries") ?? 0
        let before = min(query.before ?? .max, newest + 1)
        let after = max(0, before - 1 - Self.scannedMax)
        let statement = try PreparedStatement(db, Self.pageSQL)
        try statement.bind(1, before)
        try statement.bind(2, after)
        try statement.bind(3, query.source)
        try statement.bind(4, query.rule)
        try statement.bind(5, query.state?.rawValue)
        try statement.bind(6, query.limit)
        var rows: [(sequence: Int64, delivery: DeliverySummary)] = []
        try statement.forEach { row in
            rows.append((row.integer(0), DeliverySummary(row, starts: [])))
            return true
        }
        let deliveries = try rows.map { row in
            row.delivery.with(starts: try summaries(ofDelivery: row.sequence, db))
        }
        // A full page may have more behind it, and so may what was not looked at.
        let next = rows.count == query.limit ? rows.last?.sequence : after + 1
        let oldest = try Int64.fetchOne(db, sql: "SELECT min(sequence) FROM deliveries") ?? .max
        return DeliveryPage(
            deliveries: deliveries, next: next.flatMap { $0 > oldest ? $0 : nil })
    }

    private func summaries(
        ofDelivery sequence: Int64, _ db: Database
    ) throws -> [DeliverySummary.Start] {
        let statement = try PreparedStatement(
            db,
            "SELECT id, rule, event_index, state FROM starts WHERE delivery = ? ORDER BY sequence")
        try statement.bind(1, sequence)
        var starts: [DeliverySummary.Start] = []
        try statement.forEach { row in
            starts.append(
                DeliverySummary.Start(
                    id: row.text(0) ?? "", rule: row.text(1) ?? "", eventIndex: row.int(2),
                    state: row.state(3)))
            return true
        }
        return starts
    }

    private func history(_ id: String, _ db: Database) throws -> DeliveryHistory? {
        let statement = try PreparedStatement(db, Self.deliverySQL)
        try statement.bind(1, id)
        let found = try statement.first { row in
            (
                sequence: row.integer(0), summary: DeliverySummary(row, starts: []),
                events: row.bytes(6), errors: row.bytes(7)
            )
        }
        guard let found else { return nil }
        return DeliveryHistory(
            summary: found.summary.with(starts: try summaries(ofDelivery: found.sequence, db)),
            events: found.events, errors: found.errors,
            starts: try starts(ofDelivery: found.sequence, db))
    }

    private func starts(ofDelivery sequence: Int64, _ db: Database) throws -> [StartHistory] {
        let statement = try PreparedStatement(db, Self.startsSQL)
        try statement.bind(1, sequence)
        var rows: [(sequence: Int64, start: StartHistory)] = []
        try statement.forEach { row in
            rows.append((row.integer(0), StartHistory(row, attempts: [], callbacks: [])))
            return true
        }
        return try rows.map { row in
            row.start.with(
                attempts: try attempts(of: "start", row.sequence, db),
                callbacks: try callbacks(ofStart: row.sequence, db))
        }
    }

    private func callbacks(ofStart sequence: Int64, _ db: Database) throws -> [CallbackHistory] {
        let statement = try PreparedStatement(
            db,
            "SELECT sequence, id, url, occasion, state FROM callbacks WHERE start = ? ORDER BY sequence"
        )
        try statement.bind(1, sequence)
        var rows: [(sequence: Int64, callback: CallbackHistory)] = []
        try statement.forEach { row in
            rows.append(
                (
                    row.integer(0),
                    CallbackHistory(
                        id: row.text(1) ?? "", url: row.text(2) ?? "",
                        occasion: row.text(3).flatMap(CallbackOccasion.init) ?? .started,
                        state: row.text(4).flatMap(CallbackState.init) ?? .queued, attempts: [])
                ))
            return true
        }
        return try rows.map { row in
            row.callback.with(attempts: try attempts(of: "callback", row.sequence, db))
        }
    }

    /// - Parameter column: What they are attempts of: `start` or `callback`.
    private func attempts(
        of column: StaticString, _ sequence: Int64, _ db: Database
    ) throws -> [Attempt] {
        let statement = try PreparedStatement(
            db,
            """
            SELECT at, outcome, code, message, request_id, status, requests, total_retry_delay
            FROM attempts WHERE \(column) = ? ORDER BY sequence
            """)
        try statement.bind(1, sequence)
        var attempts: [Attempt] = []
        try statement.forEach { row in
            attempts.append(Attempt(row))
            return true
        }
        return attempts
    }

    private static let pageSQL = """
        SELECT sequence, id, source, delivery_id, received_at, verified_by
        FROM deliveries
        WHERE sequence < ?1 AND sequence > ?2 AND (?3 IS NULL OR source = ?3)
            AND (
                ?4 IS NULL AND ?5 IS NULL
                OR EXISTS (
                    SELECT 1 FROM starts
                    WHERE starts.delivery = deliveries.sequence
                        AND (?4 IS NULL OR rule = ?4) AND (?5 IS NULL OR state = ?5)))
        ORDER BY sequence DESC LIMIT ?6
        """

    private static let deliverySQL = """
        SELECT sequence, id, source, delivery_id, received_at, verified_by, events, errors
        FROM deliveries WHERE id = ?
        """

    private static let startsSQL = """
        SELECT sequence, id, rule, event_index, token, state, region, request, execution_arn
        FROM starts WHERE delivery = ? ORDER BY sequence
        """
}

extension StatementRow {
    fileprivate func state(_ column: Int32) -> StartState {
        // The table's check lets no other word in.
        text(column).flatMap(StartState.init) ?? .queued
    }
}

extension DeliverySummary {
    fileprivate init(_ row: StatementRow, starts: [Start]) {
        self.init(
            id: row.text(1) ?? "", source: row.text(2) ?? "", deliveryID: row.text(3) ?? "",
            receivedAt: UnixTime(milliseconds: row.integer(4)), verifiedBy: row.text(5) ?? "",
            starts: starts)
    }

    fileprivate func with(starts: [Start]) -> DeliverySummary {
        DeliverySummary(
            id: id, source: source, deliveryID: deliveryID, receivedAt: receivedAt,
            verifiedBy: verifiedBy, starts: starts)
    }
}

extension StartHistory {
    fileprivate init(
        _ row: StatementRow, attempts: [Attempt], callbacks: [CallbackHistory]
    ) {
        self.init(
            id: row.text(1) ?? "", rule: row.text(2) ?? "", eventIndex: row.int(3),
            token: row.text(4) ?? "", state: row.state(5), region: row.text(6) ?? "",
            request: row.bytes(7), executionARN: row.text(8), attempts: attempts,
            callbacks: callbacks)
    }

    fileprivate func with(
        attempts: [Attempt], callbacks: [CallbackHistory]
    ) -> StartHistory {
        StartHistory(
            id: id, rule: rule, eventIndex: eventIndex, token: token, state: state,
            region: region, request: request, executionARN: executionARN, attempts: attempts,
            callbacks: callbacks)
    }
}

extension CallbackHistory {
    fileprivate func with(attempts: [Attempt]) -> CallbackHistory {
        CallbackHistory(
            id: id, url: url, occasion: occasion, state: state, attempts: attempts)
    }
}

extension Attempt {
    fileprivate init(_ row: StatementRow) {
        self.init(
            at: UnixTime(milliseconds: row.integer(0)),
            outcome: row.text(1).flatMap(AttemptOutcome.init) ?? .failed, code: row.text(2),
            message: row.text(3), requestID: row.text(4),
            status: row.text(5).flatMap { Int($0) }, requests: row.int(6),
            totalRetryDelay: .milliseconds(row.integer(7)))
    }
}
