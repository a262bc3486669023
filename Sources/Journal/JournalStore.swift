/// Everything that one transaction writes.
///
/// Settlements go first, so the starts they end make room for new ones; then the appends, each as
/// if alone after the one before it; then the history.
package struct JournalBatch: Sendable {
    package var appends: [DeliveryAppend] = []
    /// Deliveries that started nothing, kept for the history; one that is there already stays.
    package var history: [DeliveryRecord] = []
    package var startSettlements: [StartSettlement] = []
    package var callbackSettlements: [CallbackSettlement] = []

    package init() {}

    package var isEmpty: Bool {
        appends.isEmpty && history.isEmpty && startSettlements.isEmpty
            && callbackSettlements.isEmpty
    }
}

/// Why the journal could not do its work.
package enum JournalError: Error, Equatable, CustomStringConvertible {
    /// The database cannot be opened or made, with the database's own reason.
    case unavailable(String)
    /// The database was made by a newer Hookline.
    case schemaTooNew(found: Int, known: Int)
    /// A transaction failed and nothing of it was kept, with the database's own reason.
    case commitFailed(String)
    /// A transaction could not begin, since another process had the store locked all the while.
    case locked
    /// A read failed, with the database's own reason.
    case readFailed(String)

    package var description: String {
        switch self {
        case .unavailable(let reason): "the store cannot be opened: \(reason)"
        case .schemaTooNew(let found, let known):
            "the store has schema version \(found), and this build knows versions up to \(known)"
        case .commitFailed(let reason): "the store could not commit: \(reason)"
        case .locked: "the store could not commit: another process has locked it"
        case .readFailed(let reason): "the store could not be read: \(reason)"
        }
    }
}

/// Durable deliveries, starts and callbacks.
///
/// A store is opened, used and closed by one thread, the journal writer. A job that was claimed is
/// not given again before it is settled, or before the store is opened anew.
package protocol JournalStore: AnyObject {
    /// Writes a batch in one transaction, on disk when the call returns.
    ///
    /// A delivery starts a rule at most once for an event: where it did already, the earlier start
    /// stands, and likewise where another start has the same token.
    /// - Parameters:
    ///   - now: When new starts and callbacks are made and due.
    ///   - queuedStartsMax: The most starts in state `queued`; 0 for no limit.
    /// - Returns: One outcome an append, in their order.
    /// - Throws: ``JournalError/commitFailed(_:)`` or ``JournalError/locked``; nothing of the batch was
    ///   kept then.
    func commit(
        _ batch: JournalBatch, at now: UnixTime, queuedStartsMax: Int
    ) throws(JournalError) -> [AppendOutcome]

    /// Writes something that changes nothing, to see whether a commit would succeed.
    /// - Throws: As a commit.
    func tryWriting() throws(JournalError)

    /// The starts of a delivery that asks for none that is new, as a commit of it would tell them; nil where
    /// one is new. Writes nothing, so that it answers while nothing can be written.
    func recorded(_ append: DeliveryAppend) throws(JournalError) -> [RecordedStart]?

    /// The lanes that have queued starts, each with the moment at which its first one is due.
    func startLanes() throws(JournalError) -> [StartLaneID: UnixTime]

    /// The lanes that have queued callbacks, each with the moment at which its first one is due.
    func callbackLanes() throws(JournalError) -> [CallbackLaneID: UnixTime]

    /// Claims queued starts of a lane that are due, those due longest first.
    func claimStarts(
        of lane: StartLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [StartJob]

    /// Claims queued callbacks of a lane that are due, those due longest first.
    func claimCallbacks(
        of lane: CallbackLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [CallbackJob]

    /// When the next start of a lane that is not claimed is due, or nil when there is none.
    func nextStartDue(of lane: StartLaneID) throws(JournalError) -> UnixTime?

    /// When the next callback of a lane that is not claimed is due, or nil when there is none.
    func nextCallbackDue(of lane: CallbackLaneID) throws(JournalError) -> UnixTime?

    /// The number of starts in state `queued`, claimed ones included.
    var queuedStarts: Int { get }
}
