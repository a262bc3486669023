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
    /// Starts held of a stalled lane.
    static let stalledHeld = 16

    let key: Key
    var waiting = JobQueue<StartFlight>()
    private(set) var inFlight = 0
    var quota = RetryQuota()
    var client: SageMakerClient
    /// Set while the credentials are being fetched.
    var awaitsCredentials = false
    private let windowMax: Int
    private(set) var window: Int
    private var failuresInARow = 0
    /// When the next start comes back that a slow lane does not hold.
    private var nextTurn = MonotonicTime(nanoseconds: 0)
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
        guard let perSecond, perSecond < Self.slowRate else { return .max }
        return max(8, Int(perSecond * Self.heldSeconds))
    }

    /// Below this many starts in a second a lane is slow.
    private static let slowRate = 25.0
    /// How many seconds' worth of starts a slow lane holds.
    static let heldSeconds = 5.0
    /// The longest that a start is away whose turn is later: throttles may have made the rate another by then.
    private static let turnMax = Duration.seconds(60)

    /// When a start that a slow lane does not hold is to come back: each by one turn later than the one
    /// before, so that they keep their order and the lane never runs out of them.
    /// - Parameter perSecond: The configured rate; 0 for none.
    /// - Returns: Nil where that is not what makes the lane slow.
    func returnMoment(perSecond: Double, at now: MonotonicTime) -> Duration? {
        guard perSecond > 0, perSecond < Self.slowRate, !isInTrouble, !isStalled(at: now) else {
            return nil
        }
        let first = now.advanced(by: .seconds(Self.heldSeconds / 2))
        let turn = max(nextTurn, first)
        nextTurn = turn.advanced(by: .seconds(1 / perSecond))
        return min(.nanoseconds(turn.since(now)), Self.turnMax)
    }

    private func isStalled(at now: MonotonicTime) -> Bool {
        inFlight > 0 && now.since(quietSince) >= Self.stallTime.nanoseconds
    }

    /// When the lane will count as stalled, where it then holds too much; nil once it does.
    func stallMoment(after now: MonotonicTime) -> MonotonicTime? {
        guard inFlight > 0, waiting.count > Self.stalledHeld else { return nil }
        let moment = quietSince.advanced(by: Self.stallTime)
        return moment > now ? moment : nil
    }

    /// Whether starts are in the store that are to come back at their turns.
    func awaitsTurns(at now: MonotonicTime) -> Bool { nextTurn > now }

    func noteSent(at now: MonotonicTime) {
        if inFlight == 0 { quietSince = now }
        inFlight += 1
    }

    func noteLanded(at now: MonotonicTime) {
        inFlight -= 1
        quietSince = now
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
