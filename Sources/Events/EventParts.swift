internal import CEL
internal import JSON

/// The members of an event that a sender's payload gives; what is left out is null.
struct EventParts {
    var repo: CELValue?
    var before: CELValue?
    var after: CELValue?
    var created: Bool?
    var deleted: Bool?
    var forced: CELValue?
    var head: CELValue?
    var commits: CELValue?
    var change: CELValue?
    var comment: CELValue?
    var command: CELValue?
    var release: CELValue?
    var actor: CELValue?
    let native: NativeEvent
    /// Asked for at most once, and only by rules that look at paths.
    var paths: () -> ChangedPaths = { .unknown }

    init(_ native: NativeEvent) { self.native = native }

    func event(
        _ kind: EventKind, _ action: String?, ref: GitReference? = nil, index: Int = 0
    ) -> Event {
        Event(
            index: index, kind: kind, action: action, ref: ref, fields: EventMembers(self))
    }
}

extension EventParts {
    /// The event of a comment. One that is new and a person's may carry a command.
    func commentEvent(_ action: String?, text: JSONValue?, isBot: Bool) -> Event {
        var parts = self
        if action == "created", !isBot {
            parts.command = text?.string.flatMap { Command(comment: $0) }?.value()
        }
        return parts.event(.comment, action)
    }
}

/// Parts that are read already.
private final class EventMembers: EventFields {
    private let parts: EventParts

    init(_ parts: EventParts) { self.parts = parts }

    var paths: ChangedPaths { parts.paths() }

    func field(_ name: EventField) -> CELValue? {
        switch name {
        case .repo: parts.repo
        case .before: parts.before
        case .after: parts.after
        case .created: parts.created.map { .bool($0) }
        case .deleted: parts.deleted.map { .bool($0) }
        case .forced: parts.forced
        case .head: parts.head
        case .commits: parts.commits
        case .change: parts.change
        case .comment: parts.comment
        case .command: parts.command
        case .release: parts.release
        case .actor: parts.actor
        case .native: parts.native.value
        }
    }
}

/// The event's name at its sender.
struct NativeEvent {
    let event: String?
    let action: String?
    let delivery: String
    /// Which try of the sender's this is, from 1; nil where it does not say.
    var attempt: Int64?

    init(event: String?, action: String?, delivery: Delivery, attempt: Int64? = nil) {
        self.event = event
        self.action = action
        self.delivery = delivery.deliveryID
        self.attempt = attempt
    }

    var value: CELValue {
        .object(
            EventObject([
                ("event", event.map { .string($0) }), ("action", action.map { .string($0) }),
                ("delivery", .string(delivery)), ("attempt", attempt.map { .int($0) }),
            ]))
    }
}

/// The one shape of each part of an event, whoever sends it. What is nil becomes null.
enum EventShape {
    static func repository(
        id: CELValue? = nil, fullName: CELValue?, url: CELValue? = nil, cloneURL: CELValue? = nil,
        defaultBranch: CELValue? = nil, isPrivate: CELValue? = nil
    ) -> CELValue {
        .object(
            EventObject([
                ("id", id), ("full_name", fullName), ("url", url), ("clone_url", cloneURL),
                ("default_branch", defaultBranch), ("private", isPrivate),
            ]))
    }

    static func head(
        sha: CELValue?, message: CELValue? = nil, authorName: CELValue? = nil,
        authorEmail: CELValue? = nil, at: CELValue? = nil
    ) -> CELValue {
        let author: CELValue? =
            authorName == nil && authorEmail == nil
            ? nil : .object(EventObject([("name", authorName), ("email", authorEmail)]))
        return .object(
            EventObject([("sha", sha), ("message", message), ("author", author), ("at", at)]))
    }

    /// A commit as GitLab and Gitea write it.
    static func head(of commit: JSONValue) -> CELValue {
        head(
            sha: celText(commit["id"]), message: celValue(commit["message"]),
            authorName: celText(commit.at("author", "name")),
            authorEmail: celText(commit.at("author", "email")), at: celText(commit["timestamp"]))
    }

    /// - Parameter total: Nil where the sender does not say how many there are.
    static func commits(total: Int64?, listed: Int) -> CELValue {
        .object(
            EventObject([
                ("total", total.map { .int($0) }), ("listed", .int(Int64(listed))),
                ("complete", .bool(total == Int64(listed))),
            ]))
    }

