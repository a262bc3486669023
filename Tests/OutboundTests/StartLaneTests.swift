import EventPoll
import Journal
import SageMakerClient
import Testing

@testable import Outbound

@Suite struct StartLaneTests {
    private func lane(windowMax: Int = 64) throws -> StartLane {
        StartLane(
            StartLane.Key(identity: .own, region: "eu-west-1"),
            SageMakerClient(
                endpoints: try EndpointResolver(configured: nil, environment: [:], shared: nil)),
            windowMax: windowMax)
    }

    private func time(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    private func flight() -> StartFlight {
        StartFlight(
            job: StartJob(
                id: "s", delivery: "d", source: "github", rule: "r", token: "t",
                region: "eu-west-1", request: [], createdAt: UnixTime(milliseconds: 0), attempts: 0,
                callback: nil, event: []))
    }

    @Test func `a lane begins with few requests under way, and has all after a few answers`() throws
    {
        let lane = try lane()
        #expect(lane.window == StartLane.firstWindow)
        for window in [16, 32, 64, 64] {
            lane.noteAnswer()
            #expect(lane.window == window)
        }
        #expect(try self.lane(windowMax: 3).window == 3)
    }

    @Test func `a lane that is quiet with requests under way holds little`() throws {
        let lane = try lane()
        #expect(lane.heldMax(perSecond: nil, at: time(100)) == .max)
        lane.noteSent(at: time(100))
        #expect(lane.heldMax(perSecond: nil, at: time(101.9)) == .max)
        #expect(lane.heldMax(perSecond: nil, at: time(102)) == StartLane.stalledHeld)
        // A further request does not make it any livelier.
        lane.noteSent(at: time(102))
        #expect(lane.heldMax(perSecond: nil, at: time(102)) == StartLane.stalledHeld)
        lane.noteLanded(at: time(103))
        #expect(lane.heldMax(perSecond: nil, at: time(104.9)) == .max)
        #expect(lane.heldMax(perSecond: nil, at: time(105)) == StartLane.stalledHeld)
        lane.noteLanded(at: time(106))
        // Nothing is under way, however long.
        #expect(lane.heldMax(perSecond: nil, at: time(1000)) == .max)
        #expect(lane.inFlight == 0)
    }

    @Test func `the moment at which it will hold too much is known beforehand, and only then`()
        throws
    {
        let lane = try lane()
        for _ in 0...StartLane.stalledHeld { lane.waiting.append(flight()) }
        #expect(lane.stallMoment(after: time(1)) == nil)
        lane.noteSent(at: time(1))
        #expect(lane.stallMoment(after: time(2.9)) == time(3))
        #expect(lane.stallMoment(after: time(3)) == nil)
        _ = lane.waiting.popFirst()
        #expect(lane.stallMoment(after: time(1)) == nil)
    }

    @Test func `what a slow lane does not hold comes back in order, at the lane's rate`() throws {
        let lane = try lane()
        func wait(_ perSecond: Double, _ id: String = "x", at seconds: Double) -> Duration? {
            lane.returnMoment(of: id, perSecond: perSecond, age: .zero, at: time(seconds))
        }
        func hasRoom(_ id: String, _ heldMax: Int = 20, at seconds: Double) -> Bool {
            lane.hasRoom(for: id, heldMax, perSecond: 4, at: time(seconds))
        }
        #expect(lane.heldMax(perSecond: 4, at: time(1)) == 20)
        #expect(lane.heldMax(perSecond: 0.5, at: time(1)) == 8)
        #expect(lane.heldMax(perSecond: 25, at: time(1)) == .max)
        #expect(hasRoom("new", at: 10))
        let waits = (0..<4).map { wait(4, "\($0)", at: 10) }
        #expect(waits == [2500, 2750, 3000, 3250].map { .milliseconds($0) })
        // What comes at its turn has room, once, even where there is none for others; what is new not.
        lane.waiting.append(flight())
        #expect(hasRoom("0", 1, at: 12.5))
        lane.waiting.append(flight())
        #expect(!hasRoom("1", 1, at: 12.75))
        #expect(!hasRoom("0", at: 13.4) && !hasRoom("new", at: 13.4))
        #expect(hasRoom("new", at: 13.5))
        // The next ones follow, however late they are asked for.
        #expect(wait(4, at: 12) == .milliseconds(1500))
        #expect(wait(4, at: 12) == .milliseconds(1750))
        #expect(wait(4, at: 14) == .milliseconds(2500))
        #expect(wait(0, at: 12) == nil)
        #expect(wait(25, at: 12) == nil)
        for _ in 0..<StartLane.troubleAfter { lane.noteFailure() }
        #expect(wait(4, at: 12) == nil)
    }

    @Test func `turns beyond a minute are not counted, and nothing new goes before those`() throws {
        let lane = try lane()
        func wait(age: Duration, at seconds: Double) -> Duration? {
            lane.returnMoment(of: "x", perSecond: 4, age: age, at: time(seconds))
        }
        // The first turn is after 2.5 s, the last before 60 s.
        for _ in 0..<230 { _ = wait(age: .zero, at: 10) }
        #expect(wait(age: .zero, at: 10) == .seconds(60))
        #expect(wait(age: .zero, at: 10) == .milliseconds(60_001))
        #expect(wait(age: .zero, at: 20) == .seconds(60))
        // Those that come back have the turns that follow.
        #expect(wait(age: .seconds(60), at: 70) == .milliseconds(2500))
        #expect(wait(age: .seconds(60), at: 70) == .milliseconds(2750))
        #expect(wait(age: .zero, at: 71) == .seconds(60))
    }

    @Test func `a lane that answers slowly holds no more than it sends for a while`() throws {
        let lane = try lane()
        func answer(_ seconds: Double) {
            lane.noteSent(at: time(1))
            lane.noteLanded(at: time(1), answerTime: Int64(seconds * 1e9))
        }
        answer(0.399)
        #expect(lane.heldMax(perSecond: nil, at: time(1)) == .max)
        #expect(lane.returnMoment(of: "x", perSecond: 0, age: .zero, at: time(1)) == nil)
        for _ in 0..<50 { answer(0.5) }
        // 128 in a second.
        #expect(lane.heldMax(perSecond: nil, at: time(1)) == 64)
        #expect(
            lane.returnMoment(of: "x", perSecond: 0, age: .zero, at: time(1)) == .milliseconds(250))
        for _ in 0..<50 { answer(1.6) }
        #expect(lane.heldMax(perSecond: nil, at: time(1)) == 32)
        for _ in 0..<10 { answer(0.001) }
        #expect(lane.heldMax(perSecond: nil, at: time(1)) == .max)
        // What waited for the end of a stall does not count.
        for _ in 0..<8 { lane.noteSent(at: time(2)) }
        for _ in 0..<8 { lane.noteLanded(at: time(5), answerTime: 3_000_000_000) }
        #expect(lane.heldMax(perSecond: nil, at: time(5)) == .max)
        // With one request at a time, a fifth of a second is slow.
        let narrow = try self.lane(windowMax: 1)
        narrow.noteSent(at: time(1))
        narrow.noteLanded(at: time(1), answerTime: 200_000_000)
        #expect(narrow.heldMax(perSecond: nil, at: time(1)) == 8)
    }

