internal import CEL
internal import JSON

/// Teams' outgoing webhooks (learn.microsoft.com, "Create outgoing webhooks").
enum Teams {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        var parts = EventParts(
            NativeEvent(event: body["type"]?.string, action: nil, delivery: delivery))
        if let from = body["from"], from.kind == .object {
            parts.actor = EventShape.actor(
                id: celText(from["aadObjectId"]) ?? celText(from["id"]), login: nil,
                name: celText(from["name"]))
        }
        // An outgoing webhook is called by its name, so every message is a command.
        let command = body["text"]?.string.flatMap { Command(message: plain($0)) }
        guard let command else { return [parts.event(.other, nil)] }
        parts.command = command.value(
            channel: celText(body.at("channelData", "channel", "id")),
            thread: celText(body.at("conversation", "id")))
        return [parts.event(.command, nil)]
    }

    /// The text without markup: `<at>Hookline</at>&nbsp;train churn`.
    static func plain(_ html: String) -> String {
        var text = html
        while let open = text.firstRange(of: "<at>"),
            let close = text[open.upperBound...].firstRange(of: "</at>")
        {
            text.removeSubrange(open.lowerBound..<close.upperBound)
        }
        var output = ""
        var isInTag = false
        for character in text {
            if character == "<" { isInTag = true }
            if !isInTag { output.append(character) }
            if character == ">" { isInTag = false }
        }
        for (entity, character) in [
            ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"),
            ("&amp;", "&"),
        ] { output = output.replacing(entity, with: character) }
        return output
    }
}

/// Mattermost's slash commands and outgoing webhooks (developers.mattermost.com).
enum Mattermost {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let word = body["command"]?.string ?? body["trigger_word"]?.string
        var parts = EventParts(NativeEvent(event: word, action: nil, delivery: delivery))
        parts.actor = EventShape.actor(
            id: celText(body["user_id"]), login: celText(body["user_name"]))
        guard let command = command(body) else { return [parts.event(.other, nil)] }
        let reply =
            body["response_url"]?.kind == .string
            ? Command.reply(
                how: "response_url", uses: 5,
                expiresAt: delivery.receivedAtMilliseconds / 1000 + 1800) : nil
        parts.command = command.value(channel: celText(body["channel_id"]), reply: reply)
        return [parts.event(.command, nil)]
    }

    static func deliveryID(_ headers: any HeaderFields, _ body: JSONValue) -> String? {
        body["trigger_id"]?.string ?? body["post_id"]?.string
    }

    private static func command(_ body: JSONValue) -> Command? {
        if let name = body["command"]?.string {
            return Command(
                name: name.hasPrefix("/") ? String(name.dropFirst()) : name,
                arguments: body["text"]?.string ?? "")
        }
        // An outgoing webhook's text begins with its trigger word.
        return body["text"]?.string.flatMap { Command(message: $0) }
    }
}

/// Telegram's updates (core.telegram.org, "Bot API").
enum Telegram {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        // An update has its id and one other member, which says what it is.
        let kind = body.members.lazy.compactMap { $0.name.string }.first { $0 != "update_id" }
        var parts = EventParts(NativeEvent(event: kind, action: nil, delivery: delivery))
        let message = kind.flatMap { body[$0] }
        if let from = message?["from"], from.kind == .object {
            parts.actor = EventShape.actor(
                id: celValue(from["id"]), login: celText(from["username"]),
                name: celText(from["first_name"]), isBot: from["is_bot"]?.bool)
        }
        let kinds = ["message", "edited_message", "channel_post", "edited_channel_post"]
        guard let kind, kinds.contains(kind), let message else {
            return [parts.event(.other, nil)]
        }
        let isEdited = kind.hasPrefix("edited_")
        var comment = EventShape.Comment()
        comment.id = celValue(message["message_id"])
        comment.body = celValue(message["text"])
        comment.edited = isEdited
        comment.reply = message["reply_to_message"]?.kind == .object
        parts.comment = comment.value
        let isBot = message.at("from", "is_bot")?.bool == true
        guard !isEdited, !isBot, let text = message["text"]?.string, text.hasPrefix("/"),
            let command = command(text)
        else { return [parts.event(.comment, isEdited ? "edited" : "created")] }
        parts.command = command.value(
            channel: celValue(message.at("chat", "id")),
            thread: celValue(message["message_thread_id"]))
        return [parts.event(.command, nil)]
    }

    static func deliveryID(_ headers: any HeaderFields, _ body: JSONValue) -> String? {
        body["update_id"]?.int.map { "\($0)" }
    }

    /// In groups a command names its bot: `/train@OurBot churn`.
    private static func command(_ text: String) -> Command? {
        let word = text.prefix { $0 != " " && !$0.isNewline }
        guard let mark = word.firstIndex(of: "@") else { return Command(message: text) }
        return Command(message: String(word[..<mark]) + String(text[word.endIndex...]))
    }
}

/// Google Chat's interaction events (developers.google.com, "Receive and respond to interactions").
enum GoogleChat {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let type = body["type"]?.string
        var parts = EventParts(NativeEvent(event: type, action: nil, delivery: delivery))
        let message = body["message"]
        if let user = body["user"] ?? message?["sender"], user.kind == .object {
            parts.actor = EventShape.actor(
                id: celText(user["name"]), login: celText(user["email"]),
                name: celText(user["displayName"]),
                isBot: user["type"].map { $0.equals("BOT") })
        }
        guard type == "MESSAGE", let message, let command = command(message) else {
            return [parts.event(.other, nil)]
        }
        parts.command = command.value(
            channel: celText(body.at("space", "name") ?? message.at("space", "name")),
            thread: celText(message.at("thread", "name")))
        return [parts.event(.command, nil)]
    }

    /// `argumentText` lacks the mention, and the name of a slash command.
    private static func command(_ message: JSONValue) -> Command? {
        let arguments = message["argumentText"]?.string
        let slash = message["annotations"]?.elements.lazy
            .compactMap { $0.at("slashCommand", "commandName")?.string }.first { _ in true }
        if let slash {
            return Command(message: "\(slash) \(arguments ?? "")")
        }
        return (arguments ?? message["text"]?.string).flatMap { Command(message: $0) }
    }
}
