package import Rules
internal import Synchronization

/// The rules in force; replaced as a whole when they are loaded anew.
package final class CurrentRules: Sendable {
    private let rules: Mutex<RuleSet>
    private let version = Atomic<Int>(0)

    package init(_ rules: RuleSet) { self.rules = Mutex(rules) }

    package func replace(with rules: RuleSet) {
        self.rules.withLock { $0 = rules }
        version.add(1, ordering: .releasing)
    }

    /// One thread's copy, brought up to date without a lock while nothing changes.
    struct View {
        private let current: CurrentRules
        private var version: Int
        private(set) var rules: RuleSet

        init(_ current: CurrentRules) {
            self.current = current
            version = current.version.load(ordering: .acquiring)
            rules = current.rules.withLock { $0 }
        }

        mutating func refresh() {
            let latest = current.version.load(ordering: .acquiring)
            guard latest != version else { return }
            version = latest
            rules = current.rules.withLock { $0 }
        }
    }

    /// The rules now.
    package var snapshot: RuleSet { rules.withLock { $0 } }
}
