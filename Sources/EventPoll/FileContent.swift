internal import Glibc

/// Why a file's content cannot be had.
package enum FileError: Error, Equatable, CustomStringConvertible {
    /// There is nothing at the path.
    case missing
    /// The system's reason.
    case system(errno: Int32)
    /// Neither a regular file nor a pipe that may be read; `kind` reads like `a FIFO`.
    case notRegular(kind: String)
    case tooLong(limitBytes: Int)

    package var description: String {
        switch self {
        case .missing: String(cString: strerror(ENOENT))
        case .system(let code): String(cString: strerror(code))
        case .notRegular(let kind): "it is \(kind); expected a regular file"
        case .tooLong(let limit): "it is longer than \(limit) bytes"
        }
    }
}

/// Which files ``fileContent(_:bytesMax:from:)`` reads.
package enum FileOrigin: Sendable {
    /// Regular files, and `/dev/null` as an empty one: whatever else may block for ever, and is no
    /// file that could be read again.
    case regular
    /// Also what the process was given open, as `/dev/stdin` or a shell's `<(…)`: for files that a
    /// person names for one command.
    case regularOrInherited
}

/// The content of a file.
///
/// Never waits for another process, unless that one was asked for as an inherited pipe: a FIFO with
/// nobody at its other end would hold the reader for ever.
/// - Parameter bytesMax: A longer file is refused.
package func fileContent(
    _ path: String, bytesMax: Int, from origin: FileOrigin = .regular
) throws(FileError) -> [UInt8] {
    // One byte more than is allowed shows that there is more.
    let content = try fileStart(path, bytesMax: bytesMax + 1, from: origin)
    guard content.count <= bytesMax else { throw .tooLong(limitBytes: bytesMax) }
    return content
}

/// The first bytes of a file, as ``fileContent(_:bytesMax:from:)`` reads it.
/// - Parameter bytesMax: Where a longer file is cut.
package func fileStart(
    _ path: String, bytesMax: Int, from origin: FileOrigin = .regular
) throws(FileError) -> [UInt8] {
    let descriptor = try openFile(path, from: origin)
    var content: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: min(bytesMax, 64 << 10))
    while content.count < bytesMax {
        let count = piece.withUnsafeMutableBytes {
            read(descriptor.raw, $0.baseAddress, $0.count)
        }
        if count < 0 {
            let code = errno
            if code == EINTR { continue }
            throw .system(errno: code)
        }
        if count == 0 { break }
        content.append(contentsOf: piece[..<min(count, bytesMax - content.count)])
    }
    return content
}

private func openFile(_ path: String, from origin: FileOrigin) throws(FileError) -> Descriptor {
    let raw = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard raw >= 0 else {
        let code = errno
        throw code == ENOENT || code == ENOTDIR ? .missing : .system(errno: code)
    }
    let descriptor = Descriptor(owning: raw)
    var status = stat()
    guard fstat(raw, &status) == 0 else { throw .system(errno: errno) }
    guard let kind = kindThatIsNoFile(status) else { return descriptor }
    guard origin == .regularOrInherited, isInherited(path) else {
        if status.st_mode & S_IFMT == S_IFDIR { throw .system(errno: EISDIR) }
        throw .notRegular(kind: kind)
    }
    // Its writer may still be at work.
    let flags = fcntl(raw, F_GETFL)
    guard flags >= 0, fcntl(raw, F_SETFL, flags & ~O_NONBLOCK) == 0 else {
        throw .system(errno: errno)
    }
    return descriptor
}

/// What is opened is no file, in words; nil for a regular file and the null device.
private func kindThatIsNoFile(_ status: stat) -> String? {
    // The null device is 1:3 on every Linux; files are turned off with it.
    let nullDevice: dev_t = 0x103
    return switch status.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a FIFO"
    case S_IFSOCK: "a socket"
    case S_IFCHR where status.st_rdev == nullDevice: nil
    default: "a device"
    }
}

/// Whether a path names a descriptor that the process has.
private func isInherited(_ path: String) -> Bool {
    path == "/dev/stdin" || path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/")
}
