internal import EventPoll

/// How fast a lane is served, where that is so slowly that it must not hold all it could.
struct Pace: Equatable {
    /// Below this many in a second a lane is slow, whatever the cause.
    static let slowRate = 25.0

    let perSecond: Double
    /// How many seconds' worth a lane holds.
    let heldSeconds: Double
    /// The longest that a job is away whose turn is counted: by then the pace may be another.
    let turnMax: Duration

    /// How many jobs may wait in memory.
    /// - Parameter least: Where that is more than what they are worth.
    func heldMax(least: Int = 8) -> Int { max(8, least, Int(perSecond * heldSeconds)) }

    /// How soon the first comes back of what is not held: when half of what is held has been sent.
    var firstTurn: Duration { .seconds(heldSeconds / 2) }
}

/// How long the requests of a lane take that are answered.
struct AnswerTime {
    /// From here on a lane counts as slow: 160 in a second with 64 under way.
    static let slowSeconds = 0.4
    /// The longest counted turn: a service may be fast again at any time.
    private static let turnMax = Duration.seconds(5)
    private static let heldSeconds = 0.5
    private static let smoothing = 0.2

    private var seconds: Double?

    mutating func note(nanoseconds: Int64) {
        let latest = Double(nanoseconds) / 1e9
        seconds = seconds.map { $0 + (latest - $0) * Self.smoothing } ?? latest
    }

    /// The pace that the answers allow, with so many requests under way; nil for one that is not slow.
    func pace(window: Int) -> Pace? {
        guard let seconds, seconds > 0 else { return nil }
        let perSecond = Double(window) / seconds
        guard seconds >= Self.slowSeconds || perSecond < Pace.slowRate else { return nil }
        return Pace(
            perSecond: perSecond, heldSeconds: Self.heldSeconds, turnMax: Self.turnMax)
    }
}

/// The moments at which jobs come back from the store that a lane does not hold: each by one turn later
/// than the one before, so that they keep their order and the lane never runs out of them.
struct Turns {
    /// Between jobs whose turn is too far off to be counted. They are given out again, and most of them
    /// put off again, no faster than this, however many there are.
    private static let farStep = Duration.milliseconds(1)

    private var next = MonotonicTime(nanoseconds: 0)
    private var lastFar = MonotonicTime(nanoseconds: 0)
    /// Whether the last turn asked for was too far off.
    private var isFilled = false
    /// The ids of the jobs whose turns are counted; no more than there are turns in ``Pace/turnMax``.
    private var holders: Set<String> = []

    /// Whether jobs are in the store whose turns are to come.
    func areAwaited(at now: MonotonicTime) -> Bool { next > now }

    /// A job came from the store.
    /// - Returns: Whether it comes at its turn.
    mutating func meet(_ id: String) -> Bool {
        !holders.isEmpty && holders.remove(id) != nil
    }

    /// Takes the next turn.
    /// - Parameter age: The time since the job came into being.
    mutating func take(
        _ pace: Pace, for id: String, age: Duration, at now: MonotonicTime
    ) -> Duration {
        let turn = next > now ? next : now.advanced(by: pace.firstTurn)
        let farthest = now.advanced(by: pace.turnMax)
        // What is not counted comes back for a turn later. Counted as well, it would find the turns that
        // it left behind unused; and a job that cannot have been away must not have those.
        let wasAway = age >= pace.turnMax - pace.firstTurn
        // Once one was too far off, no later one is counted while the moments of the two lie close.
        isFilled = turn >= now.advanced(by: isFilled ? pace.turnMax / 2 : pace.turnMax)
        guard !isFilled, wasAway || lastFar <= now else {
            lastFar = max(lastFar.advanced(by: Self.farStep), farthest)
            return .nanoseconds(lastFar.since(now))
        }
        next = turn.advanced(by: .seconds(1 / pace.perSecond))
        holders.insert(id)
        return .nanoseconds(turn.since(now))
    }
}
