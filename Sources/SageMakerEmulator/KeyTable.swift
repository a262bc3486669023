internal import SageMakerClient
internal import Synchronization

/// The access keys that are accepted: those of the options, and those that were given out since.
final class KeyTable: Sendable {
    struct Key: Sendable {
        let credentials: Credentials
        /// Whose key it is: twelve digits.
        let account: String
        /// Milliseconds since 1970; nil for a key that stays.
        let expiresAt: Int64?

        func hasExpired(at now: Int64) -> Bool { expiresAt.map { $0 <= now } ?? false }
    }

    private let permanent = Mutex<[String: Key]>([:])
    private let temporary = Mutex(
        BoundedTable<String, Key>(countMax: EmulatorLimits.temporaryKeysMax))

    subscript(id: String) -> Key? {
        permanent.withLock { $0[id] } ?? temporary.withLock { $0[id] }
    }

    func insert(_ key: Key) {
        let id = key.credentials.accessKeyID
        if key.expiresAt == nil {
            permanent.withLock { $0[id] = key }
        } else {
            temporary.withLock { $0.set(key, for: id) }
        }
    }
}
