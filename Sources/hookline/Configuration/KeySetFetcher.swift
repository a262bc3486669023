import EventPoll
import HTTPClient
import Synchronization

/// Fetches key sets on a thread of its own, all at the same time: each at once, then every hour, and
/// every minute while it cannot be had.
final class KeySetFetcher {
    private let shared: Shared
    private let thread: OwnedThread

    /// - Parameters:
    ///   - timeout: The longest time for one answer.
    ///   - tell: Called on the fetcher's thread.
    init(
        _ keySets: [RemoteKeySet], timeout: Duration,
        tell: @escaping @Sendable (RemoteKeySet.News) -> Void = { _ in }
    ) throws {
        let shared = try Shared(keySets)
        self.shared = shared
        // Opened here, for a thread that lacked it could tell nobody.
        let handed = try HandedPoll()
        try handed.poll.add(shared.changedKey, .read)
        thread = try OwnedThread(name: "keys") {
            shared.run(handed.poll, timeout: timeout, tell: tell)
        }
    }

    /// Goes on with other key sets; those that are new are fetched at once.
    /// - Parameter anew: Whether the others are, too.
    func adopt(_ keySets: [RemoteKeySet], anew: Bool) {
        let earlier = shared.state.withLock { $0.keySets }
        for keySet in keySets where anew || !earlier.contains(where: { $0 === keySet }) {
            keySet.expire()
        }
        shared.state.withLock { $0.keySets = keySets }
        shared.changed.signal()
    }

    /// Waits until all that could be had is there, but not for longer than this.
    func settle(within milliseconds: Int32) {
        guard shared.state.withLock({ !$0.keySets.isEmpty }) else { return }
        _ = shared.settled.wait(milliseconds: milliseconds)
    }

    /// Ends the thread, with whatever is under way.
    func stop() {
        shared.state.withLock { $0.isStopping = true }
        shared.changed.signal()
        // It may be within the resolver, which nothing interrupts; then it ends with the process.
        if shared.ended.wait(milliseconds: 300) { thread.join() }
    }
}

private final class Shared: Sendable {
    struct State {
        var keySets: [RemoteKeySet]
        var isStopping = false
    }

    let state: Mutex<State>
    /// The state is another one.
    let changed: Wakeup
    /// Nothing is under way any more.
    let settled: Wakeup
    let ended: Wakeup

    init(_ keySets: [RemoteKeySet]) throws {
        state = Mutex(State(keySets: keySets))
        changed = try Wakeup()
        settled = try Wakeup()
        ended = try Wakeup()
    }

    /// Generation 0 is none of the client's sockets.
    var changedKey: PollKey { PollKey(descriptor: changed.descriptor, generation: 0) }

    func run(_ poll: Poll, timeout: Duration, tell: (RemoteKeySet.News) -> Void) {
        fetch(poll, timeout: timeout, tell: tell)
        ended.signal()
    }

    private func fetch(_ poll: Poll, timeout: Duration, tell: (RemoteKeySet.News) -> Void) {
        let limits = ClientLimits()
        let client = Client(poll: poll, limits: limits, userAgent: "hookline/\(version)")
        let changedKey = changedKey
        var underway: [UInt64: RemoteKeySet] = [:]
        var lastID: UInt64 = 0
        while true {
            let (keySets, isStopping) = state.withLock { ($0.keySets, $0.isStopping) }
            if isStopping { return }
            let now = MonotonicTime.now()
            for keySet in keySets
            where client.activeCount < limits.connectionsMax && keySet.isDue(at: now) {
                lastID += 1
                underway[lastID] = keySet
                client.start(keySet.begin(id: lastID, timeout: timeout))
            }
            let wasUnderway = !underway.isEmpty
            for (id, result) in client.takeFinished() {
                guard let keySet = underway.removeValue(forKey: id) else { continue }
                if let news = keySet.take(result, at: .now()) { tell(news) }
            }
            if wasUnderway, underway.isEmpty { settled.signal() }
            let next = (keySets.map(\.restsUntil) + [client.nextTimeout]).compactMap { $0 }.min()
            poll.wait(milliseconds: pause(before: next)) { event in
                if event.key == changedKey { changed.drain() } else { client.handle(event) }
            }
            client.handleTimeout(at: .now())
        }
    }

    /// Whole milliseconds, rounded up so that the moment has come when the wait is over.
    private func pause(before moment: MonotonicTime?) -> Int32 {
        guard let moment else { return -1 }
        return Int32(clamping: (max(0, moment.since(.now())) + 999_999) / 1_000_000)
    }
}

extension LoadedConfiguration {
    /// Fetches the keys that the sources need, for a command that goes on without those that do not
    /// come within two seconds.
    /// - Returns: A warning for each that did not.
    func fetchKeys() throws -> [String] {
        guard !keySets.isEmpty else { return [] }
        let fetcher = try KeySetFetcher(keySets, timeout: .milliseconds(1500))
        fetcher.settle(within: 1600)
        fetcher.stop()
        return keySets.compactMap(\.problem)
    }
}
