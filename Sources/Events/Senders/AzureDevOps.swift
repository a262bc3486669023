internal import CEL
internal import JSON

/// Azure DevOps' service hooks (learn.microsoft.com, "Service hooks events").
enum AzureDevOps {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let body = delivery.body
        let type = body["eventType"]?.string
        let resource = body["resource"]
        var parts = EventParts(
            NativeEvent(event: type, action: nil, delivery: delivery))
        parts.repo = repository(
            resource?["repository"] ?? resource?.at("pullRequest", "repository"))
        switch type {
        case "git.push":
            parts.actor = actor(resource?["pushedBy"])
            return pushes(resource, parts)
        case "git.pullrequest.created", "git.pullrequest.updated", "git.pullrequest.merged":
            return [pullRequest(resource, type, parts)]
        case "ms.vss-code.git-pullrequest-comment-event":
            return [comment(resource, parts)]
        default: return [parts.event(.other, nil)]
        }
    }

    /// The id of a delivery and of the subscription that it is for: the first is shared by several
    /// subscriptions of one event.
    static func deliveryID(_ headers: any HeaderFields, _ body: JSONValue) -> String? {
        guard let id = body["id"]?.string else { return nil }
        guard let subscription = body["subscriptionId"]?.string else { return id }
        return "\(id)/\(subscription)"
    }

    private static func name(of repository: JSONValue?) -> CELValue? {
        guard let name = repository?["name"]?.string else { return nil }
        guard let project = repository?.at("project", "name")?.string else { return .string(name) }
        return .string("\(project)/\(name)")
    }

    private static func repository(_ repository: JSONValue?) -> CELValue? {
        guard let repository, repository.kind == .object else { return nil }
        let branch = repository["defaultBranch"]?.string.map { GitReference(full: $0).name }
        let visibility = repository.at("project", "visibility")?.string
        return EventShape.repository(
            id: celText(repository["id"]), fullName: name(of: repository),
            url: celText(repository["webUrl"]) ?? celText(repository["remoteUrl"]),
            cloneURL: celText(repository["remoteUrl"]),
            defaultBranch: branch.map { .string($0) },
            isPrivate: visibility == "private"
                ? .bool(true) : visibility == "public" ? .bool(false) : nil)
    }

    private static func actor(_ identity: JSONValue?) -> CELValue? {
        guard let identity, identity.kind == .object else { return nil }
        return EventShape.actor(
            id: celText(identity["id"]), login: celText(identity["uniqueName"]),
            name: celText(identity["displayName"]))
    }

    /// One event for each reference that moved. A subscription without resource details tells that
    /// there was a push, and nothing of it.
    private static func pushes(_ resource: JSONValue?, _ parts: EventParts) -> [Event] {
        guard let updates = resource?["refUpdates"] else { return [parts.event(.push, nil)] }
        let commits = resource?["commits"]
        return updates.elements.enumerated().map { index, update in
            var parts = parts
            let ref = update["name"]?.string.map { GitReference(full: $0) }
            let move = ReferenceMove(before: update["oldObjectId"], after: update["newObjectId"])
            parts.take(move)
            if let commits, commits.kind == .array, updates.count == 1 {
                parts.commits = EventShape.commits(total: nil, listed: commits.count)
            }
            let sha = move.after?.string
            parts.head = commits?.elements
                .first { sha != nil && $0["commitId"]?.string == sha }.map(head)
            let isTag = ref?.namespace == .tag
            return parts.event(isTag ? .tag : .push, move.action, ref: ref, index: index)
        }
    }

    private static func head(_ commit: JSONValue) -> CELValue {
        EventShape.head(
            sha: celText(commit["commitId"]), message: celValue(commit["comment"]),
            authorName: celText(commit.at("author", "name")),
            authorEmail: celText(commit.at("author", "email")),
            at: celText(commit.at("author", "date")))
    }

    private static func pullRequest(
        _ resource: JSONValue?, _ type: String?, _ parts: EventParts
    ) -> Event {
        var parts = parts
        guard let request = resource else { return parts.event(.change, nil) }
        let action = action(request, type)
        // An update may be of the code, of the votes or of the text: nothing tells which.
        let codeChanged: Bool? = action == "opened" ? true : action == "updated" ? nil : false
        parts.change = change(request, codeChanged: codeChanged).value
        parts.head = sha(request, "lastMergeSourceCommit").map { EventShape.head(sha: $0) }
        // Who acts is told for none but the creation.
        if action == "opened" { parts.actor = actor(request["createdBy"]) }
        return parts.event(.change, action)
    }

    /// `git.pullrequest.merged` says that a merge was tried, also for the preview of one.
    private static func action(_ request: JSONValue, _ type: String?) -> String {
        let status = request["status"]?.string
        if type == "git.pullrequest.created" { return "opened" }
        if status == "abandoned" { return "closed" }
        if type == "git.pullrequest.merged" {
            let isDone =
                status == "completed" && request["mergeStatus"]?.equals("succeeded") == true
            return isDone ? "merged" : "edited"
        }
        return status == "completed" ? "edited" : "updated"
    }

    private static func sha(_ request: JSONValue, _ member: StaticString) -> CELValue? {
        celText(objectID(request.at(member, "commitId")))
    }

    private static func branch(_ ref: JSONValue?) -> CELValue? {
        ref?.string.map { .string(GitReference(full: $0).name) }
    }

    private static func change(
        _ request: JSONValue, codeChanged: Bool?
    ) -> EventShape.Change {
        var change = EventShape.Change()
        let repository = name(of: request["repository"])
        let fork = request.at("forkSource", "repository")
        change.number = celValue(request["pullRequestId"])
        change.title = celValue(request["title"])
        change.url = celText(request.at("_links", "web", "href") ?? request["url"])
        change.draft = celValue(request["isDraft"])
        if let labels = request["labels"], labels.kind == .array {
            change.labels = labels.elements.compactMap { celValue($0["name"]) }
        }
        change.state =
            switch request["status"]?.string {
            case "active": "open"
            case "completed": "merged"
            case "abandoned": "closed"
            default: nil
            }
        change.source = EventShape.side(
            repo: fork.flatMap { name(of: $0) } ?? repository,
            branch: branch(request["sourceRefName"]), sha: sha(request, "lastMergeSourceCommit"))
        change.target = EventShape.side(
            repo: repository, branch: branch(request["targetRefName"]),
            sha: sha(request, "lastMergeTargetCommit"))
        if fork != nil { change.fork = true }
        if change.state == "merged" { change.mergeSHA = sha(request, "lastMergeCommit") }
        change.codeChanged = codeChanged
        return change
    }

    private static func comment(_ resource: JSONValue?, _ parts: EventParts) -> Event {
        var parts = parts
        let comment = resource?["comment"]
        if let request = resource?["pullRequest"], request.kind == .object {
            parts.change = change(request, codeChanged: false).value
            parts.head = sha(request, "lastMergeSourceCommit").map { EventShape.head(sha: $0) }
        }
        parts.actor = actor(comment?["author"])
        let action = commentAction(comment)
        if let comment {
            var shape = EventShape.Comment(
                comment, text: comment["content"], url: comment.at("_links", "self", "href"),
                on: "change", edited: action == "edited")
            shape.reply = comment["parentCommentId"]?.int.map { $0 != 0 }
            parts.comment = shape.value
        }
        let isSystem = comment?["commentType"]?.equals("system") == true
        return parts.commentEvent(action, text: comment?["content"], isBot: isSystem)
    }

    /// All three are one event type; the dates tell an edited comment from a new one.
    private static func commentAction(_ comment: JSONValue?) -> String? {
        guard let comment else { return nil }
        if comment["isDeleted"]?.bool == true { return "deleted" }
        guard let published = comment["publishedDate"]?.string else { return nil }
        return comment["lastUpdatedDate"]?.string == published ? "created" : "edited"
    }
}
