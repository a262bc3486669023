internal import CEL
internal import JSON

/// Bitbucket Cloud (support.atlassian.com, "Event payloads"), and the "Post Webhooks" plugin of Data
/// Center, which writes the same.
enum Bitbucket {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let key = delivery.headers.field("x-event-key")
        let attempt = delivery.headers.field("x-attempt-number").flatMap { Int64($0) }
        let parts = parts(body, key, delivery, attempt: attempt)
        return normalise(body, key, parts)
    }

    static func parts(
        _ body: JSONValue, _ key: String?, _ delivery: Delivery, attempt: Int64? = nil
    ) -> EventParts {
        let action = key.flatMap { key in
            key.firstIndex(of: ":").map { String(key[key.index(after: $0)...]) }
        }
        var parts = EventParts(
            NativeEvent(event: key, action: action, delivery: delivery, attempt: attempt))
        parts.repo = repository(body["repository"])
        parts.actor = actor(body["actor"])
        return parts
    }

    static func normalise(_ body: JSONValue, _ key: String?, _ parts: EventParts) -> [Event] {
        switch key {
        case "repo:push": return pushes(body, parts)
        case "repo:commit_comment_created": return [comment(body, on: "commit", "created", parts)]
        case "issue:comment_created": return [comment(body, on: "issue", "created", parts)]
        case let key? where key.hasPrefix("pullrequest:"):
            return [pullRequest(body, String(key.dropFirst("pullrequest:".count)), parts)]
        default: return [parts.event(.other, parts.native.action)]
        }
    }

    /// Cloud's repository, or the plugin's.
    private static func repository(_ repository: JSONValue?) -> CELValue? {
        guard let repository, repository.kind == .object else { return nil }
        return EventShape.repository(
            id: celText(repository["uuid"]), fullName: name(of: repository),
            url: celText(repository.at("links", "html", "href")),
            defaultBranch: celText(repository.at("mainbranch", "name")),
            isPrivate: celValue(repository["is_private"])
                ?? repository["public"]?.bool.map { .bool(!$0) })
    }

    private static func name(of repository: JSONValue?) -> CELValue? {
        celText(repository?["full_name"]) ?? celText(repository?["fullName"])
    }

    private static func actor(_ actor: JSONValue?) -> CELValue? {
        guard let actor, actor.kind == .object else { return nil }
        let isBot: Bool? =
            switch actor["type"]?.string {
            case "app_user": true
            case "user": false
            default: nil
            }
        return EventShape.actor(
            id: celText(actor["account_id"]) ?? celText(actor["uuid"]),
            login: celText(actor["nickname"]) ?? celText(actor["username"]),
            name: celText(actor["display_name"]) ?? celText(actor["displayName"]), isBot: isBot)
    }

    // MARK: - Pushes

    /// One event for each reference that moved.
    private static func pushes(_ body: JSONValue, _ parts: EventParts) -> [Event] {
        guard let changes = body.at("push", "changes") else { return [] }
        return changes.elements.enumerated().map { push($0.element, index: $0.offset, parts) }
    }

    private static func push(_ change: JSONValue, index: Int, _ parts: EventParts) -> Event {
        var parts = parts
        let new = change["new"].flatMap { $0.isNull ? nil : $0 }
        let old = change["old"].flatMap { $0.isNull ? nil : $0 }
        let isTag = (new ?? old)?["type"]?.equals("tag") == true
        let ref = (new ?? old)?["name"]?.string.map {
            GitReference(full: (isTag ? "refs/tags/" : "refs/heads/") + $0)
        }
        parts.before = celText(objectID(old?.at("target", "hash")))
        parts.after = celText(objectID(new?.at("target", "hash")))
        // Null is nothing; what is left out is unknown.
        let created = change["created"]?.bool ?? change["old"].map(\.isNull)
        let deleted = change["closed"]?.bool ?? change["new"].map(\.isNull)
        parts.created = created
        parts.deleted = deleted
        parts.forced = celValue(change["forced"])
        parts.head = new?["target"].map(head)
        if let commits = change["commits"], commits.kind == .array {
            let isAll = change["truncated"]?.bool == false
            parts.commits = EventShape.commits(
                total: isAll ? Int64(commits.count) : nil, listed: commits.count)
        }
        let action: String? =
            switch (created, deleted) {
            case (true, _): "created"
            case (_, true): "deleted"
            case (false, false): "updated"
            default: nil
            }
        return parts.event(isTag ? .tag : .push, action, ref: ref, index: index)
    }

    private static func head(_ commit: JSONValue) -> CELValue {
        let raw = commit.at("author", "raw")?.string
        let parts = raw?.split(separator: "<", maxSplits: 1)
        let email = parts?.count == 2 ? parts?[1].prefix { $0 != ">" } : nil
        let name = parts?.first.map { $0.trimmingSuffix(" ") }
        return EventShape.head(
            sha: celText(commit["hash"]),
            message: celValue(commit["message"] ?? commit["commitMessage"]),
            authorName: celText(commit.at("author", "user", "display_name"))
                ?? name.flatMap { $0.isEmpty ? nil : .string($0) },
            authorEmail: email.map { .string(String($0)) }, at: celText(commit["date"]))
    }

    // MARK: - Pull requests

    private static func pullRequest(
        _ body: JSONValue, _ word: String, _ parts: EventParts
    ) -> Event {
        var parts = parts
        let request = body["pullrequest"]
        parts.change = request.map { change($0, word).value }
        parts.head = request.flatMap { sha(of: source($0)) }.map { EventShape.head(sha: $0) }
        switch word {
        case "comment_created": return comment(body, on: "change", "created", parts)
        case "comment_updated": return comment(body, on: "change", "edited", parts)
        case "comment_deleted": return comment(body, on: "change", "deleted", parts)
        case "approved", "unapproved": return parts.event(.review, word)
        case "changes_request_created": return parts.event(.review, "changes_requested")
        case "changes_request_removed": return parts.event(.review, "changes_request_removed")
        default: return parts.event(.change, action(word))
        }
    }

    private static func action(_ word: String) -> String {
        switch word {
        case "created": "opened"
        // Code or text: only who remembers the last commit could tell.
        case "updated", "push": "updated"
        case "fulfilled": "merged"
        case "rejected": "closed"
        default: word
        }
    }

    private static func source(_ request: JSONValue) -> JSONValue? {
        request["source"] ?? request["fromRef"]
    }

    /// Twelve digits in Cloud's pull requests.
    private static func sha(of side: JSONValue?) -> CELValue? {
        celText(side?.at("commit", "hash"))
    }

    private static func side(_ side: JSONValue?) -> CELValue? {
        guard let side, side.kind == .object else { return nil }
        return EventShape.side(
            repo: name(of: side["repository"]), branch: celText(side.at("branch", "name")),
            sha: sha(of: side))
    }

    private static func change(_ request: JSONValue, _ word: String) -> EventShape.Change {
        var change = EventShape.Change()
        change.number = number(request["id"])
        change.title = celValue(request["title"])
        change.url = celText(request.at("links", "html", "href") ?? request["link"])
        change.draft = celValue(request["draft"])
        change.state = state(request["state"]?.string, word)
        let target = request["destination"] ?? request["toRef"]
        change.source = side(source(request))
        change.target = side(target)
        if let from = name(of: source(request)?["repository"])?.stringValue,
            let to = name(of: target?["repository"])?.stringValue
        {
            change.fork = from != to
        }
        if change.state == "merged" {
            change.mergeSHA = celText(request.at("merge_commit", "hash"))
        }
        switch word {
        case "created", "push": change.codeChanged = true
        case "updated": change.codeChanged = nil
        default: change.codeChanged = false
        }
        return change
    }

    /// The plugin writes the number as text.
    private static func number(_ id: JSONValue?) -> CELValue? {
        if let text = id?.string { return Int64(text).map { .int($0) } }
        return celValue(id)
    }

    private static func state(_ native: String?, _ word: String) -> String? {
        switch (native, word) {
        case ("OPEN", _): "open"
        case ("MERGED", _), (nil, "fulfilled"): "merged"
        case ("DECLINED", _), ("SUPERSEDED", _), (nil, "rejected"): "closed"
        case (nil, "created"), (nil, "updated"): "open"
        default: nil
        }
    }

    private static func comment(
        _ body: JSONValue, on: String, _ action: String, _ parts: EventParts
    ) -> Event {
        var parts = parts
        let comment = body["comment"]
        if let comment {
            var shape = EventShape.Comment(
                comment, text: comment.at("content", "raw"),
                url: comment.at("links", "html", "href"), on: on, edited: action == "edited")
            shape.reply = comment["parent"].map { !$0.isNull } ?? false
            parts.comment = shape.value
        }
        if on == "commit" {
            parts.head = celText(body.at("commit", "hash")).map { EventShape.head(sha: $0) }
        }
        let isBot = body.at("actor", "type")?.equals("app_user") == true
        return parts.commentEvent(action, text: comment?.at("content", "raw"), isBot: isBot)
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = self
        while text.last == character { text.removeLast() }
        return String(text)
    }
}
