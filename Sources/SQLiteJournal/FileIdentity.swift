internal import Glibc

/// Which file a path leads to, so that one that was removed or replaced is noticed: SQLite would go
/// on writing into the file that nobody can find any more.
struct FileIdentity: Equatable {
    private let device: UInt
    private let number: UInt

    /// Nil when there is nothing at the path.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
    }
}
