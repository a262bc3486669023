internal import CEL
internal import JSON

/// GitHub's webhooks (docs.github.com, "Webhook events and payloads").
enum GitHub {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let name = delivery.headers.field("x-github-event") ?? ""
        let native = NativeEvent(
            event: name, action: delivery.body["action"]?.string, delivery: delivery.deliveryID)
        guard name == "push" else {
            let fields = GitHubOther(body: delivery.body, native: native)
            return [
                Event(
                    index: 0, kind: name == "ping" ? .ping : .other, action: native.action,
                    ref: nil, fields: fields)
            ]
        }
        let ref = delivery.body["ref"]?.string.map { GitReference(full: $0) }
        return [
            Event(
                index: 0, kind: ref?.namespace == .tag ? .tag : .push,
                action: pushAction(delivery.body), ref: ref,
                fields: GitHubPush(body: delivery.body, ref: ref, native: native))
        ]
    }

    /// `created`, `deleted` or `updated`, by the object ids on both sides.
    private static func pushAction(_ body: JSONValue) -> String {
        if objectID(body["before"]) == nil { return "created" }
        return objectID(body["after"]) == nil ? "deleted" : "updated"
    }

    static func repository(_ repository: JSONValue?) -> CELValue? {
        guard let repository, repository.kind == .object else { return nil }
        return .object(
            EventObject([
                ("id", celValue(repository["id"])),
                ("full_name", celValue(repository["full_name"])),
                ("url", celValue(repository["html_url"] ?? repository["url"])),
                ("clone_url", celValue(repository["clone_url"])),
                ("default_branch", celValue(repository["default_branch"])),
                ("private", celValue(repository["private"])),
            ]))
    }

    static func actor(_ sender: JSONValue?, name: JSONValue?) -> CELValue? {
        guard let sender, sender.kind == .object else { return nil }
        let kind = sender["type"].map { $0.equals("Bot") ? "bot" : "user" } ?? "unknown"
        return .object(
            EventObject([
                ("id", celValue(sender["id"])), ("login", celValue(sender["login"])),
                ("name", celValue(name)), ("kind", .string(kind)), ("association", nil),
            ]))
    }
}

/// The event's name at its sender.
struct NativeEvent {
    let event: String
    let action: String?
    let delivery: String

    var value: CELValue {
        .object(
            EventObject([
                ("event", .string(event)), ("action", action.map { .string($0) }),
                ("delivery", .string(delivery)), ("attempt", nil),
            ]))
    }
}

/// A JSON member as a CEL value; a missing one and null are both nil.
func celValue(_ value: JSONValue?) -> CELValue? {
    guard let value, !value.isNull else { return nil }
    return CELValue(json: value)
}

/// A git object id of 40 or 64 hexadecimal digits, or nil for zeros and anything else.
///
/// Zeros are git's way to say that there was, or is, nothing.
func objectID(_ value: JSONValue?) -> JSONValue? {
    guard let value else { return nil }
    let digits = value.utf8
    guard digits.count == 40 || digits.count == 64 else { return nil }
    let areHexadecimal = digits.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
    guard areHexadecimal, digits.contains(where: { $0 != UInt8(ascii: "0") }) else { return nil }
    return value
}
