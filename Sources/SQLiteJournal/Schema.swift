internal import GRDB
internal import Journal

/// The database's tables, as numbered migrations that are never changed once released.
///
/// Times are milliseconds since 1970. Every table has a `sequence`, the order in which its rows
/// were made; rows refer to each other by it. The checks assert what this store writes.
enum Schema {
    /// The number of the last migration.
    static let version = 2

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        // Tables that are just made hold no row whose references could be broken.
        migrator.registerMigration("1", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: deliveries + starts + callbacks + attempts)
        }
        migrator.registerMigration("2", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: lanes)
            db.add(function: receiver)
            // Others are never queued again.
            try db.execute(
                sql: """
                    UPDATE callbacks SET receiver = receiver(url) WHERE next_attempt_at IS NOT NULL
                    """)
            db.remove(function: receiver)
        }
        return migrator
    }

    /// The highest migration that was run, by this Hookline or a newer one; 0 for none.
    static func foundVersion(_ db: Database) throws -> Int {
        try migrator.appliedIdentifiers(db).compactMap { Int($0) }.max() ?? 0
    }

    // The payload is last, so that everything else is read without following its overflow pages.
    private static let deliveries = """
        CREATE TABLE deliveries (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 256),
            source TEXT NOT NULL,
            delivery_id TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            verified_by TEXT NOT NULL,
            headers BLOB NOT NULL,
            events BLOB NOT NULL,
            errors BLOB NOT NULL,
            payload BLOB NOT NULL
        ) STRICT;

        """

    // A list of more than two words behind IN would be a table that SQLite makes anew for each row that
    // is written: a third of what a settlement costs.
    //
    // A row has a next_attempt_at exactly while it is queued, and the partial indexes say so in
    // those words: with `WHERE state = 'queued'` SQLite would look each entry's row up to see it.
    //
    // A token is as unique as the id that is made from it. A delivery's rule and event are not: a
    // replay is one more start.
    private static let starts = """
        CREATE TABLE starts (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 384),
            delivery INTEGER NOT NULL REFERENCES deliveries ON DELETE CASCADE,
            rule TEXT NOT NULL,
            event_index INTEGER NOT NULL CHECK (event_index >= 0),
            token TEXT NOT NULL,
            region TEXT NOT NULL,
            role_arn TEXT,
            state TEXT NOT NULL
                CHECK (
                    state = 'queued' OR state = 'started' OR state = 'refused'
                    OR state = 'expired' OR state = 'cancelled'),
            next_attempt_at INTEGER CHECK ((next_attempt_at IS NOT NULL) = (state = 'queued')),
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            created_at INTEGER NOT NULL,
            execution_arn TEXT CHECK ((execution_arn IS NOT NULL) = (state = 'started')),
            error_code TEXT CHECK ((error_code IS NOT NULL) = (state IN ('refused', 'expired'))),
            error_message TEXT CHECK ((error_message IS NOT NULL) = (error_code IS NOT NULL)),
            callback_url TEXT,
            callback_on TEXT CHECK ((callback_on IS NOT NULL) = (callback_url IS NOT NULL)),
            request BLOB NOT NULL
        ) STRICT;
        CREATE INDEX starts_of_delivery ON starts (delivery);
        CREATE INDEX starts_queued ON starts (next_attempt_at)
            WHERE next_attempt_at IS NOT NULL;

        """

    private static let callbacks = """
        CREATE TABLE callbacks (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            start INTEGER NOT NULL REFERENCES starts ON DELETE CASCADE,
            url TEXT NOT NULL,
            occasion TEXT NOT NULL CHECK (
                occasion = 'started' OR occasion = 'failed' OR occasion = 'finished'),
            state TEXT NOT NULL CHECK (
                state = 'queued' OR state = 'delivered' OR state = 'failed'),
            next_attempt_at INTEGER CHECK ((next_attempt_at IS NOT NULL) = (state = 'queued')),
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            created_at INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX callbacks_of_start ON callbacks (start);
        CREATE INDEX callbacks_queued ON callbacks (next_attempt_at)
            WHERE next_attempt_at IS NOT NULL;

        """

    private static let attempts = """
        CREATE TABLE attempts (
            sequence INTEGER PRIMARY KEY,
            start INTEGER REFERENCES starts ON DELETE CASCADE,
            callback INTEGER REFERENCES callbacks ON DELETE CASCADE,
            at INTEGER NOT NULL,
            outcome TEXT NOT NULL CHECK (
                outcome = 'succeeded' OR outcome = 'retried' OR outcome = 'failed'),
            code TEXT,
            message TEXT,
            request_id TEXT,
            status INTEGER,
            requests INTEGER NOT NULL DEFAULT 1,
            total_retry_delay INTEGER NOT NULL DEFAULT 0,
            CHECK ((start IS NULL) <> (callback IS NULL))
        ) STRICT;
        CREATE INDEX attempts_of_start ON attempts (start) WHERE start IS NOT NULL;
        CREATE INDEX attempts_of_callback ON attempts (callback) WHERE callback IS NOT NULL;
        """

    // Jobs are taken lane by lane, so that a backlog of one does not stand before another's.
    private static let lanes = """
        DROP INDEX starts_queued;
        CREATE INDEX starts_queued ON starts (region, role_arn, next_attempt_at)
            WHERE next_attempt_at IS NOT NULL;
        DROP INDEX callbacks_queued;
        ALTER TABLE callbacks ADD COLUMN receiver TEXT NOT NULL DEFAULT '';
        CREATE INDEX callbacks_queued ON callbacks (receiver, next_attempt_at)
            WHERE next_attempt_at IS NOT NULL;
        """

    private static var receiver: DatabaseFunction {
        DatabaseFunction("receiver", argumentCount: 1, pure: true) { arguments in
            String.fromDatabaseValue(arguments[0]).map { CallbackLaneID(url: $0).receiver }
        }
    }
}
