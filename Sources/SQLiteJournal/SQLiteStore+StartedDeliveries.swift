internal import GRDB
package import Journal

extension SQLiteStore {
    /// Gives the id of every delivery that has a start, in no order.
    /// - Throws: ``JournalError/readFailed(_:)``.
    package func forEachStartedDelivery(
        _ receive: (String) -> Void
    ) throws(JournalError) {
        do {
            try queue.inDatabase { db in
                let ids = try String.fetchCursor(
                    db,
                    sql: """
                        SELECT id FROM deliveries
                        WHERE sequence IN (SELECT delivery FROM starts)
                        """)
                while let id = try ids.next() { receive(id) }
            }
        } catch {
            throw .readFailed(reason(error))
        }
    }
}
