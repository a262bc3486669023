internal import Events
internal import HTTP1
internal import JSON

/// How the answer to one delivery must look, and what it needs of the request.
enum ChatReply: Sendable {
    case receipt
    case slackMessage
    /// A press of a button of an attachment.
    case slackAttachment
    /// A press of a button, or a choice in a message's menu: told by a later message, for what the
    /// answer says is not shown.
    case slackClick
    /// What Slack wants no content in answer to.
    case slackEmpty
    case slackModal
    case slackOptions
    case discordMessage
    case discordChoices
    case discordEvent
    case teams
    case mattermost(isSlashCommand: Bool)
    case telegram(chat: Int64)
    case googleChat(user: String?)

    init(_ form: Sender.ReplyForm, _ body: JSONValue, _ events: [Event]) {
        let isCommand = events.contains { $0.kind == .command }
        switch form {
        case .receipt: self = .receipt
        case .slack: self = Self.slack(body)
        case .discord: self = Self.discord(body)
        case .teams: self = .teams
        case .mattermost: self = .mattermost(isSlashCommand: body["command"] != nil)
        case .telegram:
            // Whatever else is said in a chat is not ours to answer.
            let chat = body.at("message", "chat", "id") ?? body.at("channel_post", "chat", "id")
            self = isCommand ? chat?.int.map { .telegram(chat: $0) } ?? .receipt : .receipt
        case .googleChat:
            self = .googleChat(user: isCommand ? body.at("user", "name")?.string : nil)
        }
    }

    private static func slack(_ body: JSONValue) -> ChatReply {
        if body["command"]?.kind == .string { return .slackMessage }
        return switch body["type"]?.string {
        case "event_callback": .receipt
        case "view_submission": .slackModal
        case "block_suggestion", "dialog_suggestion": .slackOptions
        case "interactive_message": .slackAttachment
        case "shortcut", "view_closed", "dialog_submission", "dialog_cancellation": .slackEmpty
        default: .slackClick
        }
    }

    private static func discord(_ body: JSONValue) -> ChatReply {
        if body["event"] != nil { return .discordEvent }
        return body["type"]?.int == 4 ? .discordChoices : .discordMessage
    }

    /// Whether somebody reads the answer.
    var isReadable: Bool {
        switch self {
        case .receipt, .slackOptions, .discordChoices, .discordEvent: false
        default: true
        }
    }

    /// Whether it is not the answer that tells people, but a message after it.
    var isToldLater: Bool {
        switch self {
        case .slackClick, .slackEmpty: true
        default: false
        }
    }

    /// The answer that says that there will be one; nil where the chat knows none.
    func putOff(isPublic: Bool) -> Response? {
        switch self {
        case .slackAttachment, .slackClick, .slackEmpty: return .empty
        case .slackMessage:
            // Without a text nothing would be seen, also when no message can follow.
            var writer = JSONWriter()
            writer.beginObject()
            Self.writeSlack("Working on it…", isPublic: false, to: &writer)
            writer.endObject()
            return .json(.ok, writer.bytes)
        case .discordMessage:
            // Type 5; the flag is of the message to come.
            let flags = isPublic ? "" : #","data":{"flags":64}"#
            return .json(.ok, Array(#"{"type":5\#(flags)}"#.utf8))
        default: return nil
        }
    }

    func response(_ receipt: Receipt, _ message: ChatMessage) -> Response {
        switch self {
        case .receipt: return receipt.response
        case .slackOptions: return .json(.ok, Array(#"{"options":[]}"#.utf8))
        case .discordChoices:
            return .json(.ok, Array(#"{"type":8,"data":{"choices":[]}}"#.utf8))
        case .discordEvent: return .discordDone
        case .slackEmpty: return .empty
        default:
            var writer = JSONWriter()
            writer.beginObject()
            write(message.text(receipt), isPublic: message.isPublic, to: &writer)
            writer.endObject()
            return .json(.ok, writer.bytes)
        }
    }

    private func write(_ text: String, isPublic: Bool, to writer: inout JSONWriter) {
        switch self {
        case .slackMessage, .slackClick: Self.writeSlack(text, isPublic: isPublic, to: &writer)
        case .slackAttachment:
            Self.writeSlack(text, isPublic: isPublic, to: &writer)
            writer.name("replace_original")
            writer.bool(false)
        case .slackModal: Self.writeModal(text, to: &writer)
        case .discordMessage: Self.writeDiscord(text, isPublic: isPublic, to: &writer)
        case .teams:
            writer.member("type", "message")
            writer.member("text", Self.escaped(text))
        case .mattermost(let isSlashCommand):
            let hidden = isSlashCommand ? "ephemeral" : "comment"
            let shown = isSlashCommand ? "in_channel" : "post"
            writer.member("response_type", isPublic ? shown : hidden)
            writer.member("text", text)
        case .telegram(let chat):
            writer.member("method", "sendMessage")
            writer.name("chat_id")
            writer.int(chat)
            writer.member("text", text)
        case .googleChat(let user):
            writer.member("text", text)
            if let user, !isPublic {
                writer.name("privateMessageViewer")
                writer.beginObject()
                writer.member("name", user)
                writer.endObject()
            }
        case .receipt, .slackEmpty, .slackOptions, .discordChoices, .discordEvent: break
        }
    }

    static func writeSlack(_ text: String, isPublic: Bool, to writer: inout JSONWriter) {
        writer.member("response_type", isPublic ? "in_channel" : "ephemeral")
        writer.member("text", escaped(text))
    }

    /// A modal's answer is shown in the modal itself; anything else would be an error there.
    private static func writeModal(_ text: String, to writer: inout JSONWriter) {
        writer.member("response_action", "update")
        writer.name("view")
        writer.beginObject()
        writer.member("type", "modal")
        writer.name("title")
        writePlainText("Hookline", to: &writer)
        writer.name("blocks")
        writer.beginArray()
        writer.beginObject()
        writer.member("type", "section")
        writer.name("text")
        writePlainText(text, to: &writer)
        writer.endObject()
        writer.endArray()
        writer.endObject()
    }

    private static func writePlainText(_ text: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "plain_text")
        writer.member("text", text)
        writer.endObject()
    }

    /// Type 4 is a message; flag 64 hides it from others.
    private static func writeDiscord(
        _ text: String, isPublic: Bool, to writer: inout JSONWriter
    ) {
        writer.name("type")
        writer.int(4)
        writer.name("data")
        writer.beginObject()
        writeDiscordMessage(text, to: &writer)
        if !isPublic {
            writer.name("flags")
            writer.int(64)
        }
        writer.endObject()
    }

    /// Nobody is mentioned by what a message quotes.
    static func writeDiscordMessage(_ text: String, to writer: inout JSONWriter) {
        writer.member("content", text)
        writer.name("allowed_mentions")
        writer.beginObject()
        writer.name("parse")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
    }

    /// Slack's three control characters, which Teams' markup has too.
    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;")
    }
}

extension Response {
    fileprivate static let empty = Response(
        .ok, fields: [("Content-Type", "text/plain; charset=utf-8")])
}
