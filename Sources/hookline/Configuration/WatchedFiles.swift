import Glibc
import Rules
import Synchronization

/// The files that a configuration is read from, to be read again when one changes.
///
/// Each is noted before it is read, so that a change meanwhile is seen afterwards, and one that is
/// missing too, so that its coming is. Looked at now and then, not by inotify(7), which tells nothing
/// of network file systems and of what a symbolic link leads to: Kubernetes puts a changed ConfigMap
/// in place by turning a link.
final class WatchedFiles: Sendable {
    /// What was found at a path: enough to tell another content from the same.
    struct Stamp: Hashable {
        let path: String
        let device: UInt
        let inode: UInt
        let size: Int
        let modifiedSeconds: Int
        let modifiedNanoseconds: Int

        /// Nil for a path with nothing behind it.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            self.path = path
            device = UInt(status.st_dev)
            inode = UInt(status.st_ino)
            size = Int(status.st_size)
            modifiedSeconds = status.st_mtim.tv_sec
            modifiedNanoseconds = status.st_mtim.tv_nsec
        }
    }

    private struct Notes {
        /// Paths of the configuration and of secrets.
        var paths: Set<String> = []
        /// Paths of rule files, which may be patterns.
        var patterns: Set<String> = []
        /// What was there when they were noted.
        var stamps: Set<Stamp> = []
        var hasRemote = false
        var missing: [String] = []
    }

    private let notes = Mutex(Notes())

    /// Notes a file that is about to be read.
    func note(_ path: String) {
        let stamp = Stamp(path)
        notes.withLock { notes in
            notes.paths.insert(path)
            if let stamp { notes.stamps.insert(stamp) }
        }
    }

    /// Notes the files that a pattern stands for, about to be read.
    func note(pattern: String) {
        let stamps = RulePaths.files(matching: pattern).compactMap { Stamp($0) }
        notes.withLock { notes in
            notes.patterns.insert(pattern)
            notes.stamps.formUnion(stamps)
        }
    }

    /// Notes that something is fetched from elsewhere, where no change can be seen.
    func noteRemote() { notes.withLock { $0.hasRemote = true } }

    /// Notes that something could not be fetched.
    /// - Parameter text: What it was, why, and what becomes of that.
    func note(missing text: String) { notes.withLock { $0.missing.append(text) } }

    /// What could not be fetched.
    var missing: [String] { notes.withLock { $0.missing } }

    /// Whether anything was noted.
    var hasAny: Bool { notes.withLock { !$0.paths.isEmpty } }

    /// Whether something was fetched, which changes without a file's changing.
    var hasRemote: Bool { notes.withLock { $0.hasRemote } }

    /// Whether a file is another one than when it was noted, is gone or has come.
    var haveChanged: Bool {
        let (paths, patterns, stamps) = notes.withLock { ($0.paths, $0.patterns, $0.stamps) }
        let all = Array(paths) + patterns.flatMap { RulePaths.files(matching: $0) }
        return Set(all.compactMap { Stamp($0) }) != stamps
    }
}
