internal import CEL
package import Events

/// What a rule's `on` says of one kind of event.
package struct EventFilter: Sendable {
    /// What a filter looks at, in the words of rule files.
    package enum Word: String, Sendable, CaseIterable {
        case types, branches, tags, paths, whenPathsUnknown
        case branchesIgnore = "branches-ignore"
        case tagsIgnore = "tags-ignore"
        case pathsIgnore = "paths-ignore"
    }

    /// What becomes of an event whose changed paths nobody knows.
    package enum UnknownPaths: String, Sendable, CaseIterable {
        case run, skip
    }

    /// Patterns with the word in front of them, which says whether they include or ignore.
    struct Patterns: Sendable {
        let word: Word
        let list: FilterPatterns
    }

    /// The key of `on`; `push` stands for branches and tags.
    package let kind: EventKind
    /// The actions that are wanted; empty for all but the deletion of a branch or tag.
    let types: [String]
    let branches: Patterns?
    let tags: Patterns?
    let paths: Patterns?
    let whenPathsUnknown: UnknownPaths

    init(
        kind: EventKind, types: [String] = [], branches: Patterns? = nil, tags: Patterns? = nil,
        paths: Patterns? = nil, whenPathsUnknown: UnknownPaths = .run
    ) {
        self.kind = kind
        self.types = types
        self.branches = branches
        self.tags = tags
        self.paths = paths
        self.whenPathsUnknown = whenPathsUnknown
    }

    /// Whether events of a kind are looked at.
    package func covers(_ kind: EventKind) -> Bool {
        kind == self.kind || (kind == .tag && self.kind == .push)
            || (kind == .comment && self.kind == .command)
    }

    /// Whether an event is looked at: of comments, only those that carry a command are commands.
    func covers(_ event: Event) -> Bool {
        guard covers(event.kind) else { return false }
        return event.kind == kind || kind != .command || event.hasCommand
    }

    /// The first word that says no to an event of a kind that is covered; nil when none does.
    package func refusal(of event: Event) -> Word? {
        if !types.isEmpty, !types.contains(event.action ?? "") { return .types }
        if let word = referenceRefusal(of: event) { return word }
        // At GitHub no workflow runs for a branch or tag that is gone; whoever wants one says so.
        if types.isEmpty, isDeletion(event) { return .types }
        guard let paths, event.ref?.namespace != .tag, !admits(event.paths, paths) else {
            return nil
        }
        return paths.word
    }

    private func isDeletion(_ event: Event) -> Bool {
        (event.kind == .push || event.kind == .tag) && event.action == "deleted"
    }

    /// Only branches given: tags never match, and the reverse; neither given: both match.
    private func referenceRefusal(of event: Event) -> Word? {
        guard branches != nil || tags != nil else { return nil }
        let (wanted, other): (Patterns?, Patterns?) =
            switch namespace(of: event) {
            case .branch: (branches, tags)
            case .tag: (tags, branches)
            case .other, nil: (nil, branches ?? tags)
            }
        guard let wanted else { return other?.word }
        guard let name = referenceName(of: event), wanted.admits(name) else { return wanted.word }
        return nil
    }

    private func admits(_ changed: ChangedPaths, _ patterns: Patterns) -> Bool {
        let known = changed.changed ?? []
        // A path that is wanted is enough, whatever else may have changed.
        switch patterns.word {
        case .pathsIgnore where known.contains { !patterns.list.ignores($0) }: return true
        case .paths where known.contains { patterns.list.includes($0) }: return true
        default: break
        }
        return changed.changed == nil || !changed.complete ? whenPathsUnknown == .run : false
    }

    private func namespace(of event: Event) -> GitReference.Namespace? {
        kind == .change ? .branch : event.ref?.namespace
    }

    /// The branch or tag that patterns are compared with; of a change, the branch it goes to.
    private func referenceName(of event: Event) -> String? {
        kind == .change ? event.targetBranch : event.ref?.name
    }
}

extension EventFilter.Patterns {
    func admits(_ name: String) -> Bool {
        switch word {
        case .branchesIgnore, .tagsIgnore, .pathsIgnore: !list.ignores(name)
        default: list.includes(name)
        }
    }
}

extension EventFilter {
    /// Why a word says no, in a sentence.
    package func reason(_ word: Word, for event: Event) -> String {
        switch word {
        case .types where types.isEmpty:
            return "a deletion matches only where types names deleted"
        case .types:
            return "action \(quoted(event.action)) is none of \(types.joined(separator: ", "))"
        case .branches, .branchesIgnore: return referenceReason(branches, "branch", event)
        case .tags, .tagsIgnore: return referenceReason(tags, "tag", event)
        case .paths, .pathsIgnore, .whenPathsUnknown: return pathsReason(event.paths)
        }
    }

    private func referenceReason(
        _ patterns: Patterns?, _ noun: String, _ event: Event
    ) -> String {
        let list = patterns?.list.sources.joined(separator: ", ") ?? ""
        let name = referenceName(of: event)
        guard let name, namespace(of: event)?.rawValue == noun else {
            let found =
                event.ref.map { "\(quoted($0.full)) is no \(noun)" } ?? "no \(noun) is known"
            return "\(found), and \(patterns?.word.rawValue ?? noun) is \(list)"
        }
        switch patterns?.word {
        case .branchesIgnore, .tagsIgnore: return "\(noun) \(quoted(name)) is ignored by \(list)"
        default: return "\(noun) \(quoted(name)) does not match \(list)"
        }
    }

    private func pathsReason(_ changed: ChangedPaths) -> String {
        let list = paths?.list.sources.joined(separator: ", ") ?? ""
        guard let known = changed.changed, changed.complete else {
            return "not all changed paths are known, and whenPathsUnknown is skip"
        }
        let count = known.count == 1 ? quoted(known.first) : "\(known.count) paths"
        return paths?.word == .pathsIgnore
            ? "all changed, \(count), is ignored by \(list)"
            : "of what changed, \(count), nothing matches \(list)"
    }
}

func quoted(_ text: String?) -> String { text.map { "\"\(printable($0))\"" } ?? "null" }

extension Event {
    fileprivate var hasCommand: Bool { member("command").map { !$0.isNull } ?? false }

    /// The branch that a change is to be merged into.
    fileprivate var targetBranch: String? {
        guard case .object(let change)? = member("change"),
            case .object(let target)? = change.member("target")
        else { return nil }
        return target.member("branch")?.stringValue
    }
}
