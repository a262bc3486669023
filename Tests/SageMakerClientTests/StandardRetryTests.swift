import SageMakerAPI
import SageMakerClient
import Testing

@Suite struct StandardRetryTests {
    @Test func `waits begin at 50 ms and 1 s and double up to 20 s`() {
        func longest(_ requests: Int, _ kind: StandardRetry.Kind) -> Duration {
            StandardRetry.delay(afterRequest: requests, kind, retryAfter: nil, random: 1)
        }
        #expect(longest(1, .transient) == .milliseconds(50))
        #expect(longest(2, .transient) == .milliseconds(100))
        #expect(longest(1, .throttling) == .seconds(1))
        #expect(longest(2, .throttling) == .seconds(2))
        #expect(longest(5, .throttling) == .seconds(16))
        #expect(longest(6, .throttling) == .seconds(20))
        #expect(longest(1000, .transient) == .seconds(20))
        #expect(
            StandardRetry.delay(afterRequest: 2, .throttling, retryAfter: nil, random: 0.25)
                == .milliseconds(500))
        #expect(StandardRetry.requestsMax == 3)
    }

    @Test func `the service's own wait lengthens ours by five seconds at most`() {
        func delay(_ retryAfter: Duration) -> Duration {
            StandardRetry.delay(
                afterRequest: 1, .throttling, retryAfter: retryAfter, random: 0.5)
        }
        #expect(delay(.milliseconds(100)) == .milliseconds(500))
        #expect(delay(.milliseconds(1500)) == .milliseconds(1500))
        #expect(delay(.milliseconds(5500)) == .milliseconds(5500))
        #expect(delay(.milliseconds(5501)) == .milliseconds(5500))
    }

    @Test func `what needs longer than an attempt is not repeated at once`() {
        for retry in StartReply.Retry.allCases {
            let expected: StandardRetry.Kind? =
                switch retry {
                case .throttling: .throttling
                case .service, .unusableReply, .connection, .clock: .transient
                case .resourceLimit, .credentials: nil
                }
            #expect(StandardRetry.kind(of: retry) == expected)
        }
    }

    @Test func `the quota has 500, pays 14 or 5 a retry and gets the last cost back`() {
        var quota = RetryQuota()
        #expect(quota.available == 500)
        #expect(StandardRetry.Kind.transient.cost == 14)
        #expect(StandardRetry.Kind.throttling.cost == 5)
        let paid = (0..<35).map { _ in quota.spend(14) }
        #expect(paid.allSatisfy { $0 })
        #expect(quota.available == 10)
        let further = [quota.spend(14), quota.spend(5)]
        #expect(further == [false, true])
        quota.restore(14)
        #expect(quota.available == 19)
        quota.restore(nil)
        #expect(quota.available == 20)
        for _ in 0..<100 { quota.restore(14) }
        #expect(quota.available == 500)
    }
}
