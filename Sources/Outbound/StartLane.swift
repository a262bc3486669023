internal import EventPoll
internal import Journal
internal import SageMakerAPI
internal import SageMakerClient

/// A start on its way through one attempt.
struct StartFlight {
    let job: StartJob
    /// Requests sent so far.
    var requests = 0
    /// Waits between them so far.
    var waited = Duration.zero
    /// What the last retry cost the lane's quota; nil before the first.
    var lastCost: Int?
    /// When the request under way was sent.
    var sentAt = MonotonicTime(nanoseconds: 0)
}

/// Starts of one identity in one region, which succeed and fail together.
///
/// Each lane has its own queue, its own share of what is under way, its own signing state and its own
/// quota of retries, so that a bad role or region holds up no other.
final class StartLane {
    struct Key: Hashable {
        let identity: CredentialIdentity
        let region: String
    }

    /// Attempts that fail in a row before the lane counts as in trouble.
    static let troubleAfter = 8
    /// Requests under way, and starts held, of a lane in trouble: enough to see when it is over.
    static let troubledWindow = 4
    /// Requests under way of a lane that nothing is known of yet, doubled with each answer: a region
    /// that never answers takes no more.
    static let firstWindow = 8
    /// How long a lane with requests under way may be quiet before it counts as stalled: longer than
    /// any answer that was seen takes, and much shorter than the time-out that will tell.
    static let stallTime = Duration.seconds(2)
    /// How long credentials may be fetched before the lane counts as stalled: a role is had in a fraction
    /// of it.
    static let credentialsTime = Duration.seconds(1)
    /// Starts held of a stalled lane.
    static let stalledHeld = 4
    /// How long the others of a lane that may go on at any moment are given back to the store.
    static let soonBack = Duration.seconds(1)

    let key: Key
    var waiting = JobQueue<StartFlight>()
    private(set) var inFlight = 0
    var quota = RetryQuota()
    var client: SageMakerClient
    /// Set while the credentials are being fetched, until they are asked for again.
    var awaitsCredentials = false
    private let windowMax: Int
    private(set) var window: Int
    private var failuresInARow = 0
    private var turns = Turns()
    private var answerTime = AnswerTime()
    /// When an answer came after a time in which the lane was stalled.
    private var stallEnd = MonotonicTime(nanoseconds: .min / 2)
    /// Since when the credentials are being fetched, without a pause.
    private var awaitsSince: MonotonicTime?
    /// The last answer, or the first request under way.
    private var quietSince = MonotonicTime(nanoseconds: 0)

    init(_ key: Key, _ client: SageMakerClient, windowMax: Int) {
        self.key = key
        self.client = client
        self.windowMax = windowMax
        window = min(Self.firstWindow, windowMax)
    }

    var isIdle: Bool { waiting.isEmpty && inFlight == 0 }
    var isInTrouble: Bool { failuresInARow >= Self.troubleAfter }

    /// How many starts may wait here in memory; the rest waits in the store, so that starts of other
    /// lanes come through.
    /// - Parameter perSecond: How fast requests may begin; nil for no limit.
    func heldMax(perSecond: Double?, at now: MonotonicTime) -> Int {
        if isInTrouble { return Self.troubledWindow }
        if isStalled(at: now) { return Self.stalledHeld }
        // A slow lane needs no more than it sends until postponed starts come back.
        let limited = perSecond.flatMap(Self.pace(limitedTo:))?.heldMax()
        let answered = answerTime.pace(window: windowMax)?.heldMax(least: windowMax / 2)
        return min(limited ?? .max, answered ?? .max)
    }

    /// Whether a start that comes from the store may wait here.
    ///
    /// One that comes at its turn may, though retries may have taken the room: else it would go behind
    /// all others. Any other may not before those whose turns are still to come.
    /// - Parameter perSecond: The configured rate; 0 for none.
    func hasRoom(for id: String, _ heldMax: Int, perSecond: Double, at now: MonotonicTime) -> Bool {
        if turns.meet(id) { return waiting.count / 2 < heldMax }
        guard waiting.count < heldMax else { return false }
        return !turns.areAwaited(at: now) || pace(perSecond: perSecond, at: now) == nil
    }

