/// The characters that one place of a pattern takes.
struct ScalarSet: Sendable, Equatable {
    var ranges: [ClosedRange<UInt32>]
    /// Whether it takes all characters but these.
    var isNegated = false

    /// What `.` takes: all but the line feed.
    static let anyButLineFeed = ScalarSet(ranges: [10...10], isNegated: true)
    static let digits = ScalarSet(ranges: [48...57])

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isNegated
    }
}
