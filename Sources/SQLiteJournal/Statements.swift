internal import GRDB
internal import Journal

/// Every statement of the store, prepared once.
struct Statements {
    let findDelivery: PreparedStatement
    let insertDelivery: PreparedStatement
    let startsOfDelivery: PreparedStatement
    let insertStart: PreparedStatement
    let findStart: PreparedStatement
    let findStartState: PreparedStatement
    let settleStart: PreparedStatement
    let findCallbackState: PreparedStatement
    let insertCallback: PreparedStatement
    let settleCallback: PreparedStatement
    let insertAttempt: PreparedStatement
    let startJobs: JobStatements<StartLaneID, StartJob>
    let callbackJobs: JobStatements<CallbackLaneID, CallbackJob>

    init(_ db: Database) throws {
        findDelivery = try PreparedStatement(db, "SELECT sequence FROM deliveries WHERE id = ?")
        insertDelivery = try PreparedStatement(db, Self.insertDeliverySQL)
        startsOfDelivery = try PreparedStatement(
            db,
            """
            SELECT id, rule, event_index, token FROM starts WHERE delivery = ? ORDER BY sequence
            """)
        insertStart = try PreparedStatement(db, Self.insertStartSQL)
        findStart = try PreparedStatement(
            db, "SELECT id, rule, event_index, token FROM starts WHERE id = ?")
        findStartState = try PreparedStatement(
            db, "SELECT sequence, state = 'queued' FROM starts WHERE id = ?")
        settleStart = try PreparedStatement(db, Self.settleStartSQL)
        findCallbackState = try PreparedStatement(
            db, "SELECT sequence, state = 'queued' FROM callbacks WHERE id = ?")
        insertCallback = try PreparedStatement(db, Self.insertCallbackSQL)
        settleCallback = try PreparedStatement(db, Self.settleCallbackSQL)
        insertAttempt = try PreparedStatement(db, Self.insertAttemptSQL)
        startJobs = try JobStatements(starts: db)
        callbackJobs = try JobStatements(callbacks: db)
    }

    static let countQueuedStarts = "SELECT count(*) FROM starts WHERE next_attempt_at IS NOT NULL"

    private static let insertDeliverySQL = """
        INSERT INTO deliveries
            (id, source, delivery_id, received_at, verified_by, headers, events, errors, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (id) DO NOTHING
        """

    private static let insertStartSQL = """
        INSERT INTO starts
            (id, delivery, rule, event_index, token, region, state, next_attempt_at, attempts,
            created_at, callback_url, callback_on, request, role_arn)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7, 0, ?7, ?8, ?9, ?10, ?11)
        """

    private static let settleStartSQL = """
        UPDATE starts
        SET state = ?2, next_attempt_at = ?3, attempts = attempts + ?4, execution_arn = ?5,
            error_code = ?6, error_message = ?7
        WHERE sequence = ?1
        """

    private static let insertCallbackSQL = """
        INSERT INTO callbacks
            (id, start, url, occasion, state, next_attempt_at, attempts, created_at, body, receiver)
        VALUES (?1, ?2, ?3, ?4, 'queued', ?5, 0, ?5, ?6, ?7)
        ON CONFLICT (id) DO NOTHING
        """

    private static let settleCallbackSQL = """
        UPDATE callbacks
        SET state = ?2, next_attempt_at = ?3, attempts = attempts + ?4
        WHERE sequence = ?1
        """

    private static let insertAttemptSQL = """
        INSERT INTO attempts
            (start, callback, at, outcome, code, message, request_id, status, requests,
            total_retry_delay)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """
}
