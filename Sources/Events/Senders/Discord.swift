internal import CEL
internal import JSON

/// Discord's interactions and webhook events (docs.discord.com).
enum Discord {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        if let event = body["event"] {
            let type = event["type"]?.string
            return [
                EventParts(NativeEvent(event: type, action: nil, delivery: delivery))
                    .event(.other, nil)
            ]
        }
        let type = body["type"]?.int
        var parts = EventParts(
            NativeEvent(event: type.map { name(of: $0) }, action: nil, delivery: delivery))
        // In a server the user is within the member, in a direct message it is alone.
        let user = body.at("member", "user") ?? body["user"]
        if let user {
            parts.actor = EventShape.actor(
                id: celText(user["id"]), login: celText(user["username"]),
                name: celText(user["global_name"]), isBot: user["bot"]?.bool ?? false)
        }
        switch type {
        case 0, 1: return [parts.event(.ping, nil)]
        case 2:
            parts.command = command(delivery)
            return [parts.event(.command, nil)]
        default: return [parts.event(.other, body.at("data", "custom_id")?.string)]
        }
    }

    private static func name(of type: Int64) -> String {
        switch type {
        case 0, 1: "ping"
        case 2: "application_command"
        case 3: "message_component"
        case 4: "application_command_autocomplete"
        case 5: "modal_submit"
        default: "\(type)"
        }
    }

    private static func command(_ delivery: Delivery) -> CELValue? {
        let body = delivery.body
        guard let name = body.at("data", "name")?.string else { return nil }
        var words: [String] = []
        var parameters: [(String, CELValue)] = []
        read(body.at("data", "options"), &words, &parameters, depth: 0)
        let command = Command(name: name, arguments: words.joined(separator: " "))
        // The interaction's token is good for 15 minutes.
        return command.value(
            channel: celText(body["channel_id"]), parameters: parameters,
            reply: Command.reply(
                how: "interaction", uses: nil,
                expiresAt: delivery.receivedAtMilliseconds / 1000 + 900))
    }

    /// Options are values, or subcommands and groups with options of their own, two deep.
    private static func read(
        _ options: JSONValue?, _ words: inout [String], _ parameters: inout [(String, CELValue)],
        depth: Int
    ) {
        guard let options, options.kind == .array, depth < 3 else { return }
        for option in options.elements.prefix(Command.wordsMax) {
            guard let name = option["name"]?.string else { continue }
            if let value = option["value"], let text = text(of: value) {
                words.append("\(name)=\(quoted(text))")
                parameters.append((name, .string(text)))
            } else {
                words.append(name)
                read(option["options"], &words, &parameters, depth: depth + 1)
            }
        }
    }

    private static func text(of value: JSONValue) -> String? {
        try? CELValue(json: value).rendered()
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { " \t\"'\\".contains($0) }) else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
