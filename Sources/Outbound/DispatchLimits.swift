/// Bounds on what the outbound loop does at a time.
package struct DispatchLimits: Sendable, Equatable {
    /// The most starts under way for one identity in one region.
    package var startsInFlightMax = 64
    /// The most starts that begin in a second for one account in one region, as AWS counts; 0 for no cap.
    package var startsPerSecondMax = 0
    /// The most callbacks under way. Apart from the starts', so that dead receivers delay no start.
    package var callbacksInFlightMax = 32
    /// The most callbacks under way, with the first ones of receivers that have no other: whatever hangs,
    /// so many further receivers get theirs.
    package var callbackSlotsMax: Int { 2 * callbacksInFlightMax }
    /// Jobs held in memory for each one under way.
    package static let heldPerSlot = 4
    /// For one attempt of a start.
    package var startTimeout: Duration = .seconds(60)
    /// For one attempt of a callback; Standard Webhooks asks for 15 to 30 s.
    package var callbackTimeout: Duration = .seconds(20)
    /// How long requests under way may go on once the loop is to stop. What is cut off is sent again
    /// after the next start, with the same token.
    package var stopGrace: Duration = .seconds(10)
    /// The longest content of a reply that is read.
    package static let callbackReplyBytesMax = 64 << 10

    /// The most messages to chats that wait, and that are under way.
    package static let chatPostsWaitingMax = 1000
    static let chatPostsInFlightMax = 16
    /// For one attempt of a message to a chat.
    static let chatPostTimeout: Duration = .seconds(10)

    /// The most starts in memory, and so the most under way over all identities and regions: enough
    /// that several of them can be stuck.
    package var startsHeldMax: Int { max(512, startsInFlightMax * Self.heldPerSlot) }

    package init() {}
}
