/// Decodes the chunked transfer coding (RFC 9112 §7.1).
///
/// Extensions and trailer fields are checked and dropped: RFC 9110 §6.5.1 lets no recipient act on
/// a trailer field that it does not know, and Hookline knows none.
struct ChunkedDecoder {
    enum Part {
        case needBytes
        case content(Range<Int>)
        case end
    }

    private enum Phase {
        case sizeLine
        case content(remaining: Int)
        case contentEnd
        case trailers(received: Int)
    }

    private let trailerBytesMax: Int
    private var phase: Phase = .sizeLine
    /// The bytes of chunk lines so far that the content does not explain.
    private var excessBytes = 0
    private var declared = 0
    /// The most content in all; a chunk that would exceed it is refused by its size alone.
    var contentBytesMax = Int.max

    init(trailerBytesMax: Int) { self.trailerBytesMax = trailerBytesMax }

    /// Takes the next part, and how many bytes it consumed from the front.
    mutating func next(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTP1Error) -> (Part, consumed: Int) {
        switch phase {
        case .sizeLine: try receiveSizeLine(bytes)
        case .content(let remaining): receiveContent(bytes, remaining)
        case .contentEnd: try receiveContentEnd(bytes)
        case .trailers(let received): try receiveTrailer(bytes, received: received)
        }
    }

    private mutating func receiveSizeLine(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTP1Error) -> (Part, consumed: Int) {
        let limit = HTTP1Limits.chunkLineBytesMax
        guard let line = try completeLine(bytes, max: limit, or: .chunkLineTooLong(limit: limit))
        else { return (.needBytes, 0) }
        let size = try chunkSize(line)
        let explained = HTTP1Limits.chunkLineBytesAllowed + min(size, HTTP1Limits.chunkLineBytesMax)
        excessBytes = max(0, excessBytes + line.count + 2 - explained)
        let excessMax = HTTP1Limits.chunkExcessBytesMax
        guard excessBytes <= excessMax else { throw .chunkLinesTooLarge(limit: excessMax) }
        guard size <= contentBytesMax - declared else {
            throw .contentTooLarge(limit: contentBytesMax)
        }
        declared += size
        phase = size == 0 ? .trailers(received: 0) : .content(remaining: size)
        return (.content(0..<0), line.count + 2)
    }

    private mutating func receiveContent(
        _ bytes: UnsafeRawBufferPointer, _ remaining: Int
    ) -> (Part, consumed: Int) {
        guard !bytes.isEmpty else { return (.needBytes, 0) }
        let count = min(bytes.count, remaining)
        phase = count == remaining ? .contentEnd : .content(remaining: remaining - count)
        return (.content(0..<count), count)
    }

    private mutating func receiveContentEnd(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTP1Error) -> (Part, consumed: Int) {
        if let first = bytes.first, first != .carriageReturn { throw .chunkInvalid }
        guard bytes.count >= 2 else { return (.needBytes, 0) }
        guard bytes[1] == .lineFeed else { throw .chunkInvalid }
        phase = .sizeLine
        return (.content(0..<0), 2)
    }

    private mutating func receiveTrailer(
        _ bytes: UnsafeRawBufferPointer, received: Int
    ) throws(HTTP1Error) -> (Part, consumed: Int) {
        let tooLarge = HTTP1Error.trailerSectionTooLarge(limit: trailerBytesMax)
        guard let line = try completeLine(bytes, max: trailerBytesMax - received, or: tooLarge)
        else { return (.needBytes, 0) }
        guard !line.isEmpty else { return (.end, 2) }
        let total = received + line.count + 2
        guard total <= trailerBytesMax else { throw tooLarge }
        _ = try HeadReader.fieldLine(line, offset: 0)
        phase = .trailers(received: total)
        return (.content(0..<0), line.count + 2)
    }

    /// The bytes of the first line without its CR LF, or nil while it is not whole.
    /// - Parameters:
    ///   - max: The most bytes in front of the CR LF.
    ///   - tooLong: Thrown for more, as if the bytes came one by one, so that a split changes no
    ///     answer.
    private func completeLine(
        _ bytes: UnsafeRawBufferPointer, max: Int, or tooLong: HTTP1Error
    ) throws(HTTP1Error) -> UnsafeRawBufferPointer? {
        let lineFeed = bytes.firstIndex(of: .lineFeed, from: 0)
        // The last byte may be the line's CR.
        guard lineFeed ?? bytes.count <= max + 1 else { throw tooLong }
        guard let lineFeed else { return nil }
        guard lineFeed > 0, bytes[lineFeed - 1] == .carriageReturn else { throw .bareLineFeed }
        return UnsafeRawBufferPointer(rebasing: bytes[..<(lineFeed - 1)])
    }

    /// chunk-size, with a chunk-ext that is checked and ignored (RFC 9112 §7.1).
    private func chunkSize(_ line: UnsafeRawBufferPointer) throws(HTTP1Error) -> Int {
        var size = 0
        var digits = 0
        for byte in line {
            guard let value = byte.hexDigitValue else { break }
            digits += 1
            // 15 digits stay below 2^60; no limit on content is near.
            guard digits <= 15 else { throw .chunkInvalid }
            size = size << 4 | value
        }
        guard digits > 0 else { throw .chunkInvalid }
        guard ChunkExtensions.isValid(line[digits...]) else { throw .chunkInvalid }
        return size
    }
}
