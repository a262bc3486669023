internal import CEL
internal import JSON

/// A `push` event: a branch or a tag was created, moved or deleted.
final class GitHubPush: EventFields {
    /// GitHub's list of commits ends here; the true number is then unknown.
    /// Source: docs.github.com, "Webhook events and payloads", push.
    static let commitsMax = 2048

    private let body: JSONValue
    private let ref: GitReference?
    private let native: NativeEvent

    init(body: JSONValue, ref: GitReference?, native: NativeEvent) {
        self.body = body
        self.ref = ref
        self.native = native
    }

    func field(_ name: EventField) -> CELValue? {
        switch name {
        case .repo: GitHub.repository(body["repository"])
        case .before: celValue(objectID(body["before"]))
        case .after: celValue(objectID(body["after"]))
        case .created: (body["created"]?.bool ?? move.created).map { .bool($0) }
        case .deleted: (body["deleted"]?.bool ?? move.deleted).map { .bool($0) }
        case .forced: celValue(body["forced"])
        case .head: head
        case .commits: commits
        case .actor:
            GitHub.actor(body["sender"], name: body.at("pusher", "name"))
        case .native: native.value
        case .change, .comment, .command, .release: nil
        }
    }

    private var move: ReferenceMove {
        ReferenceMove(before: body["before"], after: body["after"])
    }

    private var head: CELValue? {
        guard let commit = body["head_commit"], commit.kind == .object else { return nil }
        let author = EventObject([
            ("name", celValue(commit.at("author", "name"))),
            ("email", celValue(commit.at("author", "email"))),
        ])
        return .object(
            EventObject([
                ("sha", celValue(commit["id"])), ("message", celValue(commit["message"])),
                ("author", .object(author)), ("at", celValue(commit["timestamp"])),
            ]))
    }

    private var commitList: (count: Int, complete: Bool)? {
        guard let commits = body["commits"], commits.kind == .array else { return nil }
        var count = 0
        for _ in commits.elements { count += 1 }
        return (count, count < Self.commitsMax)
    }

    private var commits: CELValue? {
        guard let list = commitList else { return nil }
        return .object(
            EventObject([
                ("total", list.complete ? .int(Int64(list.count)) : nil),
                ("listed", .int(Int64(list.count))), ("complete", .bool(list.complete)),
            ]))
    }

    /// The union of what the listed commits added, modified and removed.
    ///
    /// Of a created or force-pushed branch the listed commits need not be the whole difference, and
    /// a tag has none, so only a plain update of a branch is called complete.
    var paths: ChangedPaths {
        guard let list = commitList, ref?.namespace == .branch else { return .unknown }
        let isUpdate = objectID(body["before"]) != nil && objectID(body["after"]) != nil
        guard isUpdate || list.count > 0 else { return .unknown }
        let changed = changedPaths(in: body["commits"])
        let forced = body["forced"]?.bool ?? false
        return ChangedPaths(changed: changed, complete: list.complete && isUpdate && !forced)
    }
}
