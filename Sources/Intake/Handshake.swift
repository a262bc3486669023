internal import Events
internal import HTTP1
internal import HTTPServer
internal import JSON

/// Requests by which a sender tries whether we are there. They reach no rule.
enum Handshake {
    /// The longest challenge that is echoed, in bytes.
    private static let challengeBytesMax = 512

    /// The answer to a verified request that is one; nil for all others.
    static func answer(to body: JSONValue, from sender: Sender) -> Response? {
        switch sender.reply {
        case .slack: slack(body)
        case .discord: discord(body)
        case .receipt, .teams, .mattermost, .telegram, .googleChat: nil
        }
    }

    /// Whether a request is one that proves nothing and is told nothing: Bitbucket Data Center's
    /// "Test connection", which sends no signature.
    static func isUnsignedTest(_ head: RequestHead, of source: Source) -> Bool {
        guard source.sender.type == "bitbucket-dc", head.field("x-hub-signature") == nil,
            let key = head.field("x-event-key")
        else { return false }
        return key.elementsEqual("diagnostics:ping".utf8)
    }

    static let unsignedTestAnswer = Response.json(.ok, Array("{}".utf8))

    /// docs.slack.dev, "url_verification".
    private static func slack(_ body: JSONValue) -> Response? {
        guard body["type"]?.equals("url_verification") == true else { return nil }
        guard let challenge = body["challenge"]?.string,
            challenge.utf8.count <= challengeBytesMax
        else { return .problem(.badRequest, "expected a challenge of at most 512 bytes") }
        return Response(
            .ok, fields: [("Content-Type", "text/plain; charset=utf-8")],
            content: Array(challenge.utf8))
    }

    /// Discord's two kinds of endpoint have a PING each; in the second, type 1 is an event.
    private static func discord(_ body: JSONValue) -> Response? {
        guard body["event"] == nil else { return nil }
        switch body["type"]?.int {
        case 1: return .json(.ok, Array(#"{"type":1}"#.utf8))
        case 0: return .discordDone
        default: return nil
        }
    }
}

extension Response {
    /// Discord wants a content type even where there is no content.
    static let discordDone = Response(
        .noContent, fields: [("Content-Type", "application/json")])
}