    /// The longest that a start is away whose turn is later: throttles may have made the rate another by then.
    private static let turnMax = Duration.seconds(60)
    /// How many seconds' worth of starts a lane holds that is limited to few.
    private static let heldSeconds = 5.0
    /// How much faster than it was answered a lane gets starts back, so that it never has too few.
    private static let answerMargin = 1.25

    private static func pace(limitedTo perSecond: Double) -> Pace? {
        guard perSecond > 0, perSecond < Pace.slowRate else { return nil }
        return Pace(perSecond: perSecond, heldSeconds: heldSeconds, turnMax: turnMax)
    }

    /// The pace at which starts come back that a slow lane does not hold.
    /// - Parameter perSecond: The configured rate; 0 for none.
    /// - Returns: Nil where neither that nor the time that answers take makes the lane slow.
    private func pace(perSecond: Double, at now: MonotonicTime) -> Pace? {
        guard !isInTrouble, !isStalled(at: now) else { return nil }
        let limited = Self.pace(limitedTo: perSecond)
        guard let answered = answerTime.pace(window: windowMax) else { return limited }
        let rate = answered.perSecond * Self.answerMargin
        if let limited, limited.perSecond <= rate { return limited }
        return Pace(
            perSecond: rate, heldSeconds: answered.heldSeconds, turnMax: answered.turnMax)
    }

    /// When a start that a slow lane does not hold is to come back.
    /// - Parameters:
    ///   - perSecond: The configured rate; 0 for none.
    ///   - age: The time since the start came into being.
    /// - Returns: Nil where the lane is not slow.
    func returnMoment(
        of id: String, perSecond: Double, age: Duration, at now: MonotonicTime
    ) -> Duration? {
        guard let pace = pace(perSecond: perSecond, at: now) else { return nil }
        return turns.take(pace, for: id, age: age, at: now)
    }

    private func isStalled(at now: MonotonicTime) -> Bool {
        stallMoment.map { $0 <= now } ?? false
    }

    /// When the lane counts as stalled, if nothing happens until then.
    private var stallMoment: MonotonicTime? {
        let silent = inFlight > 0 ? quietSince.advanced(by: Self.stallTime) : nil
        let unsigned = awaitsSince?.advanced(by: Self.credentialsTime)
        guard let silent, let unsigned else { return silent ?? unsigned }
        return min(silent, unsigned)
    }

    /// When the lane will count as stalled, where it then holds too much; nil once it does.
    func stallMoment(after now: MonotonicTime) -> MonotonicTime? {
        guard waiting.count > Self.stalledHeld, let moment = stallMoment else { return nil }
        return moment > now ? moment : nil
    }

    /// The credentials are still being fetched.
    func noteAwaitsCredentials(at now: MonotonicTime) {
        awaitsCredentials = true
        if awaitsSince == nil { awaitsSince = now }
    }

    /// The credentials were had, or could not be.
    func noteCredentials() { awaitsSince = nil }

    func noteSent(at now: MonotonicTime) {
        if inFlight == 0 { quietSince = now }
        inFlight += 1
    }

    /// - Parameter answerTime: How long the answer took, in nanoseconds; nil where there was none.
    func noteLanded(at now: MonotonicTime, answerTime: Int64? = nil) {
        inFlight -= 1
        if now.since(quietSince) >= Self.stallTime.nanoseconds { stallEnd = now }
        quietSince = now
        // What waited for the end of a stall tells nothing of the time that answers take after it.
        guard let answerTime, now.since(stallEnd) > answerTime else { return }
        self.answerTime.note(nanoseconds: answerTime)
    }

    /// An attempt reached the service, whatever it said of the request.
    func noteAnswer() {
        failuresInARow = 0
        window = min(windowMax, window * 2)
    }

    /// An attempt ended without an answer to the request.
    func noteFailure() {
        failuresInARow += 1
        if isInTrouble { window = min(Self.troubledWindow, windowMax) }
    }
}
