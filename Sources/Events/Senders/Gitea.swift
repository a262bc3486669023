internal import CEL
internal import JSON

/// Gitea's, Forgejo's and Gogs's webhooks, whose payloads are shaped after GitHub's.
enum Gitea {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let name = eventName(delivery.headers)
        let native = NativeEvent(
            event: name, action: body["action"]?.string, delivery: delivery)
        var parts = EventParts(native)
        parts.repo = GitHub.repository(body["repository"])
        parts.actor = actor(body["sender"] ?? body["pusher"])
        switch name {
        case "push": return [push(body, parts)]
        // There is no push for a branch or tag that is gone.
        case "delete": return [deletion(body, parts)]
        case "pull_request" where body["review"]?.kind == .object,
            "pull_request_approved", "pull_request_rejected", "pull_request_comment",
            "pull_request_review", "reviewed", "pull_request_review_approved",
            "pull_request_review_rejected", "pull_request_review_comment":
            return [reviewOrComment(name, body, parts)]
        case "issue_comment": return [comment(body, parts)]
        case "release":
            parts.release = GitHub.release(body["release"])
            return [parts.event(.release, releaseAction(native.action))]
        case let name? where name == "pull_request" || name.hasPrefix("pull_request_"):
            return [change(body, parts)]
        case "package":
            return [
                parts.event(.artifact, native.action == "created" ? "published" : native.action)
            ]
        default: return [parts.event(.other, native.action)]
        }
    }

    /// The fields with the event's name, by the sender's own name first.
    static let eventFields = ["x-gitea-event", "x-forgejo-event", "x-gogs-event"]

    private static func eventName(_ headers: any HeaderFields) -> String? {
        for field in eventFields {
            if let name = headers.field(field) { return name }
        }
        return nil
    }

    private static func actor(_ user: JSONValue?) -> CELValue? {
        guard let user, user.kind == .object else { return nil }
        return EventShape.actor(
            id: celValue(user["id"]), login: celText(user["login"] ?? user["username"]),
            name: celText(user["full_name"]), isBot: isBot(user) ? true : nil)
    }

    /// Users that the server itself is, such as its actions' one, have numbers below zero.
    private static func isBot(_ user: JSONValue?) -> Bool { (user?["id"]?.int ?? 0) < 0 }

    private static func push(_ body: JSONValue, _ parts: EventParts) -> Event {
        var parts = parts
        let ref = body["ref"]?.string.map { GitReference(full: $0) }
        let move = ReferenceMove(before: body["before"], after: body["after"])
        parts.take(move)
        let commits = body["commits"]
        let listed = commits?.count ?? 0
        // Without a number of all it may be that there are more than are listed.
        let total = body["total_commits"]?.int
        if commits?.kind == .array {
            parts.commits = EventShape.commits(total: total, listed: listed)
        }
        parts.head = head(body, after: move.after?.string)
        let isUpdate = move.action == "updated"
        if ref?.namespace == .branch, commits?.kind == .array, listed > 0 || isUpdate {
            parts.paths = {
                ChangedPaths(
                    changed: changedPaths(in: commits),
                    complete: isUpdate && total == Int64(listed))
            }
        }
        return parts.event(ref?.namespace == .tag ? .tag : .push, move.action, ref: ref)
    }

    private static func head(_ body: JSONValue, after: String?) -> CELValue? {
        let named = body["head_commit"].flatMap { $0.kind == .object ? $0 : nil }
        let listed = body["commits"]?.elements.first { $0["id"]?.string == after }
        guard let commit = named ?? listed, after != nil else { return nil }
        return EventShape.head(of: commit)
    }

    private static func deletion(_ body: JSONValue, _ parts: EventParts) -> Event {
        var parts = parts
        parts.created = false
        parts.deleted = true
        let isTag = body["ref_type"]?.equals("tag") == true
        // A Forgejo hook sends the whole name, a Gitea one the short.
        let ref = body["ref"]?.string.map { name in
            name.hasPrefix("refs/")
                ? GitReference(full: name)
                : GitReference(full: (isTag ? "refs/tags/" : "refs/heads/") + name)
        }
        return parts.event(isTag ? .tag : .push, "deleted", ref: ref)
    }

    private static func change(_ body: JSONValue, _ parts: EventParts) -> Event {
        var parts = parts
        let request = body["pull_request"]
        let action = GitHubChange.action(parts.native.action, request)
        let changesCode = action == "opened" || action == "reopened" || action == "updated"
        parts.change = request.map {
            change($0, number: body["number"], codeChanged: changesCode).value
        }
        parts.head = GitHubChange.head(request)
        return parts.event(.change, action)
    }

    private static func change(
        _ request: JSONValue, number: JSONValue?, codeChanged: Bool?
    ) -> EventShape.Change {
        var change = GitHubChange.change(request, number: number, codeChanged: codeChanged)
        if change.draft == nil, let title = request["title"]?.string {
            // Older servers say it by the title alone.
            let isDraft = ["WIP:", "[WIP]"].contains { title.uppercased().hasPrefix($0) }
            change.draft = .bool(isDraft)
        }
        return change
    }

    private static func reviewOrComment(
        _ name: String?, _ body: JSONValue, _ parts: EventParts
    ) -> Event {
        if body["comment"]?.kind == .object, body["review"]?.kind != .object {
            return comment(body, parts)
        }
        var parts = parts
        parts.change = body["pull_request"].map {
            change($0, number: body["number"], codeChanged: false).value
        }
        parts.head = GitHubChange.head(body["pull_request"])
        let review = body["review"]
        if let review {
            var comment = EventShape.Comment()
            comment.body = celValue(review["content"] ?? review["body"])
            comment.on = "change"
            comment.edited = false
            parts.comment = comment.value
        }
        return parts.event(.review, reviewAction(review?["type"]?.string ?? name))
    }

    private static func reviewAction(_ word: String?) -> String? {
        guard let word else { return nil }
        if word.hasSuffix("approved") { return "approved" }
        if word.hasSuffix("rejected") { return "changes_requested" }
        return word.hasSuffix("comment") ? "commented" : nil
    }

    private static func releaseAction(_ native: String?) -> String? {
        native == "updated" ? "edited" : native
    }

    private static func comment(_ body: JSONValue, _ parts: EventParts) -> Event {
        var parts = parts
        let comment = body["comment"]
        let issue = body["issue"]
        let isChange =
            body["is_pull"]?.bool == true || issue?["pull_request"]?.kind == .object
            || (issue == nil && body["pull_request"]?.kind == .object)
        let action = parts.native.action
        if let comment {
            parts.comment =
                GitHubChange.comment(
                    comment, on: isChange ? "change" : "issue", edited: action == "edited"
                ).value
        }
        if isChange {
            if let request = body["pull_request"], request.kind == .object {
                parts.change =
                    change(request, number: body["number"] ?? issue?["number"], codeChanged: false)
                    .value
                parts.head = GitHubChange.head(request)
            } else if let issue {
                parts.change = GitHubComment.change(of: issue).value
            }
        }
        return parts.commentEvent(
            action, text: comment?["body"], isBot: isBot(comment?["user"]))
    }
}
