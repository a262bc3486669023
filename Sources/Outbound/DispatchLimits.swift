/// Bounds on what the outbound loop does at a time.
package struct DispatchLimits: Sendable, Equatable {
    /// The most starts under way for one identity in one region.
    package var startsInFlightMax = 64
    /// The most starts that begin in a second for one account in one region, as AWS counts; 0 for no cap.
    package var startsPerSecondMax = 0
    /// The most callbacks under way to one receiver.
    package var callbacksInFlightMax = 32
    /// Jobs held in memory for each one under way: enough to follow while the journal writes.
    package static let heldPerSlot = 4
    /// Jobs that a lane may hold though others hold all they may together.
    static let reservedPerLane = 4
    /// Lanes that are remembered when they are idle, and that can hang at the same time without keeping
    /// another waiting.
    static let lanesMax = 512
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

    /// The most starts that all lanes hold together, and so the most under way: several busy ones.
    var startsHeldMax: Int { max(1024, 2 * startsInFlightMax * Self.heldPerSlot) }
    /// The most callbacks that all receivers hold together.
    var callbacksHeldMax: Int { 4 * callbacksInFlightMax * Self.heldPerSlot }
    /// What lanes hold beside that, one by one.
    static let reservedInAllMax = lanesMax * reservedPerLane

    /// The most requests under way, of whatever kind.
    var requestsInFlightMax: Int {
        startsHeldMax + callbacksHeldMax + 2 * Self.reservedInAllMax + Self.chatPostsInFlightMax
    }

    package init() {}
}
