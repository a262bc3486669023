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
        #expect(lane.heldMax(perSecond: 4, at: time(1)) == 20)
        #expect(lane.heldMax(perSecond: 0.5, at: time(1)) == 8)
        #expect(lane.heldMax(perSecond: 25, at: time(1)) == .max)
        #expect(!lane.awaitsTurns(at: time(10)))
        var waits = (0..<4).map { _ in lane.returnMoment(perSecond: 4, at: time(10)) }
        #expect(waits == [2500, 2750, 3000, 3250].map { .milliseconds($0) })
        #expect(lane.awaitsTurns(at: time(13.4)) && !lane.awaitsTurns(at: time(13.5)))
        // The next ones follow, however late they are asked for.
        waits = [lane.returnMoment(perSecond: 4, at: time(12))]
        #expect(waits == [.milliseconds(2500)])
        for _ in 0..<1000 { _ = lane.returnMoment(perSecond: 4, at: time(12)) }
        #expect(lane.returnMoment(perSecond: 4, at: time(12)) == .seconds(60))
        #expect(lane.returnMoment(perSecond: 0, at: time(12)) == nil)
        #expect(lane.returnMoment(perSecond: 25, at: time(12)) == nil)
        for _ in 0..<StartLane.troubleAfter { lane.noteFailure() }
        #expect(lane.returnMoment(perSecond: 4, at: time(12)) == nil)
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
