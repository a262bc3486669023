internal import CEL
internal import JSON

/// GitHub's webhooks (docs.github.com, "Webhook events and payloads").
enum GitHub {
    static func normalise(_ delivery: Delivery) -> [Event] {
        let name = delivery.headers.field("x-github-event") ?? ""
        let native = NativeEvent(
            event: name, action: delivery.body["action"]?.string, delivery: delivery)
        guard name == "push" else { return [other(name, native, delivery.body)] }
        let ref = delivery.body["ref"]?.string.map { GitReference(full: $0) }
        return [
            Event(
                index: 0, kind: ref?.namespace == .tag ? .tag : .push,
                action: pushAction(delivery.body), ref: ref,
                fields: GitHubPush(body: delivery.body, ref: ref, native: native))
        ]
    }

    /// GitHub says what happened itself; the object ids say it where it does not.
    private static func pushAction(_ body: JSONValue) -> String? {
        let (created, deleted) = (body["created"]?.bool, body["deleted"]?.bool)
        if deleted == true { return "deleted" }
        if created == true { return "created" }
        if created == false, deleted == false { return "updated" }
        return ReferenceMove(before: body["before"], after: body["after"]).action
    }

    private static func other(_ name: String, _ native: NativeEvent, _ body: JSONValue) -> Event {
        var parts = EventParts(native)
        parts.repo = repository(body["repository"])
        parts.actor = actor(body["sender"], name: nil)
        switch name {
        case "ping": return parts.event(.ping, native.action)
        case "pull_request": return GitHubChange.event(body, parts)
        case "pull_request_review": return GitHubChange.review(body, parts)
        case "issue_comment", "pull_request_review_comment", "commit_comment":
            return GitHubComment.event(name, body, parts)
        case "release":
            parts.release = release(body["release"])
            return parts.event(.release, native.action)
        case "package", "registry_package": return parts.event(.artifact, native.action)
        default: return parts.event(.other, native.action)
        }
    }

    /// GitHub's release, which is Gitea's too.
    static func release(_ release: JSONValue?) -> CELValue? {
        guard let release, release.kind == .object else { return nil }
        return EventShape.release(
            tag: celText(release["tag_name"]), name: celText(release["name"]),
            prerelease: celValue(release["prerelease"]), draft: celValue(release["draft"]),
            target: celText(release["target_commitish"]))
    }

    static func repository(_ repository: JSONValue?) -> CELValue? {
        guard let repository, repository.kind == .object else { return nil }
        // A repository has some eighty members.
        let found = repository.members(
            named: "id", "full_name", "html_url", "url", "clone_url", "default_branch", "private")
        return EventShape.repository(
            id: celValue(found[0]), fullName: celValue(found[1]),
            url: celValue(found[2] ?? found[3]), cloneURL: celValue(found[4]),
            defaultBranch: celValue(found[5]), isPrivate: celValue(found[6]))
    }

    static func actor(
        _ sender: JSONValue?, name: JSONValue?, association: JSONValue? = nil
    ) -> CELValue? {
        guard let sender, sender.kind == .object else { return nil }
        return EventShape.actor(
            id: celValue(sender["id"]), login: celValue(sender["login"]), name: celValue(name),
            isBot: sender["type"].map { $0.equals("Bot") }, association: celValue(association))
    }
}
