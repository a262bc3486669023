internal import CEL
internal import JSON

/// GitLab's project, group and system hooks (docs.gitlab.com, "Webhook events").
enum GitLab {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        // System hooks all have the same header field; the body says what it is.
        let kind = body["object_kind"]?.string ?? body["event_name"]?.string
        let attributes = body["object_attributes"]
        let action = attributes?["action"]?.string ?? body["action"]?.string
        let native = NativeEvent(
            event: delivery.headers.field("x-gitlab-event") ?? kind, action: action,
            delivery: delivery)
        var parts = EventParts(native)
        parts.repo = repository(body["project"])
        parts.actor = actor(body)
        switch kind {
        case "push", "tag_push": return [push(body, parts)]
        case "merge_request": return [change(body, action, parts)]
        case "note": return [comment(body, action, parts)]
        case "release":
            parts.release = EventShape.release(
                tag: celText(body["tag"]), name: celText(body["name"]),
                target: celText(body.at("commit", "id")))
            return [parts.event(.release, releaseAction(action))]
        default: return [parts.event(.other, action)]
        }
    }

    private static func repository(_ project: JSONValue?) -> CELValue? {
        guard let project, project.kind == .object else { return nil }
        // 0 private, 10 internal, 20 public.
        let level = project["visibility_level"]?.int
        return EventShape.repository(
            id: celValue(project["id"]), fullName: celValue(project["path_with_namespace"]),
            url: celText(project["web_url"]), cloneURL: celText(project["git_http_url"]),
            defaultBranch: celText(project["default_branch"]),
            isPrivate: level.map { .bool($0 < 20) })
    }

    private static func actor(_ body: JSONValue) -> CELValue? {
        if let user = body["user"], user.kind == .object {
            return EventShape.actor(
                id: celValue(user["id"]), login: celText(user["username"]),
                name: celText(user["name"]), isBot: isBot(user["username"]) ? true : nil)
        }
        guard body["user_id"] != nil || body["user_name"] != nil else { return nil }
        return EventShape.actor(
            id: celValue(body["user_id"]),
            login: celText(body["user_username"]) ?? celText(body["user_name"]),
            name: celText(body["user_name"]), isBot: isBot(body["user_username"]) ? true : nil)
    }

    /// GitLab names the bots of access tokens `project_1_bot_…` and `group_1_bot_…`, and tells of
    /// nobody else whether he is one.
    private static func isBot(_ login: JSONValue?) -> Bool {
        guard let login = login?.string else { return false }
        let words = login.split(separator: "_")
        return words.count >= 3 && (words[0] == "project" || words[0] == "group")
            && words[1].allSatisfy(\.isNumber) && words[2].hasPrefix("bot")
    }

    private static func push(_ body: JSONValue, _ parts: EventParts) -> Event {
        var parts = parts
        let ref = body["ref"]?.string.map { GitReference(full: $0) }
        let move = ReferenceMove(before: body["before"], after: body["after"])
        parts.take(move)
        let commits = body["commits"]
        let listed = commits?.count ?? 0
        let total = body["total_commits_count"]?.int
        if commits?.kind == .array {
            parts.commits = EventShape.commits(total: total, listed: listed)
        }
        // An annotated tag's id is not its commit's.
        parts.head = head(commits, sha: objectID(body["checkout_sha"] ?? body["after"])?.string)
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

    /// The newest commit, where it is among those listed.
    private static func head(_ commits: JSONValue?, sha: String?) -> CELValue? {
        guard let sha else { return nil }
        let commit = commits?.elements.first { $0["id"]?.string == sha }
        return commit.map { EventShape.head(of: $0) }
    }

    private static func change(
        _ body: JSONValue, _ native: String?, _ parts: EventParts
    ) -> Event {
        var parts = parts
        guard let request = body["object_attributes"] else { return parts.event(.change, nil) }
        let old = objectID(request["oldrev"])
        let isReview = native.map { $0.contains("approv") } == true
        let action = isReview ? reviewAction(native) : changeAction(native, hasNewCode: old != nil)
        let changesCode = action == "opened" || action == "reopened" || action == "updated"
        parts.change =
            change(
                request, labels: body["labels"], codeChanged: !isReview && changesCode
            ).value
        parts.head = request["last_commit"].flatMap {
            $0.kind == .object ? EventShape.head(of: $0) : nil
        }
        if action == "updated" {
            parts.before = celValue(old)
            parts.after = celValue(objectID(request.at("last_commit", "id")))
        }
        return parts.event(isReview ? .review : .change, action)
    }

    private static func changeAction(_ native: String?, hasNewCode: Bool) -> String? {
        switch native {
        case "open": "opened"
        case "reopen": "reopened"
        case "update": hasNewCode ? "updated" : "edited"
        case "merge": "merged"
        case "close": "closed"
        default: native
        }
    }

    private static func reviewAction(_ native: String?) -> String? {
        switch native {
        case "approved", "approval": "approved"
        case "unapproved", "unapproval": "unapproved"
        default: native
        }
    }

    private static func releaseAction(_ native: String?) -> String? {
        switch native {
        case "create": "published"
        case "update": "edited"
        case "delete": "deleted"
        default: native
        }
    }

    private static func change(
        _ request: JSONValue, labels: JSONValue?, codeChanged: Bool?
    ) -> EventShape.Change {
        var change = EventShape.Change()
        change.number = celValue(request["iid"])
        change.title = celValue(request["title"])
        change.url = celText(request["url"])
        change.draft = celValue(request["draft"] ?? request["work_in_progress"])
        let names = labels ?? request["labels"]
        if names?.kind == .array {
            change.labels = names?.elements.compactMap { celValue($0["title"]) }
        }
        change.state = state(request["state"]?.string)
        change.source = EventShape.side(
            repo: celValue(request.at("source", "path_with_namespace")),
            branch: celText(request["source_branch"]),
            sha: celText(request.at("last_commit", "id")))
        change.target = EventShape.side(
            repo: celValue(request.at("target", "path_with_namespace")),
            branch: celText(request["target_branch"]), sha: nil)
        if let source = request["source_project_id"]?.int,
            let target = request["target_project_id"]?.int
        {
            change.fork = source != target
        }
        if change.state == "merged" { change.mergeSHA = celText(request["merge_commit_sha"]) }
        change.codeChanged = codeChanged
        return change
    }

    private static func state(_ native: String?) -> String? {
        switch native {
        case "opened", "locked": "open"
        default: native
        }
    }

    private static func comment(
        _ body: JSONValue, _ native: String?, _ parts: EventParts
    ) -> Event {
        var parts = parts
        guard let note = body["object_attributes"] else { return parts.event(.comment, nil) }
        let action: String? =
            switch native {
            // Before GitLab 16.11 only new notes were told, without an action.
            case "create", nil: "created"
            case "update": "edited"
            default: native
            }
        parts.comment =
            EventShape.Comment(
                note, text: note["note"], url: note["url"],
                on: on(note["noteable_type"]?.string), edited: action == "edited"
            ).value
        if let request = body["merge_request"], request.kind == .object {
            parts.change = change(request, labels: nil, codeChanged: false).value
            parts.head = request["last_commit"].flatMap {
                $0.kind == .object ? EventShape.head(of: $0) : nil
            }
        } else if let commit = body["commit"], commit.kind == .object {
            parts.head = EventShape.head(of: commit)
        }
        let isMachine = note["system"]?.bool == true || isBot(body.at("user", "username"))
        return parts.commentEvent(action, text: note["note"], isBot: isMachine)
    }

    private static func on(_ type: String?) -> String? {
        switch type {
        case "MergeRequest": "change"
        case "Issue", "WorkItem": "issue"
        case "Commit": "commit"
        case "Snippet", "ProjectSnippet": "snippet"
        default: nil
        }
    }
}
