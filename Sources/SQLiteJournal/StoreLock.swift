internal import Glibc
internal import Journal

/// The right to be the one process that uses a database.
///
/// An advisory lock on a file of its own, `PATH.lock`. It cannot be on the database: closing any
/// descriptor of that file would drop SQLite's own locks. The file stays when the lock goes, for
/// another process could be waiting at it.
struct StoreLock: ~Copyable {
    private let descriptor: Int32

    /// - Throws: ``JournalError/unavailable(_:)`` when another process has it, or the file cannot
    ///   be made.
    init(path: String) throws(JournalError) {
        let file = path + ".lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unavailable("\(file): \(reason(errno))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw .unavailable(
                code == EWOULDBLOCK
                    ? "\(path) is in use: another process holds the lock on \(file)"
                    : "\(file): \(reason(code))")
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

private func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
