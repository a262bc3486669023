import Journal
import Testing

@Suite struct RetryScheduleTests {
    @Test func `starts wait 5 seconds doubling to 15 minutes`() {
        let waits = (1...10).map { RetrySchedule.start.delay(afterAttempt: $0, jitter: 0) }
        #expect(waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900].map { .seconds($0) })
        #expect(RetrySchedule.start.delay(afterAttempt: 5000, jitter: 0) == .seconds(900))
    }

    @Test func `a full account waits 30 seconds doubling`() {
        let waits = (1...6).map { RetrySchedule.resourceLimit.delay(afterAttempt: $0, jitter: 0) }
        #expect(waits == [30, 60, 120, 240, 480, 900].map { .seconds($0) })
    }

    @Test func `callbacks follow Standard Webhooks and then stop`() {
        let waits = (1...9).map { RetrySchedule.callback.delay(afterAttempt: $0, jitter: 0) }
        #expect(
            waits
                == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) }
        )
        #expect(RetrySchedule.callback.delay(afterAttempt: 10, jitter: 0) == nil)
    }

    @Test func `jitter moves a wait by a tenth at the most`() {
        #expect(RetrySchedule.start.delay(afterAttempt: 1, jitter: 1) == .milliseconds(5500))
        #expect(RetrySchedule.start.delay(afterAttempt: 1, jitter: -1) == .milliseconds(4500))
        #expect(RetrySchedule.start.delay(afterAttempt: 1, jitter: 9) == .milliseconds(5500))
    }
}

@Suite struct UnixTimeTests {
    // Checked with GNU date.
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_795_233_906_789, "2026-11-21T04:05:06.789Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func `is written as RFC 3339`(milliseconds: Int64, text: String) {
        #expect(UnixTime(milliseconds: milliseconds).description == text)
    }

    @Test func `adds and subtracts durations`() {
        let time = UnixTime(milliseconds: 1000)
        #expect(time.advanced(by: .milliseconds(1500)).milliseconds == 2500)
        #expect(UnixTime(milliseconds: 2500).since(time) == .milliseconds(1500))
    }
}