    @Test func `forty lanes that hang leave room for another`() {
        let held = StartLane.firstWindow + StartLane.stalledHeld
        #expect(DispatchLimits().startsHeldMax > 40 * held)
    }

    @Test func `a lane whose credentials do not come holds little`() throws {
        let lane = try lane()
        for _ in 0...StartLane.stalledHeld { lane.waiting.append(flight()) }
        lane.noteAwaitsCredentials(at: time(5))
        lane.noteAwaitsCredentials(at: time(5.5))
        #expect(lane.awaitsCredentials)
        #expect(lane.stallMoment(after: time(5.9)) == time(6))
        #expect(lane.heldMax(perSecond: nil, at: time(5.9)) == .max)
        #expect(lane.heldMax(perSecond: nil, at: time(6)) == StartLane.stalledHeld)
        lane.noteCredentials()
        #expect(lane.heldMax(perSecond: nil, at: time(6)) == .max)
        lane.noteAwaitsCredentials(at: time(7))
        #expect(lane.heldMax(perSecond: nil, at: time(7.9)) == .max)
    }

    @Test func `a lane in trouble holds the least, and the first answer ends it`() throws {
        let lane = try lane()
        for _ in 0..<StartLane.troubleAfter { lane.noteFailure() }
        #expect(lane.isInTrouble)
        #expect(lane.window == StartLane.troubledWindow)
        #expect(lane.heldMax(perSecond: nil, at: time(1)) == StartLane.troubledWindow)
        lane.noteAnswer()
        #expect(!lane.isInTrouble)
        #expect(lane.window == 2 * StartLane.troubledWindow)
    }
}
