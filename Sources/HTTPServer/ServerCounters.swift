internal import EventPoll
internal import Synchronization

/// What a server has to tell an operator.
package enum ServerNotice: Sendable, Equatable {
    /// Nothing is accepted until a descriptor is free. Told once for each time of trouble.
    case outOfDescriptors
    case acceptsAgain
    /// The limit on connections is reached: idle ones are closed for new ones.
    case connectionsFull
}

/// What a server's loops count and bound together.
final class ServerCounters: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let evicted = Atomic<Int>(0)
    let acceptPauses = Atomic<Int>(0)
    let handshakeFailures = Atomic<Int>(0)
    let timeouts = Atomic<Int>(0)
    let unanswered = Atomic<Int>(0)
    /// The moment, in nanoseconds, until which no loop asks the others for an idle connection to close:
    /// none had one a moment ago.
    let loopsRestUntil = Atomic<Int64>(.min)
    /// Content that is being received, in bytes.
    let heldContentBytes = Atomic<Int>(0)
    /// During a drain: connections on which something is under way.
    let busyWhileDraining = Atomic<Int>(0)
    /// Loops that have not counted theirs into ``busyWhileDraining`` yet.
    let loopsToDrain: Atomic<Int>
    let byAddress = AddressCounts()
    private let notify: @Sendable (ServerNotice) -> Void
    private let troubles = Mutex<[ServerNotice: MonotonicTime]>([:])

    /// How long a trouble must not have come back before it is news again.
    private static let quietTime = Duration.seconds(10)

    init(loops: Int, notify: @escaping @Sendable (ServerNotice) -> Void) {
        loopsToDrain = Atomic(loops)
        self.notify = notify
    }

    /// Tells of a trouble unless it has been told a short while ago.
    func report(_ trouble: ServerNotice, at now: MonotonicTime) {
        let last = troubles.withLock { $0.updateValue(now, forKey: trouble) }
        guard last.map({ now.since($0) >= Self.quietTime.nanoseconds }) ?? true else { return }
        notify(trouble)
    }

    /// Tells that a trouble is over, once, when it has not come back for a while.
    func endIfQuiet(_ trouble: ServerNotice, with news: ServerNotice, at now: MonotonicTime) {
        let isOver = troubles.withLock { troubles in
            guard let last = troubles[trouble], now.since(last) >= Self.quietTime.nanoseconds
            else { return false }
            troubles[trouble] = nil
            return true
        }
        if isOver { notify(news) }
    }
}

/// How many connections each address has.
final class AddressCounts: Sendable {
    private let counts = Mutex<[IPAddress: Int]>([:])

    /// Counts one more.
    /// - Returns: False, without counting it, when the address has as many as it may.
    func add(_ address: IPAddress, max: Int) -> Bool {
        counts.withLock { counts in
            let count = counts[address.counted, default: 0]
            guard count < max else { return false }
            counts[address.counted] = count + 1
            return true
        }
    }

    func remove(_ address: IPAddress) {
        counts.withLock { counts in
            guard let count = counts[address.counted] else { return }
            counts[address.counted] = count > 1 ? count - 1 : nil
        }
    }
}

extension IPAddress {
    /// The address as it is counted: a site has a whole IPv6 network of 64 bits (RFC 6177).
    fileprivate var counted: IPAddress {
        switch self {
        case .v4: self
        case .v6(let bits): .v6((bits >> 64) << 64)
        }
    }
}
