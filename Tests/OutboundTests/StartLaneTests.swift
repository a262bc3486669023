import EventPoll
import Journal
import SageMakerClient
import Testing

@testable import Outbound

@Suite struct StartLaneTests {
    private let epoch = UnixTime(milliseconds: 1_795_233_906_789)

    private func lane() throws -> StartLane {
        StartLane(
            StartLaneID(region: "eu-west-1", roleARN: nil), .own,
            SageMakerClient(
                endpoints: try EndpointResolver(configured: nil, environment: [:], shared: nil)),
            StartLane.bounds(inFlightMax: 64), at: time(0))
    }

    private func time(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    private func flight(_ id: String) -> StartFlight {
        StartFlight(
            job: StartJob(
                id: id, delivery: "d", source: "github", rule: "r", token: "t",
                region: "eu-west-1", request: [], createdAt: epoch, attempts: 0,
                callback: nil, event: []))
    }

    @Test func `a lane is not in trouble before eight attempts in a row got no answer`() throws {
        let lane = try lane()
        for _ in 0..<7 { lane.noteSilence(code: "c", message: "m") }
        lane.window.noteAnswer()
        for _ in 0..<7 { lane.noteSilence(code: "c", message: "m") }
        #expect(!lane.window.isInTrouble)
        #expect(lane.window.size == 8)
        lane.noteSilence(code: "c", message: "m")
        #expect(lane.window.isInTrouble)
        #expect(lane.window.size == 4)
    }

    @Test
    func `in trouble it tries some at once and then a few a second, else as many as there are`()
        throws
    {
        let lane = try lane()
        func probe(_ seconds: Double) -> MonotonicTime? {
            if let moment = lane.probeMoment(at: time(seconds)) { return moment }
            lane.noteProbe()
            return nil
        }
        for _ in 0..<100 { #expect(probe(1) == nil) }
        for _ in 0..<8 { lane.noteSilence(code: "c", message: "m") }
        for _ in 0..<1000 { #expect(probe(1) == nil) }
        #expect(probe(1) == time(1.02))
        #expect(probe(1.01) == time(1.02))
        #expect(probe(1.02) == nil)
        #expect(probe(1.02) == time(1.04))
        // After a quiet time, as many at once as before.
        for _ in 0..<1000 { #expect(probe(60) == nil) }
        #expect(probe(60) != nil)
        lane.window.noteAnswer()
        #expect(probe(60) == nil)
    }

    @Test func `several hundred starts that fail together keep their schedule`() throws {
        let lane = try lane()
        for _ in 0..<8 { lane.noteSilence(code: "c", message: "m") }
        for due in [0.0, 5, 15, 35, 75, 155] {
            for _ in 0..<500 {
                #expect(lane.probeMoment(at: time(due)) == nil)
                lane.noteProbe()
            }
        }
    }

    @Test func `requests count for the account of a role, and for our own beside`() {
        let region = "eu-west-1"
        func scope(_ arn: String) -> AccountRegion { AccountRegion(.role(arn), region: region) }
        let one = scope("arn:aws:iam::123456789012:role/a")
        #expect(one == scope("arn:aws:iam::123456789012:role/b"))
        #expect(one != scope("arn:aws:iam::210987654321:role/a"))
        #expect(one != AccountRegion(.own, region: region))
        #expect(
            AccountRegion(.own, region: region) != AccountRegion(.own, region: "eu-west-2"))
    }

    @Test func `in trouble it gives up starts that are older than a day, for what it failed of`()
        throws
    {
        let lane = try lane()
        let day = epoch.advanced(by: .seconds(86_400))
        let later = day.advanced(by: .milliseconds(1))
        for id in ["a", "b"] { lane.waiting.append(flight(id)) }
        #expect(lane.popExpired(at: later) == nil)
        for number in 0..<8 { lane.noteSilence(code: "c\(number)", message: "m") }
        #expect(lane.popExpired(at: day) == nil)
        for id in ["a", "b"] {
            let expired = try #require(lane.popExpired(at: later))
            #expect(expired.flight.job.id == id)
            #expect((expired.code, expired.message) == ("c7", "m"))
        }
        #expect(lane.popExpired(at: later) == nil)
    }

    @Test func `a lane is idle without starts that wait, are under way or are to go on`() throws {
        let lane = try lane()
        #expect(lane.isIdle)
        lane.waiting.append(flight("a"))
        #expect(!lane.isIdle)
        _ = lane.waiting.popFirst()
        lane.window.noteSent()
        #expect(!lane.isIdle)
        lane.window.noteLanded()
        lane.delayed = 1
        #expect(!lane.isIdle)
    }

    @Test func `there is room for many lanes that hang`() {
        let limits = DispatchLimits()
        let hanging = LaneWindow(StartLane.bounds(inFlightMax: limits.startsInFlightMax)).room
        #expect(limits.startsHeldMax / hanging >= 32)
        #expect(DispatchLimits.reservedInAllMax / DispatchLimits.reservedPerLane == 512)
        #expect(
            limits.requestsInFlightMax
                >= limits.startsHeldMax + limits.callbacksHeldMax
                + 2 * DispatchLimits.reservedInAllMax)
    }
}
