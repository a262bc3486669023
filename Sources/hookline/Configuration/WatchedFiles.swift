import Glibc
import Rules

/// Gathers the paths of files while they are read.
final class FileList {
    var paths: [String] = []
    /// Whether something was fetched from elsewhere, where no change can be seen.
    var hasRemote = false
    /// What could not be fetched, and what becomes of that.
    var missing: [String] = []
}

/// The files that a configuration was read from, to be read again when one changes.
///
/// Looked at now and then, not by inotify(7), which tells nothing of network file systems and of
/// what a symbolic link leads to: Kubernetes puts a changed ConfigMap in place by turning a link.
struct WatchedFiles {
    /// Paths of the configuration and of secrets.
    let paths: [String]
    /// Paths of rule files, which may be patterns.
    let patterns: [String]
    /// Whether keys were fetched, which change without a file's changing.
    var hasRemote = false
    /// Whether some could not be had.
    var isIncomplete = false

    /// What was found at a path: enough to tell another content from the same.
    struct Stamp: Equatable {
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

    /// The files as they are now.
    var stamps: [Stamp] {
        (paths + patterns.flatMap { RulePaths.files(matching: $0) }).compactMap { Stamp($0) }
    }
}
