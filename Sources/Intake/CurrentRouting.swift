package import Rules
internal import Synchronization

/// What decides about a request: its source and the rules.
package struct Routing: Sendable {
    package let sources: [Source]
    package let rules: RuleSet
    /// Where a start goes whose rule and pipeline name no region.
    package let defaultRegion: String?
    /// What the log has been told of these sources and rules.
    let told = ToldOnce()

    package init(sources: [Source], rules: RuleSet, defaultRegion: String?) {
        self.sources = sources
        self.rules = rules
        self.defaultRegion = defaultRegion
    }
}

/// What is worth one line of the log, and not one a request.
final class ToldOnce: Sendable {
    private let names = Mutex<Set<String>>([])

    /// - Returns: Whether it is news.
    func insert(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
}

extension Routing {
    /// The same with the counters of another one where a source has the same rate limit: whoever is
    /// refused must not get through because a file has changed.
    func countingOn(from earlier: Routing) -> Routing {
        let limits = Dictionary(
            earlier.sources.map { ($0.name, $0.access.rateLimit) }, uniquingKeysWith: { $1 })
        let sources = sources.map { source in
            guard let limit = source.access.rateLimit, let known = limits[source.name] ?? nil,
                known.requests == limit.requests, known.period == limit.period
            else { return source }
            var source = source
            source.access.rateLimit = known
            return source
        }
        return Routing(sources: sources, rules: rules, defaultRegion: defaultRegion)
    }
}

/// The routing in force; replaced as a whole when it is loaded anew.
package final class CurrentRouting: Sendable {
    private let routing: Mutex<Routing>
    private let version = Atomic<Int>(0)

    package init(_ routing: Routing) { self.routing = Mutex(routing) }

    package func replace(with routing: Routing) {
        self.routing.withLock { current in
            current = routing.countingOn(from: current)
        }
        version.add(1, ordering: .releasing)
    }

    /// One thread's copy, brought up to date without a lock while nothing changes.
    struct View {
        private let current: CurrentRouting
        private var version: Int
        private(set) var routing: Routing

        init(_ current: CurrentRouting) {
            self.current = current
            version = current.version.load(ordering: .acquiring)
            routing = current.routing.withLock { $0 }
        }

        /// - Returns: Whether there is another one than before.
        mutating func refresh() -> Bool {
            let latest = current.version.load(ordering: .acquiring)
            guard latest != version else { return false }
            version = latest
            routing = current.routing.withLock { $0 }
            return true
        }
    }
}
