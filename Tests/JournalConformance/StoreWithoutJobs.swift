package import Journal

/// A store for tests of what comes before its jobs: it hands none out.
package protocol StoreWithoutJobs: JournalStore {}

extension StoreWithoutJobs {
    package func startLanes() throws(JournalError) -> [StartLaneID: UnixTime] { [:] }
    package func callbackLanes() throws(JournalError) -> [CallbackLaneID: UnixTime] { [:] }

    package func claimStarts(
        of lane: StartLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [StartJob] { [] }

    package func claimCallbacks(
        of lane: CallbackLaneID, dueBy now: UnixTime, limit: Int
    ) throws(JournalError) -> [CallbackJob] { [] }

    package func nextStartDue(of lane: StartLaneID) throws(JournalError) -> UnixTime? { nil }
    package func nextCallbackDue(of lane: CallbackLaneID) throws(JournalError) -> UnixTime? { nil }

    package func tryWriting() throws(JournalError) {}

    package func recorded(_ append: DeliveryAppend) throws(JournalError) -> [RecordedStart]? {
        nil
    }
}
