internal import CEL
internal import JSON

/// Bitbucket Data Center (confluence.atlassian.com, "Event payload").
enum BitbucketDC {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let key = delivery.headers.field("x-event-key") ?? body["eventKey"]?.string
        var parts = Bitbucket.parts(body, key, delivery)
        // The "Post Webhooks" plugin speaks the Cloud's language.
        if delivery.headers.field("x-bitbucket-type") != nil || body["push"] != nil
            || body["pullrequest"] != nil
        {
            return Bitbucket.normalise(body, key, parts)
        }
        let request = body["pullRequest"]
        parts.repo = repository(body["repository"] ?? request?.at("toRef", "repository"))
        parts.actor = actor(body["actor"])
        switch key {
        case "diagnostics:ping": return [parts.event(.ping, nil)]
        case "repo:refs_changed", "mirror:repo_synchronized": return pushes(body, parts)
        case let key? where key.hasPrefix("pr:"):
            return [pullRequest(body, String(key.dropFirst("pr:".count)), parts)]
        case let key? where key.hasPrefix("repo:comment:"):
            return [
                comment(body, on: "commit", String(key.dropFirst("repo:comment:".count)), parts)
            ]
        default: return [parts.event(.other, parts.native.action)]
        }
    }

    private static func name(of repository: JSONValue?) -> CELValue? {
        guard let project = repository?.at("project", "key")?.string,
            let slug = repository?["slug"]?.string
        else { return nil }
        return .string("\(project)/\(slug)")
    }

    private static func repository(_ repository: JSONValue?) -> CELValue? {
        guard let repository, repository.kind == .object else { return nil }
        let web = repository.at("links", "self")?.elements.first { _ in true }
        let clone = repository.at("links", "clone")?.elements.first {
            $0["name"]?.equals("http") == true
        }
        return EventShape.repository(
            id: celValue(repository["id"]), fullName: name(of: repository),
            url: celText(web?["href"]), cloneURL: celText(clone?["href"]),
            isPrivate: repository["public"]?.bool.map { .bool(!$0) })
    }

    private static func actor(_ actor: JSONValue?) -> CELValue? {
        guard let actor, actor.kind == .object else { return nil }
        let isBot: Bool? =
            switch actor["type"]?.string {
            case "SERVICE": true
            case "NORMAL": false
            default: nil
            }
        return EventShape.actor(
            id: celValue(actor["id"]), login: celText(actor["name"]),
            name: celText(actor["displayName"]), isBot: isBot)
    }

    /// One event for each reference that moved; none for a mirror that tells no references.
    private static func pushes(_ body: JSONValue, _ parts: EventParts) -> [Event] {
        guard let changes = body["changes"] else { return [] }
        return changes.elements.enumerated().map { index, change in
            var parts = parts
            let ref = (change.at("ref", "id") ?? change["refId"])?.string.map {
                GitReference(full: $0)
            }
            let move = ReferenceMove(before: change["fromHash"], after: change["toHash"])
            parts.take(move)
            let told = action(change["type"]?.string)
            if let told {
                parts.created = told == "created"
                parts.deleted = told == "deleted"
            }
            let action = told ?? move.action
            // The one commit that is told belongs to one of the references. An annotated tag's id
            // is not its commit's.
            if let commit = body["toCommit"], commit.kind == .object, action != "deleted",
                changes.count == 1 || commit["id"]?.string == move.after?.string
            {
                parts.head = head(commit)
            }
            if let commits = body["commits"], commits.kind == .array, changes.count == 1 {
                parts.commits = EventShape.commits(total: nil, listed: commits.count)
            }
            let isTag = ref?.namespace == .tag
            return parts.event(isTag ? .tag : .push, action, ref: ref, index: index)
        }
    }

    private static func action(_ type: String?) -> String? {
        switch type {
        case "ADD": "created"
        case "UPDATE": "updated"
        case "DELETE": "deleted"
        default: nil
        }
    }

    private static func head(_ commit: JSONValue) -> CELValue {
        EventShape.head(
            sha: celText(commit["id"]), message: celValue(commit["message"]),
            authorName: celText(commit.at("author", "name")),
            authorEmail: celText(commit.at("author", "emailAddress")),
            at: celValue(commit["authorTimestamp"]))
    }

    private static func pullRequest(
        _ body: JSONValue, _ word: String, _ parts: EventParts
    ) -> Event {
        var parts = parts
        let request = body["pullRequest"]
        parts.change = request.map { change($0, word).value }
        parts.head = celText(request?.at("fromRef", "latestCommit")).map {
            EventShape.head(sha: $0)
        }
        switch word {
        case let word where word.hasPrefix("comment:"):
            return comment(body, on: "change", String(word.dropFirst("comment:".count)), parts)
        case "reviewer:approved": return parts.event(.review, "approved")
        case "reviewer:unapproved": return parts.event(.review, "unapproved")
        case "reviewer:needs_work", "reviewer:changes_requested":
            return parts.event(.review, "changes_requested")
        case "from_ref_updated":
            parts.before = celText(objectID(body["previousFromHash"]))
            parts.after = celText(objectID(request?.at("fromRef", "latestCommit")))
            return parts.event(.change, "updated")
        default: return parts.event(.change, changeAction(word))
        }
    }

    private static func changeAction(_ word: String) -> String {
        switch word {
        case "opened", "reopened", "merged": word
        case "declined", "deleted": "closed"
        default: "edited"
        }
    }

    private static func change(_ request: JSONValue, _ word: String) -> EventShape.Change {
        var change = EventShape.Change()
        change.number = celValue(request["id"])
        change.title = celValue(request["title"])
        change.url = celText(
            request.at("links", "self")?.elements.first { _ in true }?["href"])
        change.draft = celValue(request["draft"])
        change.state =
            switch request["state"]?.string {
            case "OPEN": "open"
            case "MERGED": "merged"
            case "DECLINED": "closed"
            default: nil
            }
        change.source = side(request["fromRef"])
        change.target = side(request["toRef"])
        if let from = request.at("fromRef", "repository", "id")?.int,
            let to = request.at("toRef", "repository", "id")?.int
        {
            change.fork = from != to
        }
        change.mergeSHA = celText(request.at("properties", "mergeCommit", "id"))
        change.codeChanged = ["opened", "reopened", "from_ref_updated"].contains(word)
        return change
    }

    private static func side(_ side: JSONValue?) -> CELValue? {
        guard let side, side.kind == .object else { return nil }
        return EventShape.side(
            repo: name(of: side["repository"]), branch: celText(side["displayId"]),
            sha: celText(side["latestCommit"]))
    }

    private static func comment(
        _ body: JSONValue, on: String, _ word: String, _ parts: EventParts
    ) -> Event {
        var parts = parts
        let action = word == "added" ? "created" : word
        let comment = body["comment"]
        if let comment {
            var shape = EventShape.Comment(
                comment, text: comment["text"], url: nil, on: on, edited: action == "edited")
            shape.reply = body["commentParentId"] != nil
            parts.comment = shape.value
        }
        if on == "commit" { parts.head = celText(body["commit"]).map { EventShape.head(sha: $0) } }
        let isBot = body.at("actor", "type")?.equals("SERVICE") == true
        return parts.commentEvent(action, text: comment?["text"], isBot: isBot)
    }
}
