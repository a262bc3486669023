import EventPoll
import Testing

@testable import Outbound

@Suite struct OwedStartsTests {
    private func time(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: 1_000_000_000_000).advanced(by: .seconds(seconds))
    }

    @Test func `starts are asked for no faster than a stalled backlog may go by`() {
        var owed = OwedStarts()
        #expect(owed.nextMoment == nil)
        #expect(owed.take(at: time(0)) == 0)
        for _ in 0..<5000 { owed.add() }
        #expect(owed.take(at: time(1)) == 1000)
        #expect(owed.nextMoment == time(1.02))
        #expect(owed.take(at: time(1.01)) == 0)
        var taken = 0
        for step in 1...50 { taken += owed.take(at: time(1 + 0.02 * Double(step))) }
        #expect((295...300).contains(taken))
        // What has come together in a pause is no more than at the beginning.
        #expect(owed.take(at: time(3600)) == 1000)
        for minute in 1...5 { taken += owed.take(at: time(3600 + 60 * Double(minute))) }
        #expect(taken == 3000)
        #expect(owed.nextMoment == nil)
    }
}
