internal import EventPoll
internal import Journal

/// The callbacks of one receiver, which come through or hang together.
///
/// As with starts, each has a queue and a share of what is under way of its own: a receiver that never
/// answers must not hold up the others.
final class CallbackLane {
    /// Callbacks under way to a receiver that nothing is known of yet, doubled with each answer.
    static let firstWindow = 4
    /// How long a receiver with callbacks under way may be silent before it counts as stalled.
    static let stallTime = Duration.seconds(2)
    /// Callbacks held for a stalled receiver.
    static let stalledHeld = 4
    /// How long further ones wait in the store: until the first time-outs have told.
    static let stallPause = Duration.seconds(30)

    /// Scheme and authority.
    let receiver: Substring
    var waiting = JobQueue<CallbackJob>()
    private(set) var inFlight = 0
    private(set) var window: Int
    private let windowMax: Int
    private var failuresInARow = 0
    private var turns = Turns()
    private var answerTime = AnswerTime()
    /// The last answer, or the first request under way.
    private var quietSince = MonotonicTime(nanoseconds: 0)

    init(_ receiver: Substring, windowMax: Int) {
        self.receiver = receiver
        self.windowMax = windowMax
        window = min(Self.firstWindow, windowMax)
    }

    /// The part of a URL that says whose it is.
    static func receiver(of url: String) -> Substring {
        guard let scheme = url.firstRange(of: "://") else { return url[...] }
        let end = url[scheme.upperBound...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        return url[..<end]
    }

    var isIdle: Bool { waiting.isEmpty && inFlight == 0 }

    /// Whether nothing was heard of so many callbacks in a row as are under way at first.
    private var isDead: Bool { failuresInARow >= Self.firstWindow }

    /// How many callbacks may wait here in memory.
    func heldMax(at now: MonotonicTime) -> Int {
        if isDead || isStalled(at: now) { return Self.stalledHeld }
        return pace?.heldMax(least: windowMax / 2) ?? .max
    }

    private var pace: Pace? { answerTime.pace(window: windowMax) }

    /// Whether a callback that comes from the store may wait here, without going before those whose turns
    /// are still to come.
    func hasRoom(for id: String, at now: MonotonicTime) -> Bool {
        let comesAtTurn = turns.meet(id)
        guard waiting.count < heldMax(at: now) else { return false }
        return comesAtTurn || !turns.areAwaited(at: now) || pace == nil
    }

    /// How long a callback waits in the store that is not held.
    /// - Parameter age: The time since the callback came into being.
    func pause(of id: String, age: Duration, at now: MonotonicTime) -> Duration {
        guard !isDead, !isStalled(at: now), let pace else { return Self.stallPause }
        return turns.take(pace, for: id, age: age, at: now)
    }

    private func isStalled(at now: MonotonicTime) -> Bool {
        inFlight > 0 && now.since(quietSince) >= Self.stallTime.nanoseconds
    }

    /// When the receiver will count as stalled, where its lane then holds too much; nil once it does.
    func stallMoment(after now: MonotonicTime) -> MonotonicTime? {
        guard inFlight > 0, waiting.count > Self.stalledHeld else { return nil }
        let moment = quietSince.advanced(by: Self.stallTime)
        return moment > now ? moment : nil
    }

    func noteSent(at now: MonotonicTime) {
        if inFlight == 0 { quietSince = now }
        inFlight += 1
    }

    /// - Parameter answerTime: How long the reply took, whatever it said, in nanoseconds; nil where
    ///   there was none.
    func noteLanded(answerTime: Int64?, at now: MonotonicTime) {
        inFlight -= 1
        // A time-out is no sign of life.
        guard let answerTime else {
            failuresInARow += 1
            window = min(isDead ? 1 : Self.firstWindow, windowMax)
            return
        }
        failuresInARow = 0
        quietSince = now
        self.answerTime.note(nanoseconds: answerTime)
        window = min(windowMax, window * 2)
    }
}
