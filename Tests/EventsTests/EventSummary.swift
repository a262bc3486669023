import CEL
import Events
import JSON

/// An event on one line: everything but free text, ids shortened.
func summary(_ event: Event) -> String {
    var parts = ["\(event.kind.rawValue)/\(event.action ?? "-")"]
    func add(_ name: String, _ path: String..., limit: Int = 200) {
        var value: CELValue? = event.member(path[0])
        for name in path.dropFirst() { value = member(name, of: value) }
        guard let text = text(value) else { return }
        parts.append("\(name)=\(text.prefix(limit))")
    }
    add("ref", "ref", "full")
    add("before", "before", limit: 8)
    add("after", "after", limit: 8)
    for name in ["created", "deleted", "forced"] { add(name, name) }
    add("head", "head", "sha", limit: 8)
    add("commits", "commits", "total")
    add("listed", "commits", "listed")
    if let changed = event.paths.changed {
        parts.append("paths=\(changed.count)\(event.paths.complete ? "" : "+")")
    }
    add("number", "change", "number")
    add("state", "change", "state")
    add("draft", "change", "draft")
    add("labels", "change", "labels")
    add("source", "change", "source", "branch")
    add("source.repo", "change", "source", "repo")
    add("source.sha", "change", "source", "sha", limit: 8)
    add("target", "change", "target", "branch")
    add("fork", "change", "fork")
    add("merge", "change", "merge_sha", limit: 8)
    add("code", "change", "code_changed")
    add("on", "comment", "on")
    add("edited", "comment", "edited")
    add("reply", "comment", "reply")
    add("association", "comment", "association")
    add("command", "command", "name")
    add("args", "command", "args")
    add("channel", "command", "channel")
    add("tag", "release", "tag")
    add("prerelease", "release", "prerelease")
    add("release.draft", "release", "draft")
    add("repo", "repo", "full_name")
    add("branch", "repo", "default_branch")
    add("private", "repo", "private")
    add("actor", "actor", "login")
    add("actor.id", "actor", "id")
    add("is", "actor", "kind")
    add("native", "native", "event")
    add("native.action", "native", "action")
    return parts.joined(separator: " ")
}

private func member(_ name: String, of value: CELValue?) -> CELValue? {
    switch value {
    case .object(let object)?: object.member(name)
    case .jsonMap(let map)?: map[name].map { CELValue(json: $0) }
    default: nil
    }
}

private func text(_ value: CELValue?) -> String? {
    switch value {
    case nil, .null?: nil
    case .list(let elements)?: "[" + elements.compactMap { text($0) }.joined(separator: ",") + "]"
    case let value?: try? value.rendered()
    }
}
