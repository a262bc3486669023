/// Sums and differences of timestamps and durations; leaving their ranges is an error.
enum TimeArithmetic {
    /// 0001-01-01T00:00:00Z ... 9999-12-31T23:59:59Z, the range of CEL timestamps.
    static let secondsRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    static let nanosecondsPerSecond: Int64 = 1_000_000_000

    static func add(_ left: CELValue, _ right: CELValue) throws(CELError) -> CELValue {
        switch (left, right) {
        case (.duration(let left), .duration(let right)):
            let (sum, overflow) = left.addingReportingOverflow(right)
            guard !overflow else { throw .overflow(function: "+") }
            return .duration(nanoseconds: sum)
        case (.timestamp(let seconds, let nanoseconds), .duration(let duration)),
            (.duration(let duration), .timestamp(let seconds, let nanoseconds)):
            return try timestamp(
                seconds + duration / nanosecondsPerSecond,
                Int64(nanoseconds) + duration % nanosecondsPerSecond, function: "+")
        default: throw .noOverload("+", left, right)
        }
    }

    static func subtract(_ left: CELValue, _ right: CELValue) throws(CELError) -> CELValue {
        switch (left, right) {
        case (.duration(let left), .duration(let right)):
            let (difference, overflow) = left.subtractingReportingOverflow(right)
            guard !overflow else { throw .overflow(function: "-") }
            return .duration(nanoseconds: difference)
        case (.timestamp(let seconds, let nanoseconds), .duration(let duration)):
            return try timestamp(
                seconds - duration / nanosecondsPerSecond,
                Int64(nanoseconds) - duration % nanosecondsPerSecond, function: "-")
        case (
            .timestamp(let leftSeconds, let leftNanoseconds),
            .timestamp(let rightSeconds, let rightNanoseconds)
        ):
            let (product, overflow) = (leftSeconds - rightSeconds)
                .multipliedReportingOverflow(by: nanosecondsPerSecond)
            let (sum, carry) = product.addingReportingOverflow(
                Int64(leftNanoseconds) - Int64(rightNanoseconds))
            guard !overflow, !carry else { throw .overflow(function: "-") }
            return .duration(nanoseconds: sum)
        default: throw .noOverload("-", left, right)
        }
    }

    /// A timestamp with its nanoseconds, less than a second off either way, brought into range.
    private static func timestamp(
        _ seconds: Int64, _ nanoseconds: Int64, function: String
    ) throws(CELError) -> CELValue {
        var seconds = seconds
        var nanoseconds = nanoseconds
        if nanoseconds < 0 {
            seconds -= 1
            nanoseconds += nanosecondsPerSecond
        } else if nanoseconds >= nanosecondsPerSecond {
            seconds += 1
            nanoseconds -= nanosecondsPerSecond
        }
        guard secondsRange.contains(seconds) else { throw .overflow(function: function) }
        return .timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }
}
