internal import EventPoll
internal import Glibc

/// Reads a file of the shared configuration: its bytes, or nil where there is none.
package typealias SharedFileReader =
    @Sendable (_ path: String) throws(SageMakerClientError) -> [UInt8]?

/// Puts a file in the place of the one that a path names.
package typealias SharedFileWriter =
    @Sendable (_ path: String, _ content: [UInt8]) throws(SageMakerClientError) -> Void

/// Replaces a file with one that only its owner may read, all at once: whoever reads it meanwhile has
/// the old content or the new.
/// - Throws: ``SageMakerClientError/unwritableFile(path:reason:)``.
package func replaceSharedFile(_ path: String, _ content: [UInt8]) throws(SageMakerClientError) {
    let fresh = "\(path).\(getpid())"
    let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw unwritable(path, errno) }
    var code: Int32 = 0
    var written = 0
    while code == 0, written < content.count {
        let count = content[written...].withUnsafeBytes {
            write(descriptor, $0.baseAddress, $0.count)
        }
        if count > 0 { written += count } else if errno != EINTR { code = errno }
    }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, rename(fresh, path) != 0 { code = errno }
    guard code != 0 else { return }
    unlink(fresh)
    throw unwritable(path, code)
}

private func unwritable(_ path: String, _ code: Int32) -> SageMakerClientError {
    .unwritableFile(path: path, reason: String(cString: strerror(code)))
}

/// Reads a file, at most ``SageMakerClientLimits/fileBytesMax`` and one byte of it.
///
/// Blocks; meant for start-up and reloads.
/// - Returns: Nil for a file that does not exist.
/// - Throws: ``SageMakerClientError/unreadableFile(path:reason:)``.
package func readSharedFile(_ path: String) throws(SageMakerClientError) -> [UInt8]? {
    do throws(FileError) {
        // One byte more than is allowed shows that there is more.
        return try fileStart(path, bytesMax: SageMakerClientLimits.fileBytesMax + 1)
    } catch {
        switch error {
        case .missing: return nil
        case .system, .notRegular, .tooLong:
            throw .unreadableFile(path: path, reason: error.description)
        }
    }
}
