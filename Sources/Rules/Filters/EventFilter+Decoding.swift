internal import Events

extension EventFilter {
    /// Reads `on`: an event kind, a list of them, or a mapping with filters for each.
    static func decode(_ node: YAMLNode, _ problems: ProblemList) -> [EventFilter] {
        guard case .mapping(let members) = node.content else {
            let elements = node.oneOrMore("event kinds", problems)
            if elements.isEmpty, case .sequence = node.content {
                problems.report(node.place, "expected at least one event kind")
            }
            return elements.compactMap { element in
                element.text("an event kind", problems).flatMap { word in
                    kind(word, at: element.place, problems).map { EventFilter(kind: $0) }
                }
            }
        }
        problems.note(node.place) { $0.keys = EventKind.allCases.map(\.rawValue) }
        if members.isEmpty { problems.report(node.place, "expected at least one event kind") }
        return members.compactMap { member in
            kind(member.key, at: member.keyPlace, problems).flatMap {
                EventFilter(kind: $0, member.value, problems)
            }
        }
    }

    private static func kind(
        _ word: String, at place: Place, _ problems: ProblemList
    ) -> EventKind? {
        if let kind = EventKind(rawValue: word) { return kind }
        let kinds = EventKind.allCases.map(\.rawValue)
        let hint =
            gitHubWords[word].map { "; did you mean \"\($0.rawValue)\"?" }
            ?? suggestion(for: word, among: kinds)
        problems.report(place, "unknown event kind \"\(printable(word))\"" + hint)
        return nil
    }

    /// What GitHub Actions calls an event that is the same for every sender here.
    private static let gitHubWords: [String: EventKind] = [
        "pull_request": .change, "pull_request_target": .change, "merge_request": .change,
        "pull_request_review": .review, "issue_comment": .comment,
        "pull_request_review_comment": .comment, "registry_package": .artifact,
    ]

    private init?(kind: EventKind, _ node: YAMLNode, _ problems: ProblemList) {
        if node.isNull {
            self.init(kind: kind)
            return
        }
        let words = Self.words(for: kind).map(\.rawValue)
        guard
            let fields = YAMLFields(
                node, "on.\(kind.rawValue)", keys: words, problems: problems)
        else { return nil }
        let reader = FilterReader(kind: kind, fields: fields, problems: problems)
        self.init(
            kind: kind, types: reader.types,
            branches: reader.patterns(.branches, .branchesIgnore),
            tags: reader.patterns(.tags, .tagsIgnore),
            paths: reader.patterns(.paths, .pathsIgnore),
            whenPathsUnknown: reader.unknownPaths ?? .run)
    }

    private static func words(for kind: EventKind) -> [Word] {
        switch kind {
        case .push:
            [.types, .branches, .branchesIgnore, .tags, .tagsIgnore]
                + [.paths, .pathsIgnore, .whenPathsUnknown]
        case .tag: [.types, .tags, .tagsIgnore]
        case .change: [.types, .branches, .branchesIgnore, .paths, .pathsIgnore, .whenPathsUnknown]
        case .review, .comment, .release, .artifact, .model, .dataset, .command, .ping, .other:
            [.types]
        }
    }
}

extension EventKind {
    /// Every action of the kind, or nil where senders name actions of their own.
    fileprivate var actions: [String]? {
        switch self {
        case .push, .tag: ["created", "updated", "deleted"]
        case .change: ["opened", "reopened", "updated", "edited", "merged", "closed"]
        default: nil
        }
    }
}

private struct FilterReader {
    let kind: EventKind
    let fields: YAMLFields
    let problems: ProblemList

    var types: [String] {
        guard let node = fields["types"] else { return [] }
        return node.oneOrMore("actions", problems).compactMap { element in
            guard let action = element.writtenText("an action", problems) else { return nil }
            problems.note(element.place) { $0.words = kind.actions }
            if let known = kind.actions, !known.contains(action) {
                problems.report(
                    element.place,
                    "\(kind.rawValue) has no action \"\(printable(action))\""
                        + suggestion(for: action, among: known))
                return nil
            }
            return action
        }
    }

    var unknownPaths: EventFilter.UnknownPaths? {
        if let node = fields["whenPathsUnknown"] {
            problems.note(node.place) { $0.fallback = .text(EventFilter.UnknownPaths.run.rawValue) }
        }
        return fields["whenPathsUnknown"].flatMap { $0.word("whenPathsUnknown", problems) }
    }

    /// The patterns of a word or of its `-ignore` twin; an empty list is none, as at GitHub.
    func patterns(_ word: EventFilter.Word, _ ignoring: EventFilter.Word) -> EventFilter.Patterns? {
        let included = fields[word.rawValue].flatMap { list($0) }
        let ignored = fields[ignoring.rawValue].flatMap { list($0) }
        if fields[word.rawValue] != nil, fields[ignoring.rawValue] != nil {
            problems.report(
                fields.place(ofKey: ignoring.rawValue),
                "\(ignoring.rawValue) excludes \(word.rawValue);"
                    + " use \(word.rawValue) with \"!\" in front of exceptions")
        }
        if let included, !included.isEmpty, !included.hasPositive {
            problems.report(
                fields.place(ofKey: word.rawValue),
                "\(word.rawValue) needs a pattern without \"!\", else it matches nothing")
        }
        if let included, !included.isEmpty {
            return EventFilter.Patterns(word: word, list: included)
        }
        if let ignored, !ignored.isEmpty {
            return EventFilter.Patterns(word: ignoring, list: ignored)
        }
        return nil
    }

    private func list(_ node: YAMLNode) -> FilterPatterns? {
        let elements = node.oneOrMore("patterns", problems)
        guard elements.count <= RulesLimits.patternsMax else {
            problems.report(node.place, "more than \(RulesLimits.patternsMax) patterns")
            return nil
        }
        var sources: [String] = []
        for element in elements {
            guard let source = element.writtenText("a pattern", problems) else { continue }
            // Each pattern is tried alone first, so that all the bad ones are told.
            do {
                _ = try FilterPatterns([source])
                sources.append(source)
            } catch {
                problems.report(
                    Place(ofOffset: error.offset, in: element), error.reason.description)
            }
        }
        return try? FilterPatterns(sources)
    }
}
