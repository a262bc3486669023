internal import Synchronization

/// A number that only grows. Any thread may add to it.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}
    package func increment(by number: Int = 1) { count.add(number, ordering: .relaxed) }
    package var value: Int { count.load(ordering: .relaxed) }
}

/// Counters of one name that differ in their labels' values.
package final class CounterFamily: Sendable {
    package let name: String
    package let help: String
    package let labels: [String]
    private let counters = Mutex<[[String]: Counter]>([:])

    /// - Parameter name: As Prometheus has it, ending in `_total`.
    package init(name: String, help: String, labels: [String]) {
        self.name = name
        self.help = help
        self.labels = labels
    }

    /// The counter of these label values, made when it is first asked for.
    ///
    /// It takes a lock: ask once and keep the counter where speed counts.
    package func counter(_ values: String...) -> Counter {
        precondition(values.count == labels.count, "\(name) has \(labels.count) labels")
        return counters.withLock { counters in
            if let counter = counters[values] { return counter }
            let counter = Counter()
            counters[values] = counter
            return counter
        }
    }

    /// Every counter with its label values, in a fixed order.
    var all: [(values: [String], count: Int)] {
        counters.withLock { $0.map { ($0.key, $0.value.value) } }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
    }
}

/// How many observations fell below each of a set of bounds. Any thread may observe.
package final class Histogram: Sendable {
    package let name: String
    package let help: String
    /// The buckets' upper bounds in seconds, ascending.
    package let bounds: [Double]
    private let counts: [Counter]
    private let nanoseconds = Counter()

    /// From half a millisecond to ten seconds, which covers an answer's time from a good one to a
    /// sender's last patience.
    package static let latencyBounds = [
        0.000_5, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    package init(name: String, help: String, bounds: [Double] = latencyBounds) {
        self.name = name
        self.help = help
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in Counter() }
    }

    /// Counts one observation.
    package func observe(nanoseconds duration: Int64) {
        let seconds = Double(duration) / 1e9
        var bucket = 0
        while bucket < bounds.count, seconds > bounds[bucket] { bucket += 1 }
        counts[bucket].increment()
        nanoseconds.increment(by: Int(duration))
    }

    var snapshot: (counts: [Int], sumSeconds: Double) {
        (counts.map(\.value), Double(nanoseconds.value) / 1e9)
    }
}
