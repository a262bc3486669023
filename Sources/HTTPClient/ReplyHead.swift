/// The status line and fields of a reply, from the lines that libcurl hands on one by one.
///
/// libcurl reports success for a reply that was cut within its fields, and so what tells a complete
/// field section is only the empty line behind it.
struct ReplyHead {
    private enum Phase { case awaitingStatus, readingFields, complete }

    /// The status code of the last status line.
    private(set) var status = 0
    /// The fields behind that line, names in lower case.
    private(set) var fields: [(name: String, value: String)] = []
    private var phase = Phase.awaitingStatus
    private var bytesReceived = 0
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Whether the empty line behind the final reply's fields was seen.
    var isComplete: Bool { phase == .complete }

    /// Takes one line with its line break.
    mutating func receive(_ line: UnsafeRawBufferPointer) throws(ClientError) {
        bytesReceived += line.count
        guard bytesReceived <= bytesMax else { throw .replyHeadTooLarge(limit: bytesMax) }
        let line = withoutLineBreak(line[...])
        switch phase {
        case .awaitingStatus: try receiveStatusLine(line)
        case .readingFields where line.isEmpty:
            // RFC 9110 §15.2: any number of interim replies come before the final one.
            phase = status < 200 ? .awaitingStatus : .complete
        case .readingFields: try receiveField(line)
        // Trailers; nothing of ours is in them.
        case .complete: break
        }
    }

    private mutating func receiveStatusLine(
        _ line: Slice<UnsafeRawBufferPointer>
    ) throws(ClientError) {
        guard line.starts(with: "HTTP/".utf8), let space = line.firstIndex(of: UInt8(ascii: " "))
        else { throw .replyMalformed }
        let code = line[(space + 1)...].prefix { $0 != UInt8(ascii: " ") }
        guard code.count == 3, let status = Int(String(decoding: code, as: UTF8.self)),
            status >= 100
        else { throw .replyMalformed }
        self.status = status
        fields.removeAll()
        phase = .readingFields
    }

    private mutating func receiveField(
        _ line: Slice<UnsafeRawBufferPointer>
    ) throws(ClientError) {
        if let first = line.first, isBlank(first) {
            // RFC 9112 §5.2: a folded line continues the value before it, after a space.
            guard let last = fields.indices.last else { throw .replyMalformed }
            fields[last].value += " " + text(line)
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
            throw .replyMalformed
        }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        fields.append((name, text(line[(colon + 1)...])))
    }

    private func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
}

private func withoutLineBreak(
    _ line: Slice<UnsafeRawBufferPointer>
) -> Slice<UnsafeRawBufferPointer> {
    // RFC 9112 §2.2: a lone line feed may stand for the pair.
    guard line.last == UInt8(ascii: "\n") else { return line }
    let line = line.dropLast()
    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
}
