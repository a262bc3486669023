import SageMakerClient
import Testing

@Suite struct ClientLimitsTests {
    @Test func `are what their comments and the documentation say`() {
        #expect(SageMakerClientLimits.credentialReplyBytesMax == 64 << 10)
        #expect(SageMakerClientLimits.processTime == .seconds(60))
        #expect(SageMakerClientLimits.refreshAhead == 15 * 60)
        #expect(SageMakerClientLimits.lookUpPause == 5)
        #expect(SageMakerClientLimits.clockOffsetMin == 300)
        #expect(SageMakerClientLimits.roleDuration == 3600)
        // A quarter of an hour's credentials is the whole of the time ahead.
        #expect(Int64(SageMakerClientLimits.roleDuration / 4) == SageMakerClientLimits.refreshAhead)
        #expect(StandardRetry.delayMax == .seconds(20))
        #expect(StandardRetry.retryAfterExcessMax == .seconds(5))
        #expect(RetryQuota.capacity == 500)
    }
}
