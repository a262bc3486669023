import Testing

/// One rule of ``JournalStore``'s contract, checked on an empty journal.
package struct ConformanceCheck: Sendable, CustomTestStringConvertible {
    /// A sentence about behaviour.
    package let testDescription: String
    private let body: @Sendable (JournalUnderTest) throws -> Void

    init(_ sentence: String, _ body: @escaping @Sendable (JournalUnderTest) throws -> Void) {
        testDescription = sentence
        self.body = body
    }

    /// Runs the check; what it finds wrong is an issue of the running test.
    package func run(_ open: @escaping StoreOpener) throws {
        try body(JournalUnderTest(open))
    }
}

/// What every ``JournalStore`` must pass, as arguments for one parameterised test.
package enum JournalConformance {
    package static let checks: [ConformanceCheck] =
        appends + sameness + queueLimit + history + claims + lanes + settlements + callbacks
        + reopening
        + randomSequences
}
