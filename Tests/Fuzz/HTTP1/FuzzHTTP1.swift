import HTTP1

// The first byte says how the rest is split; everything behind it is what a peer sends.

/// A reading of the whole input, in values that can be compared.
private struct Reading: Equatable {
    var heads: [String] = []
    /// Content of all requests, with a mark where a request ends.
    var content: [UInt8] = []
    var ends: [Int] = []
    var error: HTTP1Error?
    /// Bytes that were consumed.
    var consumed = 0
}

/// Small limits, so that inputs of a few hundred bytes are on both sides of each.
private var limits: HTTP1Limits {
    var limits = HTTP1Limits()
    limits.targetBytesMax = 64
    limits.headerBytesMax = 512
    limits.fieldsMax = 12
    limits.trailerBytesMax = 64
    return limits
}

private let contentBytesMax = 1024

/// Feeds the input in pieces of the given sizes, over and over, as a connection would.
private func read(_ input: UnsafeRawBufferPointer, pieces: [Int]) -> Reading {
    var parser = RequestParser(limits: limits)
    var reading = Reading()
    var arrived = 0
    var turn = 0
    while true {
        if !drain(&parser, input, arrived: arrived, &reading) { return reading }
        guard arrived < input.count else { return reading }
        arrived = min(input.count, arrived + pieces[turn % pieces.count])
        turn += 1
    }
}

/// Takes every step that the bytes allow.
/// - Returns: False after an error.
private func drain(
    _ parser: inout RequestParser, _ input: UnsafeRawBufferPointer, arrived: Int,
    _ reading: inout Reading
) -> Bool {
    // A parser that consumes nothing and never needs bytes would loop for good.
    var idleSteps = 0
    while true {
        let held = UnsafeRawBufferPointer(rebasing: input[reading.consumed..<arrived])
        let step: RequestParser.Step
        let consumed: Int
        do throws(HTTP1Error) {
            (step, consumed) = try parser.next(held)
        } catch {
            reading.error = error
            // The answer to it must be one that can be written.
            precondition(!error.detail.isEmpty && error.status.rawValue >= 400)
            return false
        }
        precondition(consumed >= 0 && consumed <= held.count, "more consumed than there was")
        switch step {
        case .needBytes:
            reading.consumed += consumed
            return true
        case .head(let head):
            check(head)
            reading.heads.append(describe(head))
            parser.limitContent(toBytes: contentBytesMax)
            // As the server does: what is declared above the limit is not read.
            if case .length(let length) = head.framing, length > contentBytesMax {
                reading.error = .contentTooLarge(limit: contentBytesMax)
                return false
            }
        case .content(let range):
            precondition(range.lowerBound >= 0 && range.upperBound <= held.count, "outside")
            reading.content += held[range]
        case .end: reading.ends.append(reading.content.count)
        }
        reading.consumed += consumed
        idleSteps = consumed == 0 ? idleSteps + 1 : 0
        precondition(idleSteps < 4, "steps without an end")
    }
}

/// What must hold for every head that is let through.
private func check(_ head: RequestHead) {
    precondition(!head.method.isEmpty && head.method.utf8.count <= 32)
    precondition(head.minorVersion == 0 || head.minorVersion == 1)
    precondition(head.minorVersion == 1 || !head.keepsConnection, "1.0 is closed")
    precondition(head.minorVersion == 0 || head.field("host") != nil, "1.1 without Host")
    let lengths = head.allFields("content-length")
    let codings = head.allFields("transfer-encoding")
    precondition(lengths.isEmpty || codings.isEmpty, "two framings")
    precondition(lengths.count <= 1 && codings.count <= 1, "a framing field repeated")
    precondition((head.framing == .chunked) == !codings.isEmpty)
    for (name, value) in head.fieldTexts {
        precondition(!name.isEmpty && !name.utf8.contains { $0 <= 32 || $0 >= 127 })
        precondition(!value.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 })
        precondition(value.first != " " && value.last != " ")
    }
    precondition(head.isPath(head.path))
    precondition(!head.path.utf8.contains { $0 <= 32 || $0 >= 127 || $0 == UInt8(ascii: "?") })
}

private func describe(_ head: RequestHead) -> String {
    "\(head.method) \(head.path) \(head.query.map { Array($0) } ?? []) \(head.minorVersion) "
        + "\(head.framing) \(head.keepsConnection) \(head.expectsContinue) \(head.fieldTexts)"
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP1(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: size)
    guard let seed = bytes.first else { return 0 }
    let input = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    let whole = read(input, pieces: [max(1, input.count)])
    let first = Int(seed & 15) + 1
    let second = Int(seed >> 4) * 5 + 1
    for pieces in [[1], [first, second]] {
        let split = read(input, pieces: pieces)
        precondition(split.heads == whole.heads, "a split changed a head")
        precondition(split.error == whole.error, "a split changed the error")
        precondition(split.ends == whole.ends, "a split changed where requests end")
        // Before an error a whole input may have been read less far than its pieces.
        precondition(
            whole.error != nil || split.consumed == whole.consumed, "a split changed the rest")
        precondition(
            whole.error != nil || split.content == whole.content, "a split changed the content")
    }
    return 0
}
