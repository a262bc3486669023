import Glibc

/// Reads lines from a descriptor, without their line breaks.
struct LineReader {
    private let descriptor: Int32
    private let bytesMax: Int
    private var buffer: [UInt8] = []
    /// Bytes of the buffer that are given out already.
    private var position = 0
    private var isAtEnd = false

    /// - Parameter bytesMax: Where a longer line is cut: one byte more of it is given out than this,
    ///   and the rest is dropped.
    init(descriptor: Int32, bytesMax: Int) {
        self.descriptor = descriptor
        self.bytesMax = bytesMax
    }

    /// Whether ``next()`` has a line without reading.
    var hasBufferedLine: Bool { buffer[position...].contains(0x0A) }

    /// The next line, nil at the end.
    mutating func next() -> [UInt8]? {
        var searched = position
        var line: [UInt8] = []
        var isCut = false
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                if !isCut { line = Array(buffer[position..<end].prefix(bytesMax + 1)) }
                position = end + 1
                return line
            }
            if buffer.count - position > bytesMax, !isCut {
                line = Array(buffer[position...].prefix(bytesMax + 1))
                isCut = true
            }
            if isCut { position = buffer.count }
            guard fill() else {
                guard isCut || position < buffer.count else { return nil }
                if !isCut { line = Array(buffer[position...]) }
                position = buffer.count
                return line
            }
            searched = position
        }
    }

    /// - Returns: False at the end.
    private mutating func fill() -> Bool {
        guard !isAtEnd else { return false }
        buffer.removeFirst(position)
        position = 0
        let start = buffer.count
        let chunk = 1 << 16
        buffer.append(contentsOf: repeatElement(0, count: chunk))
        var count: Int
        repeat {
            count = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + start }, chunk)
            }
        } while count < 0 && errno == EINTR
        buffer.removeLast(chunk - max(0, count))
        isAtEnd = count <= 0
        return count > 0
    }
}

/// Collects output and writes it in large pieces.
struct BufferedOutput {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// - Throws: ``Exit`` where it cannot be written.
    mutating func write(_ bytes: [UInt8]) throws(Exit) {
        buffer += bytes
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// - Throws: ``Exit`` where it cannot be written.
    mutating func flush() throws(Exit) {
        var written = 0
        while written < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                Glibc.write(
                    descriptor, bytes.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .output(count < 0 ? errno : EIO) }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
