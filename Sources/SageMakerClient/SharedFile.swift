internal import EventPoll
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
