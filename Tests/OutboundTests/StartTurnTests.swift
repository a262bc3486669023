import EventPoll
import Journal
import SageMakerClient
import Testing

@testable import Outbound

/// A lane between a store and a service, in ticks of 5 ms.
private struct SimulatedLane {
    static let credit = 512
    let lane: StartLane
    let perSecond: Int
    /// How long each answer takes.
    let answerTime: Duration
    var bucket: TokenBucket
    /// Starts in the store, by when they are due.
    var stored: [(due: Int64, start: Int)]
    var credit = Self.credit
    var underWay: [(start: Int, sentAt: MonotonicTime)] = []
    var sent: [Int] = []
    /// When the start came that belongs to another lane, the last of the store.
    var otherAt: MonotonicTime?
    var now = MonotonicTime(nanoseconds: 0)
    private let other: Int

    init(starts: Int, perSecond: Int, answerTime: Duration) throws {
        lane = StartLane(
            StartLane.Key(identity: .own, region: "eu-west-1"),
            SageMakerClient(
                endpoints: try EndpointResolver(configured: nil, environment: [:], shared: nil)),
            windowMax: 64)
        self.perSecond = perSecond
        self.answerTime = answerTime
        bucket = TokenBucket(perSecond: Double(perSecond), at: now)
        // They come at 200 in a second, but for the first hundred.
        stored = (0...starts).map { (max(0, Int64($0 - 100) * 5), $0) }
        other = starts
    }

    /// - Returns: The seconds until all was sent.
    mutating func run() -> Double {
        while sent.count < other, now.nanoseconds < 1_000_000_000_000 {
            now = now.advanced(by: .milliseconds(5))
            land()
            // The store gives out more as soon as something was put off.
            while claim() {}
            shed()
            launch()
        }
        return Double(now.nanoseconds) / 1e9
    }

    private var rate: Double? { perSecond > 0 ? Double(perSecond) : nil }
    private func age(_ start: Int) -> Duration {
        .nanoseconds(now.nanoseconds - max(0, Int64(start - 100) * 5_000_000))
    }

    private mutating func land() {
        let time = answerTime.nanoseconds
        for flight in underWay where now.since(flight.sentAt) >= time {
            lane.noteLanded(at: now, answerTime: now.since(flight.sentAt))
            lane.noteAnswer()
            credit += 1
        }
        underWay.removeAll { now.since($0.sentAt) >= time }
    }

    private mutating func claim() -> Bool {
        stored.sort { ($0.due, $0.start) < ($1.due, $1.start) }
        let claimed = stored.prefix { $0.due <= now.nanoseconds / 1_000_000 }.prefix(credit)
        stored.removeFirst(claimed.count)
        for (_, start) in claimed {
            guard start != other else {
                otherAt = now
                continue
            }
            let most = lane.heldMax(perSecond: rate, at: now)
            if !lane.hasRoom(for: "\(start)", most, perSecond: Double(perSecond), at: now) {
                postpone(start)
            } else {
                lane.waiting.append(flight(start))
                credit -= 1
            }
        }
        return !claimed.isEmpty
    }

    private mutating func shed() {
        let most = lane.heldMax(perSecond: rate, at: now)
        guard lane.waiting.count / 2 >= most else { return }
        for flight in lane.waiting.removeAll(behind: most) {
            postpone(Int(flight.job.id) ?? 0)
            credit += 1
        }
    }

    private mutating func postpone(_ start: Int) {
        let wait =
            lane.returnMoment(
                of: "\(start)", perSecond: Double(perSecond), age: age(start), at: now)
            ?? .seconds(5)
        stored.append(((now.nanoseconds + wait.nanoseconds) / 1_000_000, start))
    }

    private mutating func launch() {
        while lane.inFlight < lane.window, !lane.waiting.isEmpty, bucket.take(at: now) == nil,
            let flight = lane.waiting.popFirst()
        {
            lane.noteSent(at: now)
            let start = Int(flight.job.id) ?? 0
            underWay.append((start, now))
            sent.append(start)
        }
    }

    private func flight(_ start: Int) -> StartFlight {
        StartFlight(
            job: StartJob(
                id: "\(start)", delivery: "d", source: "github", rule: "r", token: "t",
                region: "eu-west-1", request: [], createdAt: UnixTime(milliseconds: 0), attempts: 0,
                callback: nil, event: []))
    }
}

@Suite struct StartTurnTests {
    @Test(arguments: [(800, 8), (400, 2), (240, 4)])
    func `a backlog of more than a minute goes at its rate, without a pause, in order`(
        starts: Int, perSecond: Int
    ) throws {
        var lane = try SimulatedLane(
            starts: starts, perSecond: perSecond, answerTime: .milliseconds(10))
        let seconds = lane.run()
        #expect(seconds <= Double(starts / perSecond + 2))
        let isInOrder = lane.sent == Array(0..<starts)
        #expect(isInOrder)
    }

    @Test func `a service that answers slowly is kept busy, and holds up no other lane`() throws {
        var lane = try SimulatedLane(starts: 1500, perSecond: 0, answerTime: .milliseconds(1500))
        let seconds = lane.run()
        // 64 in each 1.5 s, after three rounds with fewer.
        #expect(seconds <= 1500 / 64 * 1.5 + 5)
        #expect(lane.sent.sorted() == Array(0..<1500))
        let otherAt = try #require(lane.otherAt)
        // It came after 7 s, behind some 1200 that had not been sent yet.
        #expect(otherAt.nanoseconds <= 7_100_000_000)
    }

    @Test func `a service that answers fast has the whole credit, and nothing is put off`() throws {
        var lane = try SimulatedLane(starts: 5000, perSecond: 0, answerTime: .milliseconds(10))
        #expect(lane.run() <= 25)
        let isInOrder = lane.sent == Array(0..<5000)
        #expect(isInOrder)
    }
}
