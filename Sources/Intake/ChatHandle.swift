internal import Events
internal import JSON

/// Where a chat takes messages once its request has been answered.
///
/// Whoever has one can speak for us until it ends, so it is held in memory only, and never printed.
struct ChatHandle: Sendable, CustomReflectable {
    private let url: String
    private let form: Form

    /// How long a message may wait for it to be taken, in milliseconds: the shorter of Slack's 30
    /// minutes and Discord's 15.
    static let lifeMilliseconds: Int64 = 900_000

    private enum Form {
        case slack, discord
    }

    /// Nil where the chat takes no such messages, or the payload names no place for them.
    init?(_ chat: Sender.ReplyForm, _ body: JSONValue) {
        let url: String?
        switch chat {
        case .slack:
            form = .slack
            url = Self.slack(body)
        case .discord:
            form = .discord
            url = Self.discord(body)
        case .receipt, .teams, .mattermost, .telegram, .googleChat: return nil
        }
        guard let url, url.utf8.count <= Self.bytesMax else { return nil }
        self.url = url
    }

    var customMirror: Mirror { Mirror(self, children: []) }

    private static let bytesMax = 1024

    /// Slack's two hosts, for the address comes with the request.
    /// Source: docs.slack.dev, "Handling user interaction", message responses.
    private static func slack(_ body: JSONValue) -> String? {
        guard let url = body["response_url"]?.string,
            ["https://hooks.slack.com/", "https://hooks.slack-gov.com/"].contains(
                where: { url.hasPrefix($0) }),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return url
    }

    /// The message that stands for the answer.
    /// Source: docs.discord.com, "Receiving and responding", follow-up messages.
    private static func discord(_ body: JSONValue) -> String? {
        guard let application = body["application_id"]?.string,
            let token = body["token"]?.string, isWord(application), isWord(token)
        else { return nil }
        return "https://discord.com/api/v10/webhooks/\(application)/\(token)/messages/@original"
    }

    /// Whether a text is one segment of a path as it is.
    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".."
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || "-._".utf8.contains(byte)
            }
    }

    /// A message to here.
    func message(_ text: String, isPublic: Bool, at now: Int64) -> LaterMessage {
        var writer = JSONWriter()
        writer.beginObject()
        switch form {
        case .slack:
            ChatReply.writeSlack(text, isPublic: isPublic, to: &writer)
            // Else it would take the place of the message whose button was pressed.
            writer.name("replace_original")
            writer.bool(false)
        case .discord: ChatReply.writeDiscordMessage(text, to: &writer)
        }
        writer.endObject()
        return LaterMessage(
            url: url, isChange: form == .discord, content: writer.bytes,
            expiresAtMilliseconds: now + Self.lifeMilliseconds)
    }
}

/// A message to a chat that follows the answer to its request.
///
/// It is not kept over a restart: it tells what the journal has, and is of use for minutes only.
package struct LaterMessage: Sendable, CustomReflectable {
    /// A secret: whoever has it can post there.
    package let url: String
    /// Whether it changes the message that the answer was, rather than being one of its own.
    package let isChange: Bool
    /// JSON.
    package let content: [UInt8]
    /// When nobody takes it any more, since 1970-01-01T00:00:00Z.
    package let expiresAtMilliseconds: Int64

    package var customMirror: Mirror { Mirror(self, children: []) }
}
