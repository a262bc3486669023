internal import Journal
internal import Rules

/// What a chat is told, in words.
struct ChatMessage: Sendable {
    /// The longest text, in UTF-16 units. The least that a chat takes is Discord's 2,000
    /// characters; however it counts, these are fewer.
    private static let lengthMax = 1900

    /// What rules say of what they start, by rule and event.
    private let replies: [(rule: String, event: Int, reply: RenderedReply)]
    /// Why rules that were asked said no.
    let reasons: [String]

    init(_ matched: Matched, _ reasons: [String]) {
        replies = matched.replies
        self.reasons = reasons
    }

    var isPublic: Bool { replies.contains { $0.reply.isPublic } }

    func text(_ receipt: Receipt) -> String {
        var lines = receipt.starts.map(line)
        lines += receipt.failures.map { "\($0.rule) could not be started: \($0.message)" }
        if lines.isEmpty {
            lines =
                reasons.isEmpty
                ? ["Nothing was started: no rule is for this."]
                : ["Nothing was started:"] + reasons
        }
        return Self.cut(lines.filter { !$0.isEmpty }.joined(separator: "\n"))
    }

    private static func cut(_ text: String) -> String {
        guard text.utf16.count > lengthMax else { return text }
        var length = 0
        // By scalars: what people see as one character may have thousands.
        let beginning = text.unicodeScalars.prefix { scalar in
            length += UTF16.width(scalar)
            return length < lengthMax
        }
        return String(beginning) + "…"
    }

    private func line(_ start: RecordedStart) -> String {
        guard start.isNew else { return "\(start.rule) was started before (\(start.id))" }
        let said = replies.first { $0.rule == start.rule && $0.event == start.eventIndex }?.reply
        // A message with nothing to see is refused by chats.
        guard let said, said.text.contains(where: { !$0.isWhitespace }) else {
            return "Starting \(start.rule) (\(start.id))"
        }
        return said.text
    }
}
