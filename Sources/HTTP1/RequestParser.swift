internal import Glibc

/// Reads HTTP/1.1 requests from bytes, without any I/O.
///
/// The caller passes the bytes it has, takes the step, drops what was consumed and asks again until
/// the step is ``Step/needBytes``. The same input gives the same steps however it is split.
package struct RequestParser {
    /// What the bytes came to.
    package enum Step {
        /// More bytes are needed; those not consumed must be passed again, with more behind them.
        case needBytes
        /// A whole head; its content, if any, follows.
        case head(RequestHead)
        /// A piece of content: this range of the bytes passed.
        case content(Range<Int>)
        /// The end of the request.
        case end
    }

    private struct HeadProgress {
        /// Lines up to here are known to end in CR LF.
        var scanned = 0
        /// Behind the request line, once that is whole.
        var fieldsStart: Int?
        var skippedEmptyLine = false

        var isBeforeFirstByte: Bool { scanned == 0 && fieldsStart == nil }
    }

    private enum Phase {
        case head(HeadProgress)
        case content(remaining: Int)
        case chunked(ChunkedDecoder)
        case ended
    }

    private let limits: HTTP1Limits
    private var phase: Phase = .head(HeadProgress())

    package init(limits: HTTP1Limits = HTTP1Limits()) { self.limits = limits }

    /// Refuses a chunked content that declares more than this, before it is read. To be said when
    /// the head has been admitted; a declared length is known from the head itself.
    package mutating func limitContent(toBytes max: Int) {
        guard case .chunked(var decoder) = phase else { return }
        decoder.contentBytesMax = max
        phase = .chunked(decoder)
    }

    /// Takes the next step.
    /// - Returns: The step and how many of the bytes it consumed, from their front.
    /// - Throws: ``HTTP1Error``; the connection cannot be used for another request then.
    package mutating func next(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTP1Error) -> (step: Step, consumed: Int) {
        switch phase {
        case .head(let progress):
            return try receiveHead(bytes, progress)
        case .content(let remaining):
            return receiveContent(bytes, remaining: remaining)
        case .chunked(let decoder):
            return try receiveChunks(bytes, decoder)
        case .ended:
            phase = .head(HeadProgress())
            return (.end, 0)
        }
    }

    private mutating func receiveHead(
        _ bytes: UnsafeRawBufferPointer, _ progress: HeadProgress
    ) throws(HTTP1Error) -> (step: Step, consumed: Int) {
        var progress = progress
        if progress.isBeforeFirstByte, let first = bytes.first, !first.belongs(to: .token) {
            return try skipEmptyLine(bytes, progress)
        }
        while let lineFeed = bytes.firstIndex(of: .lineFeed, from: progress.scanned) {
            // Checked as if the bytes came one by one, so that a split changes no answer.
            try checkLimits(bytes, length: lineFeed, progress)
            guard lineFeed > progress.scanned, bytes[lineFeed - 1] == .carriageReturn else {
                throw .bareLineFeed
            }
            let isEmpty = lineFeed - 1 == progress.scanned
            progress.scanned = lineFeed + 1
            guard progress.fieldsStart != nil else {
                progress.fieldsStart = progress.scanned
                continue
            }
            guard isEmpty else { continue }
            let head = try HeadReader.read(
                UnsafeRawBufferPointer(rebasing: bytes[..<(lineFeed - 1)]), limits: limits)
            phase = phaseAfter(head)
            return (.head(head), progress.scanned)
        }
        try checkLimits(bytes, length: bytes.count, progress)
        phase = .head(progress)
        return (.needBytes, 0)
    }

    /// RFC 9112 §2.2: an empty line before the request line is ignored; Hookline ignores one.
    ///
    /// Anything else that cannot begin a method, a TLS handshake for one, is refused at once and
    /// not at a time-out.
    private mutating func skipEmptyLine(
        _ bytes: UnsafeRawBufferPointer, _ progress: HeadProgress
    ) throws(HTTP1Error) -> (step: Step, consumed: Int) {
        guard bytes[0] != .lineFeed else { throw .bareLineFeed }
        guard bytes[0] == .carriageReturn, !progress.skippedEmptyLine else {
            throw .requestLineMalformed
        }
        guard bytes.count >= 2 else { return (.needBytes, 0) }
        guard bytes[1] == .lineFeed else { throw .bareCarriageReturn }
        phase = .head(HeadProgress(skippedEmptyLine: true))
        let (step, consumed) = try next(UnsafeRawBufferPointer(rebasing: bytes[2...]))
        return (step, consumed + 2)
    }

    private func phaseAfter(_ head: RequestHead) -> Phase {
        switch head.framing {
        case .none, .length(0): .ended
        case .length(let length): .content(remaining: length)
        case .chunked: .chunked(ChunkedDecoder(trailerBytesMax: limits.trailerBytesMax))
        }
    }

    /// Refuses a head that is over a limit already, before the rest of it has arrived.
    /// - Parameter length: How many bytes there are, a line feed that ends them not counted.
    private func checkLimits(
        _ bytes: UnsafeRawBufferPointer, length: Int, _ progress: HeadProgress
    ) throws(HTTP1Error) {
        guard let fieldsStart = progress.fieldsStart else {
            return try checkRequestLine(bytes, length: length)
        }
        // The last CR may be that of the empty line, which does not count.
        guard length - fieldsStart <= limits.headerBytesMax + 1 else {
            throw .headerSectionTooLarge(limit: limits.headerBytesMax)
        }
    }

    /// Tells a target that is too long from a method that never ends.
    private func checkRequestLine(
        _ bytes: UnsafeRawBufferPointer, length: Int
    ) throws(HTTP1Error) {
        let line = UnsafeRawBufferPointer(rebasing: bytes[..<length])
        guard let space = line.firstIndex(of: .space, from: 0) else {
            guard length <= HTTP1Limits.methodBytesMax else { throw .methodInvalid }
            return
        }
        guard space <= HTTP1Limits.methodBytesMax else { throw .methodInvalid }
        let targetEnd = line.firstIndex(of: .space, from: space + 1) ?? length
        guard targetEnd - space - 1 <= limits.targetBytesMax else {
            throw .targetTooLong(limit: limits.targetBytesMax)
        }
        // " HTTP/1.1" and its CR.
        guard length - targetEnd <= 10 else { throw .requestLineMalformed }
    }

    private mutating func receiveContent(
        _ bytes: UnsafeRawBufferPointer, remaining: Int
    ) -> (step: Step, consumed: Int) {
        guard !bytes.isEmpty else { return (.needBytes, 0) }
        let count = min(bytes.count, remaining)
        phase = count == remaining ? .ended : .content(remaining: remaining - count)
        return (.content(0..<count), count)
    }

    private mutating func receiveChunks(
        _ bytes: UnsafeRawBufferPointer, _ decoder: ChunkedDecoder
    ) throws(HTTP1Error) -> (step: Step, consumed: Int) {
        var decoder = decoder
        let (part, consumed) = try decoder.next(bytes)
        phase = .chunked(decoder)
        switch part {
        case .needBytes: return (.needBytes, consumed)
        case .content(let range): return (.content(range), consumed)
        case .end:
            phase = .ended
            return (.content(consumed..<consumed), consumed)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The first position of a byte at or behind `start`, by memchr(3).
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard let base = baseAddress, start < count,
            let found = memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
