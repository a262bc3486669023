internal import CEL
internal import JSON

/// Slack's slash commands, events and interactivity (docs.slack.dev).
enum Slack {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        if body["command"]?.kind == .string { return [slashCommand(delivery)] }
        switch body["type"]?.string {
        case "event_callback": return [event(delivery)]
        case "url_verification":
            return [parts("url_verification", nil, delivery).event(.ping, nil)]
        default: return [interaction(delivery)]
        }
    }

    /// The id of an event, which retries repeat; else that of the interaction.
    static func deliveryID(_ headers: any HeaderFields, _ body: JSONValue) -> String? {
        body["event_id"]?.string ?? body["trigger_id"]?.string
    }

    private static func parts(
        _ event: String?, _ action: String?, _ delivery: Delivery
    ) -> EventParts {
        // The first delivery carries no number, the first retry the number 1.
        let retry = delivery.headers.field("x-slack-retry-num").flatMap { Int64($0) }
        return EventParts(
            NativeEvent(
                event: event, action: action, delivery: delivery, attempt: retry.map { $0 + 1 }))
    }

    private static func slashCommand(_ delivery: Delivery) -> Event {
        let body = delivery.body
        var parts = parts(body["command"]?.string, nil, delivery)
        parts.actor = EventShape.actor(
            id: celText(body["user_id"]), login: celText(body["user_name"]), isBot: false)
        let name = body["command"]?.string ?? ""
        let command = Command(
            name: name.hasPrefix("/") ? String(name.dropFirst()) : name,
            arguments: plain(body["text"]?.string ?? ""))
        parts.command = command.value(
            channel: celText(body["channel_id"]), reply: reply(body, delivery))
        return parts.event(.command, nil)
    }

    /// A response URL takes five messages within 30 minutes.
    private static func reply(_ body: JSONValue, _ delivery: Delivery) -> CELValue? {
        guard body["response_url"]?.kind == .string else { return nil }
        return Command.reply(
            how: "response_url", uses: 5,
            expiresAt: delivery.receivedAtMilliseconds / 1000 + 1800)
    }

    private static func event(_ delivery: Delivery) -> Event {
        let body = delivery.body
        let event = body["event"]
        let type = event?["type"]?.string
        let subtype = event?["subtype"]?.string
        var parts = parts(type, subtype, delivery)
        let message = event?["message"] ?? event
        let isBot =
            event?["bot_id"]?.kind == .string || message?["bot_id"]?.kind == .string
            || subtype == "bot_message"
        parts.actor = actor(event?["user"] ?? message?["user"] ?? event?["bot_id"], isBot: isBot)
        guard type == "message" || type == "app_mention" else {
            return parts.event(.other, subtype)
        }
        let action = action(subtype)
        var comment = EventShape.Comment()
        comment.id = celText(message?["ts"] ?? event?["ts"])
        comment.body = celValue(message?["text"])
        comment.edited = action == "edited"
        comment.reply = (message ?? event)?["thread_ts"].map { !$0.isNull } ?? false
        parts.comment = comment.value
        guard type == "app_mention", action == "created", !isBot,
            let text = event?["text"]?.string, let command = Command(message: mentioned(text))
        else { return parts.event(.comment, action) }
        parts.command = command.value(
            channel: celText(event?["channel"]), thread: celText(event?["thread_ts"]))
        return parts.event(.command, nil)
    }

    private static func action(_ subtype: String?) -> String? {
        switch subtype {
        case "message_changed": "edited"
        case "message_deleted": "deleted"
        case nil, "file_share", "thread_broadcast", "me_message", "bot_message": "created"
        default: subtype
        }
    }

    private static func actor(_ user: JSONValue?, isBot: Bool) -> CELValue? {
        guard let user else { return nil }
        if user.kind == .object {
            return EventShape.actor(
                id: celText(user["id"]), login: celText(user["username"] ?? user["name"]),
                isBot: isBot)
        }
        return celText(user).map { EventShape.actor(id: $0, login: nil, isBot: isBot) }
    }

    private static func interaction(_ delivery: Delivery) -> Event {
        let body = delivery.body
        let action =
            body["actions"]?.elements.first { _ in true }?["action_id"]?.string
            ?? body["callback_id"]?.string ?? body.at("view", "callback_id")?.string
        var parts = parts(body["type"]?.string, action, delivery)
        parts.actor = actor(body["user"], isBot: false)
        return parts.event(.other, action)
    }

    /// A message to us begins with our mention: `<@U0123> train churn`.
    private static func mentioned(_ text: String) -> String {
        var text = text[...]
        if text.hasPrefix("<@"), let end = text.firstIndex(of: ">") {
            text = text[text.index(after: end)...]
        }
        return plain(String(text))
    }

    /// Slack escapes three characters, and its editor turns quotation marks into curved ones.
    static func plain(_ text: String) -> String {
        var plain = text.replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            .replacing("&amp;", with: "&")
        for (curved, straight) in [
            ("\u{201C}", "\""), ("\u{201D}", "\""), ("\u{2018}", "'"), ("\u{2019}", "'"),
        ] { plain = plain.replacing(curved, with: straight) }
        return plain
    }
}
