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
        for _ in 0..<5000 { owed.add(at: time(1)) }
        #expect(owed.nextMoment == time(1.02))
        #expect(owed.take(at: time(1.01)) == 0)
        var taken = 0
        for step in 1...50 { taken += owed.take(at: time(1 + 0.02 * Double(step))) }
        #expect((995...1000).contains(taken))
        // All of them in the end, and nothing for the time in which none was owed.
        taken += owed.take(at: time(60))
        #expect(taken == 5000)
        #expect(owed.nextMoment == nil)
        owed.add(at: time(120))
        #expect(owed.take(at: time(120.01)) == 0)
        #expect(owed.take(at: time(120.02)) == 1)
    }
}
