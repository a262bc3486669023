import EventPoll
import Testing

@testable import Outbound

@Suite struct RateLimitTests {
    private func time(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    @Test func `without a cap and a throttle nothing is limited`() {
        var limit = RateLimit(perSecondMax: 0, at: time(0))
        for _ in 0..<10_000 {
            let wait = limit.take(at: time(0))
            #expect(wait == nil)
            limit.learn(isThrottle: false, at: time(0))
        }
        #expect(limit.perSecond == nil)
    }

    @Test func `a cap lets one after the other through, after a pause too`() {
        var limit = RateLimit(perSecondMax: 4, at: time(0))
        var waits = (0..<2).map { _ in limit.take(at: time(0)) }
        #expect(waits == [nil, time(0.25)])
        waits = [limit.take(at: time(0.249)), limit.take(at: time(0.25))]
        #expect(waits[0] != nil && waits[1] == nil)
        waits = (0..<2).map { _ in limit.take(at: time(100)) }
        #expect(waits == [nil, time(100.25)])
    }

    @Test(arguments: [1, 5, 64, 1000, 20_000])
    func `no second has more than the cap and a hundredth of it`(perSecond: Int) {
        var limit = RateLimit(perSecondMax: perSecond, at: time(0))
        // A loop that wakes each millisecond, after a long pause.
        var begun = 0
        for millisecond in 0..<1000 {
            while limit.take(at: time(100 + Double(millisecond) / 1000)) == nil { begun += 1 }
        }
        #expect(begun >= perSecond * 98 / 100)
        #expect(begun <= perSecond + max(1, perSecond / 100))
    }

    /// Ten successes a second for five seconds, then a throttle.
    private func throttled(perSecondMax: Int = 0) -> RateLimit {
        var limit = RateLimit(perSecondMax: perSecondMax, at: time(0))
        for number in 1...50 { limit.learn(isThrottle: false, at: time(Double(number) / 10)) }
        limit.learn(isThrottle: true, at: time(5.05))
        return limit
    }

    @Test func `a throttle cuts the rate to 0.7 of what was measured`() throws {
        let rate = try #require(throttled().perSecond)
        #expect(rate > 6 && rate < 8)
    }

    @Test func `without throttles the rate grows back and beyond`() throws {
        var limit = throttled()
        let cut = try #require(limit.perSecond)
        var rates: [Double] = []
        for number in 1...200 {
            limit.learn(isThrottle: false, at: time(5.05 + Double(number) / 10))
            rates.append(try #require(limit.perSecond))
        }
        #expect(rates[0] >= cut)
        #expect(zip(rates[20...], rates[21...]).allSatisfy { $0 <= $1 + 1e-9 || $1 > 15 })
        // At most twice the rate that replies come at.
        #expect(try #require(rates.last) > 15 && rates.allSatisfy { $0 <= 24 })
    }

    @Test func `throttles in a row come down to one in two seconds and no further`() throws {
        var limit = throttled()
        for number in 1...100 { limit.learn(isThrottle: true, at: time(6 + Double(number))) }
        #expect(limit.perSecond == 0.5)
        _ = limit.take(at: time(200))
        let wait = limit.take(at: time(200))
        #expect(wait == time(202))
        let after = limit.take(at: time(202))
        #expect(after == nil)
    }

    @Test func `recovery does not pass the configured cap`() {
        var limit = throttled(perSecondMax: 9)
        for number in 1...300 {
            limit.learn(isThrottle: false, at: time(5.05 + Double(number) / 10))
        }
        #expect(limit.perSecond == 9)
    }
}

@Suite struct JobQueueTests {
    @Test func `jobs come out in order, those put back first`() {
        var queue = JobQueue<Int>()
        for number in 0..<200 { queue.append(number) }
        let first = (0..<150).map { _ in queue.popFirst() }
        #expect(first == (0..<150).map { $0 })
        queue.prepend(1000)
        queue.prepend(1001)
        #expect(queue.count == 52)
        #expect(queue.first == 1001)
        let rest = (0..<53).map { _ in queue.popFirst() }
        #expect(rest == [1001, 1000] + (150..<200).map { $0 } + [nil])
        #expect(queue.isEmpty && queue.first == nil)
        queue.prepend(7)
        let last = queue.popFirst()
        #expect(last == 7)
    }
}
