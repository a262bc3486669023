import COpenSSL
import Synchronization

/// The keys that seal session tickets (RFC 5077 §4), for all loops of a process.
///
/// One value outlives every reload of certificates, so that sessions stay resumable. The newest key
/// seals; the one before it still opens, so that a ticket is good for its whole lifetime, and the
/// client gets a new one. Older keys are gone, and with them what their tickets could open.
package final class TicketKeys: Sendable {
    /// One key with its name, as RFC 5077 §4 recommends them.
    struct Key: Sendable {
        static let nameBytes = 16
        let name = randomBytes(nameBytes)
        /// For AES-256-CBC.
        let cipherKey = randomBytes(32)
        /// For HMAC-SHA-256.
        let macKey = randomBytes(32)
    }

    private struct State {
        var current: Key
        var previous: Key?
        var currentSince: Duration
    }

    private let state: Mutex<State>

    /// - Parameter now: The monotonic clock's reading, as ``rotateIfDue(at:)`` will get it.
    package init(at now: Duration) {
        state = Mutex(State(current: Key(), previous: nil, currentSince: now))
    }

    /// Begins a new key when the current one has sealed for ``TLSLimits/ticketLifetime``.
    ///
    /// Any thread may call it, as often as it likes.
    /// - Parameter now: The monotonic clock's reading.
    /// - Returns: Whether there is a new key.
    @discardableResult
    package func rotateIfDue(at now: Duration) -> Bool {
        guard isDue(at: now) else { return false }
        let next = Key()
        return state.withLock { state in
            // Another loop may have been quicker.
            guard now - state.currentSince >= TLSLimits.ticketLifetime else { return false }
            // After a long sleep the old key is too old to open anything.
            let isRecent = now - state.currentSince < TLSLimits.ticketLifetime * 2
            state.previous = isRecent ? state.current : nil
            state.current = next
            state.currentSince = now
            return true
        }
    }

    private func isDue(at now: Duration) -> Bool {
        state.withLock { now - $0.currentSince >= TLSLimits.ticketLifetime }
    }

    var current: Key { state.withLock { $0.current } }

    /// The key of a ticket, and whether a newer one should seal it anew.
    func key(named name: UnsafeRawBufferPointer) -> (key: Key, isOld: Bool)? {
        state.withLock { state in
            // Names are public, so they are compared like any bytes.
            if state.current.name.elementsEqual(name) { return (state.current, false) }
            guard let previous = state.previous, previous.name.elementsEqual(name) else {
                return nil
            }
            return (previous, true)
        }
    }
}

private func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { output, filled in
        // Without randomness there is no TLS at all.
        precondition(RAND_priv_bytes(output.baseAddress, Int32(count)) == 1, "no random bytes")
        filled = count
    }
}
