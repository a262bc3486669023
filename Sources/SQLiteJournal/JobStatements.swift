internal import GRDB
internal import Journal

/// The statements that find due jobs of one kind.
struct JobStatements<Lane: Hashable, Job> {
    /// Gives (sequence, next_attempt_at) of a lane's queued jobs in their order, from an index alone.
    private let queued: PreparedStatement
    /// Gives (next_attempt_at, and what a lane is) of the first queued job of each lane.
    private let lanes: PreparedStatement
    private let job: PreparedStatement
    private let bindLane: (PreparedStatement, Lane) throws -> Void
    private let readLane: (StatementRow) -> Lane
    private let readJob: (StatementRow) -> Job

    /// The first moment at which each lane has a queued job.
    func firstDue() throws -> [Lane: UnixTime] {
        var due: [Lane: UnixTime] = [:]
        try lanes.forEach { row in
            due[readLane(row)] = UnixTime(milliseconds: row.integer(0))
            return true
        }
        return due
    }

    /// The sequences of the lane's jobs that are due, those due longest first.
    ///
    /// Claimed jobs are mostly at the front, so this reads about as many rows as are claimed and
    /// asked for.
    func due(
        of lane: Lane, by now: UnixTime, limit: Int, except claimed: Set<Int64>
    ) throws -> [Int64] {
        var due: [Int64] = []
        if limit <= 0 { return due }
        try bindLane(queued, lane)
        try queued.bind(1, now.milliseconds)
        try queued.forEach { row in
            let sequence = row.integer(0)
            if !claimed.contains(sequence) { due.append(sequence) }
            return due.count < limit
        }
        return due
    }

    /// When the first job of the lane is due that is not claimed.
    func nextDue(of lane: Lane, except claimed: Set<Int64>) throws -> UnixTime? {
        var next: UnixTime?
        try bindLane(queued, lane)
        try queued.bind(1, Int64.max)
        try queued.forEach { row in
            if claimed.contains(row.integer(0)) { return true }
            next = UnixTime(milliseconds: row.integer(1))
            return false
        }
        return next
    }

    func load(_ sequence: Int64) throws -> Job? {
        try job.bind(1, sequence)
        return try job.first(readJob)
    }
}

extension JobStatements<StartLaneID, StartJob> {
    init(starts db: Database) throws {
        queued = try PreparedStatement(
            db,
            """
            SELECT sequence, next_attempt_at FROM starts
            WHERE next_attempt_at <= ?1 AND region = ?2 AND role_arn IS ?3
            ORDER BY next_attempt_at, sequence
            """)
        lanes = try PreparedStatement(
            db,
            """
            SELECT min(next_attempt_at), region, role_arn FROM starts
            WHERE next_attempt_at IS NOT NULL GROUP BY region, role_arn
            """)
        job = try PreparedStatement(
            db,
            """
            SELECT starts.id, deliveries.id, source, rule, token, region, request, created_at,
                attempts, callback_url, callback_on,
                CASE WHEN callback_url IS NOT NULL AND json_valid(CAST(events AS TEXT))
                THEN CAST(events AS TEXT) -> ('$[' || event_index || ']') END, role_arn
            FROM starts JOIN deliveries ON deliveries.sequence = delivery
            WHERE starts.sequence = ?1
            """)
        bindLane = { statement, lane in
            try statement.bind(2, lane.region)
            try statement.bind(3, lane.roleARN)
        }
        readLane = { StartLaneID(region: $0.text(1) ?? "", roleARN: $0.text(2)) }
        readJob = { row in
            StartJob(
                id: row.text(0) ?? "", delivery: row.text(1) ?? "", source: row.text(2) ?? "",
                rule: row.text(3) ?? "", token: row.text(4) ?? "", region: row.text(5) ?? "",
                roleARN: row.text(12), request: row.bytes(6),
                createdAt: UnixTime(milliseconds: row.integer(7)),
                attempts: row.int(8), callback: callbackTarget(row.text(9), row.text(10)),
                event: row.bytes(11))
        }
    }
}

extension JobStatements<CallbackLaneID, CallbackJob> {
    init(callbacks db: Database) throws {
        queued = try PreparedStatement(
            db,
            """
            SELECT sequence, next_attempt_at FROM callbacks
            WHERE next_attempt_at <= ?1 AND receiver = ?2 ORDER BY next_attempt_at, sequence
            """)
        lanes = try PreparedStatement(
            db,
            """
            SELECT min(next_attempt_at), receiver FROM callbacks
            WHERE next_attempt_at IS NOT NULL GROUP BY receiver
            """)
        job = try PreparedStatement(
            db,
            """
            SELECT callbacks.id, starts.id, url, occasion, body, callbacks.created_at,
                callbacks.attempts
            FROM callbacks JOIN starts ON starts.sequence = start
            WHERE callbacks.sequence = ?1
            """)
        bindLane = { try $0.bind(2, $1.receiver) }
        readLane = { CallbackLaneID(receiver: $0.text(1) ?? "") }
        readJob = { row in
            CallbackJob(
                id: row.text(0) ?? "", start: row.text(1) ?? "", url: row.text(2) ?? "",
                // The schema's check admits no other word.
                occasion: row.text(3).flatMap(CallbackOccasion.init) ?? .finished,
                body: row.bytes(4), createdAt: UnixTime(milliseconds: row.integer(5)),
                attempts: row.int(6))
        }
    }
}

/// The words of `callback_on`, parted by commas.
func callbackWords(_ occasions: [CallbackOccasion]) -> String {
    occasions.map(\.rawValue).joined(separator: ",")
}

private func callbackTarget(_ url: String?, _ words: String?) -> CallbackTarget? {
    guard let url, let words else { return nil }
    let occasions = words.split(separator: ",").compactMap { CallbackOccasion(rawValue: "\($0)") }
    return CallbackTarget(url: url, occasions: occasions)
}
