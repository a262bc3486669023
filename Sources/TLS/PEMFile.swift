import Glibc

/// A file of PEM blocks (RFC 7468), read whole. It may hold a key, so its bytes are never printed.
package struct PEMFile: Sendable, CustomStringConvertible, CustomReflectable {
    /// Where it came from, for errors.
    package let path: String
    let bytes: [UInt8]

    /// - Parameter path: A name for errors.
    /// - Throws: ``TLSError/fileTooLarge(path:limit:)``.
    package init(path: String, bytes: [UInt8]) throws(TLSError) {
        guard bytes.count <= TLSLimits.fileBytesMax else {
            throw .fileTooLarge(path: path, limit: TLSLimits.fileBytesMax)
        }
        self.path = path
        self.bytes = bytes
    }

    /// Reads a file.
    /// - Throws: ``TLSError/fileUnreadable(path:reason:)``, ``TLSError/fileTooLarge(path:limit:)``.
    package init(reading path: String) throws(TLSError) {
        // A FIFO that nobody writes to would block until somebody does.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw status.st_mode & S_IFMT == S_IFDIR
                ? .unreadable(path, EISDIR)
                : .fileUnreadable(path: path, reason: "it is not a regular file")
        }
        // One byte more than allowed tells a file that is too large.
        let room = TLSLimits.fileBytesMax + 1
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            while count < room {
                let read = Glibc.read(
                    descriptor, buffer.baseAddress.map { $0 + count }, room - count)
                if read < 0, errno == EINTR { continue }
                if read < 0 { failure = errno }
                guard read > 0 else { return }
                count += read
            }
        }
        guard failure == 0 else { throw .unreadable(path, failure) }
        // Kept for as long as the server runs, so without the room that was left.
        try self.init(path: path, bytes: Array(bytes[...]))
    }

    package var description: String { path }
    package var customMirror: Mirror { Mirror(self, children: ["path": path]) }
}

extension TLSError {
    fileprivate static func unreadable(_ path: String, _ code: Int32) -> TLSError {
        .fileUnreadable(path: path, reason: String(cString: strerror(code)))
    }
}
