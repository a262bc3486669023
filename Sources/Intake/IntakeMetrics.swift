package import Metrics

/// What intake counts.
package final class IntakeMetrics: Sendable {
    package let deliveries = CounterFamily(
        name: "hookline_deliveries_total",
        help: "Webhook requests by source and what became of them.",
        labels: ["source", "outcome"])
    package let ruleErrors = CounterFamily(
        name: "hookline_rule_errors_total",
        help: "Rules that matched and could not be rendered.", labels: ["rule"])
    package let verified = CounterFamily(
        name: "hookline_verified_total",
        help: "Webhook requests whose signature or token matched, by the secret's position.",
        labels: ["source", "secret"])
    package let unverified = CounterFamily(
        name: "hookline_unverified_total",
        help: "Webhook requests that were refused, by what was wrong with their proof.",
        labels: ["source", "reason"])
    package let starts: CounterFamily
    package let seconds = Histogram(
        name: "hookline_intake_seconds",
        help: "From a whole webhook request to its answer.")

    /// - Parameter starts: `hookline_starts_total{rule,state}`, shared with dispatch.
    package init(starts: CounterFamily) { self.starts = starts }

    /// What became of a webhook request.
    enum Outcome: String, CaseIterable {
        /// At least one start is new.
        case started
        /// It had starts and nothing new was started.
        case duplicate
        /// No rule matched.
        case ignored
        /// A rule matched and could not be rendered, and nothing was started.
        case failed
        /// The signature or token was not the sender's.
        case unverified
        /// The payload could not be read.
        case unparsable
        /// It asked for more starts than ``IntakeLimits/startsPerDeliveryMax``.
        case oversized
        /// The queue was full or the store could not commit.
        case unavailable
    }

    func counters(source: String) -> [Outcome: Counter] {
        Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                ($0, deliveries.counter(source, $0.rawValue))
            })
    }
}
