/// Bounds on one delivery.
package enum IntakeLimits {
    /// The most starts and errors of rules, over all its events. All of them are in one commit, for
    /// which other deliveries wait, and in one answer. A delivery of one event cannot have more:
    /// ``RulesLimits/rulesMax``.
    package static let outcomesMax = 10_000
}
