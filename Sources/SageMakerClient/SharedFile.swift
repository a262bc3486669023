internal import Glibc

/// Reads a file of the shared configuration: its bytes, or nil where there is none.
package typealias SharedFileReader =
    @Sendable (_ path: String) throws(SageMakerClientError) -> [UInt8]?

/// Reads a file, at most ``SageMakerClientLimits/fileBytesMax`` and one byte of it.
///
/// Blocks; meant for start-up and reloads.
/// - Returns: Nil for a file that does not exist.
/// - Throws: ``SageMakerClientError/unreadableFile(path:reason:)``.
package func readSharedFile(_ path: String) throws(SageMakerClientError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        let code = errno
        if code == ENOENT || code == ENOTDIR { return nil }
        throw .unreadableFile(path: path, reason: String(cString: strerror(code)))
    }
    defer { close(descriptor) }
    // One byte more than is allowed shows that there is more.
    var bytes = [UInt8](repeating: 0, count: SageMakerClientLimits.fileBytesMax + 1)
    var filled = 0
    while filled < bytes.count {
        let count = bytes.withUnsafeMutableBytes {
            read(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled)
        }
        if count == 0 { break }
        guard count > 0 else {
            let code = errno
            if code == EINTR { continue }
            throw .unreadableFile(path: path, reason: String(cString: strerror(code)))
        }
        filled += count
    }
    return Array(bytes[..<filled])
}
