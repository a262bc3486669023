internal import Synchronization

/// The key set in force: it may come later than its source, and another one after it.
///
/// Replaced by one thread while others verify with it.
package final class CurrentKeySet: Sendable, Equatable {
    private let keySet: Mutex<KeySet>
    private let replacements = Atomic<Int>(0)

    package init(_ keySet: KeySet) { self.keySet = Mutex(keySet) }

    package var value: KeySet { keySet.withLock { $0 } }

    /// Another number after each replacement, so that no lock is needed to see that there was none.
    var version: Int { replacements.load(ordering: .acquiring) }

    package func replace(with keySet: KeySet) {
        self.keySet.withLock { $0 = keySet }
        replacements.add(1, ordering: .releasing)
    }

    package static func == (left: CurrentKeySet, right: CurrentKeySet) -> Bool {
        left === right || left.value == right.value
    }
}