    /// One side of a change.
    static func side(repo: CELValue?, branch: CELValue?, sha: CELValue?) -> CELValue {
        .object(EventObject([("repo", repo), ("branch", branch), ("sha", sha)]))
    }

    struct Change {
        var number: CELValue?
        var title: CELValue?
        var url: CELValue?
        var draft: CELValue?
        /// Names; nil where the sender does not say.
        var labels: [CELValue]?
        /// `open`, `closed` or `merged`
        var state: String?
        var source: CELValue?
        var target: CELValue?
        var fork: Bool?
        var mergeSHA: CELValue?
        /// Whether the commits may be others than before.
        var codeChanged: Bool?

        var value: CELValue {
            .object(
                EventObject([
                    ("number", number), ("title", title), ("url", url), ("draft", draft),
                    ("labels", labels.map { .list($0) }), ("state", state.map { .string($0) }),
                    ("source", source), ("target", target), ("fork", fork.map { .bool($0) }),
                    ("merge_sha", mergeSHA), ("code_changed", codeChanged.map { .bool($0) }),
                ]))
        }
    }

    struct Comment {
        var id: CELValue?
        var body: CELValue?
        var url: CELValue?
        /// `change`, `issue`, `commit` or `snippet`; nil for a chat's message.
        var on: String?
        var edited: Bool?
        var reply: Bool?
        /// What its author is to the repository, in GitHub's words.
        var association: CELValue?

        init() {}

        /// - Parameter comment: Has the id, whoever sends it; what else it has is called otherwise.
        init(
            _ comment: JSONValue, text: JSONValue?, url: JSONValue?, on: String?, edited: Bool
        ) {
            id = celValue(comment["id"])
            body = celValue(text)
            self.url = celText(url)
            self.on = on
            self.edited = edited
        }

        var value: CELValue {
            .object(
                EventObject([
                    ("id", id), ("body", body), ("url", url), ("on", on.map { .string($0) }),
                    ("edited", edited.map { .bool($0) }), ("reply", reply.map { .bool($0) }),
                    ("association", association),
                ]))
        }
    }

    static func release(
        tag: CELValue?, name: CELValue?, prerelease: CELValue? = nil, draft: CELValue? = nil,
        target: CELValue? = nil
    ) -> CELValue {
        .object(
            EventObject([
                ("tag", tag), ("name", name), ("prerelease", prerelease), ("draft", draft),
                ("target", target),
            ]))
    }

    static func actor(
        id: CELValue?, login: CELValue?, name: CELValue? = nil, isBot: Bool? = nil,
        association: CELValue? = nil
    ) -> CELValue {
        .object(
            EventObject([
                ("id", id), ("login", login), ("name", name),
                ("kind", .string(isBot.map { $0 ? "bot" : "user" } ?? "unknown")),
                ("association", association),
            ]))
    }
}

/// A JSON member as a CEL value; a missing one and null are both nil.
func celValue(_ value: JSONValue?) -> CELValue? {
    guard let value, !value.isNull else { return nil }
    return CELValue(json: value)
}

/// A text that is not empty as a CEL value.
func celText(_ value: JSONValue?) -> CELValue? {
    guard let value, value.kind == .string, !value.utf8.isEmpty else { return nil }
    return .jsonString(value)
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

/// The paths that commits added, modified and removed, each once.
func changedPaths(in commits: JSONValue?) -> [String] {
    var changed = DistinctTexts()
    guard let commits else { return [] }
    for commit in commits.elements {
        for member in ["added", "modified", "removed"] as [StaticString] {
            guard let paths = commit[member] else { continue }
            for path in paths.elements {
                if let path = path.string { changed.append(path) }
            }
        }
    }
    return changed.texts
}

/// Texts in their order, each once.
private struct DistinctTexts {
    private(set) var texts: [String] = []
    /// The same, once there are more of them than are quickly gone through.
    private var seen: Set<String> = []
    private static let fewMax = 8

    mutating func append(_ text: String) {
        if texts.count < Self.fewMax {
            if !texts.contains(text) { texts.append(text) }
            return
        }
        if seen.isEmpty { seen = Set(texts) }
        if seen.insert(text).inserted { texts.append(text) }
    }
}
