internal import CEL
internal import JSON

/// GitHub's pull requests and their reviews, which Gitea's are shaped after.
enum GitHubChange {
    static func event(_ body: JSONValue, _ parts: EventParts) -> Event {
        var parts = parts
        let request = body["pull_request"]
        let native = parts.native.action
        let action = action(native, request)
        let changesCode = action == "opened" || action == "reopened" || action == "updated"
        parts.change = request.map {
            change($0, number: body["number"], codeChanged: changesCode).value
        }
        parts.head = head(request)
        if action == "updated" {
            parts.before = celValue(objectID(body["before"]))
            parts.after = celValue(objectID(body["after"]))
        }
        // Who acts need not be who opened it, and the association is the latter's.
        if let sender = body.at("sender", "id")?.int, request?.at("user", "id")?.int == sender {
            parts.actor = GitHub.actor(
                body["sender"], name: nil, association: request?["author_association"])
        }
        return parts.event(.change, action)
    }

    /// GitHub's word, or Gitea's, in ours. Whatever changes no code is `edited`.
    static func action(_ native: String?, _ request: JSONValue?) -> String? {
        switch native {
        case "opened", "reopened": native
        case "synchronize", "synchronized": "updated"
        case "closed": request?["merged"]?.bool == true ? "merged" : "closed"
        case nil: nil
        default: "edited"
        }
    }

    static func head(_ request: JSONValue?) -> CELValue? {
        request?.at("head", "sha").map { EventShape.head(sha: celText($0)) }
    }

    /// - Parameter number: What the payload has it as beside the request.
    static func change(
        _ request: JSONValue, number: JSONValue? = nil, codeChanged: Bool?
    ) -> EventShape.Change {
        var change = EventShape.Change()
        change.number = celValue(request["number"]) ?? celValue(number)
        change.title = celValue(request["title"])
        change.url = celText(request["html_url"])
        change.draft = celValue(request["draft"])
        change.labels = labels(request["labels"])
        let isMerged = request["merged"]?.bool == true || request["merged_at"]?.string != nil
        change.state = isMerged ? "merged" : request["state"]?.string
        change.source = side(request["head"])
        change.target = side(request["base"])
        change.fork = isFork(request["head"], request["base"])
        // While it is open, the field holds the commit of a test merge.
        if isMerged { change.mergeSHA = celText(request["merge_commit_sha"]) }
        change.codeChanged = codeChanged
        return change
    }

    static func labels(_ labels: JSONValue?) -> [CELValue]? {
        guard let labels, labels.kind == .array else { return nil }
        return labels.elements.compactMap { celValue($0["name"]) }
    }

    private static func side(_ side: JSONValue?) -> CELValue? {
        guard let side, side.kind == .object else { return nil }
        return EventShape.side(
            repo: celValue(side.at("repo", "full_name")), branch: celText(side["ref"]),
            sha: celText(side["sha"]))
    }

    /// Nil when the fork is gone, and its repository is null.
    private static func isFork(_ head: JSONValue?, _ base: JSONValue?) -> Bool? {
        guard let source = head?.at("repo", "full_name")?.string,
            let target = base?.at("repo", "full_name")?.string
        else { return nil }
        return source != target
    }

    static func review(_ body: JSONValue, _ parts: EventParts) -> Event {
        var parts = parts
        let review = body["review"]
        let native = parts.native.action
        let action = native == "submitted" ? review?["state"]?.string?.lowercased() : native
        parts.change = body["pull_request"].map { change($0, codeChanged: false).value }
        parts.head = head(body["pull_request"])
        parts.comment = review.map {
            comment($0, on: "change", edited: native == "edited").value
        }
        parts.actor = GitHub.actor(
            body["sender"], name: nil, association: association(of: review, body))
        return parts.event(.review, action)
    }

    static func comment(
        _ comment: JSONValue, on: String, edited: Bool
    ) -> EventShape.Comment {
        var shape = EventShape.Comment(
            comment, text: comment["body"], url: comment["html_url"], on: on, edited: edited)
        shape.association = celValue(comment["author_association"])
        return shape
    }

    /// The association of the one who acts: the comment's, when it is his comment.
    static func association(of comment: JSONValue?, _ body: JSONValue) -> JSONValue? {
        guard let author = comment?.at("user", "id")?.int,
            author == body.at("sender", "id")?.int
        else { return nil }
        return comment?["author_association"]
    }
}

/// GitHub's comments on issues, pull requests, their lines, and commits.
enum GitHubComment {
    static func event(_ name: String, _ body: JSONValue, _ parts: EventParts) -> Event {
        var parts = parts
        let comment = body["comment"]
        let issue = body["issue"]
        let isChange =
            name == "pull_request_review_comment" || issue?["pull_request"]?.kind == .object
        let on = name == "commit_comment" ? "commit" : isChange ? "change" : "issue"
        if let comment {
            var shape = GitHubChange.comment(
                comment, on: on, edited: parts.native.action == "edited")
            if name == "pull_request_review_comment" {
                shape.reply = comment["in_reply_to_id"].map { !$0.isNull } ?? false
            }
            parts.comment = shape.value
        }
        if let request = body["pull_request"], name == "pull_request_review_comment" {
            parts.change = GitHubChange.change(request, codeChanged: false).value
            parts.head = GitHubChange.head(request)
        } else if let issue, isChange {
            parts.change = change(of: issue).value
        }
        if name == "commit_comment", let sha = comment?["commit_id"] {
            parts.head = EventShape.head(sha: celText(sha))
        }
        parts.actor = GitHub.actor(
            body["sender"], name: nil, association: GitHubChange.association(of: comment, body))
        let isBot =
            body.at("sender", "type")?.equals("Bot") == true
            || comment?.at("user", "type")?.equals("Bot") == true
        return parts.commentEvent(parts.native.action, text: comment?["body"], isBot: isBot)
    }

    /// A pull request as its issue shows it: without branches and commits.
    static func change(of issue: JSONValue) -> EventShape.Change {
        var change = EventShape.Change()
        change.number = celValue(issue["number"])
        change.title = celValue(issue["title"])
        change.url = celText(issue.at("pull_request", "html_url") ?? issue["html_url"])
        change.draft = celValue(issue["draft"])
        change.labels = GitHubChange.labels(issue["labels"])
        let isMerged = issue.at("pull_request", "merged_at")?.string != nil
        change.state = isMerged ? "merged" : issue["state"]?.string
        change.codeChanged = false
        return change
    }
}
