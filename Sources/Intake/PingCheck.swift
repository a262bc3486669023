internal import Events
internal import JSON
internal import Rules

/// What GitHub's ping, which tells how the webhook is set up, shows to be wrong with it.
enum PingCheck {
    static func notes(_ body: JSONValue, source: String, _ rules: RuleSet) -> [String] {
        guard let hook = body["hook"] else { return [] }
        var notes: [String] = []
        switch hook.at("config", "content_type")?.string {
        case "json", nil: break
        case "form":
            notes.append(
                "the content type is form, which is read too; application/json is shorter")
        case let other?:
            notes.append("the content type \(other.prefix(32)) is not read; use application/json")
        }
        if isOne(hook.at("config", "insecure_ssl")) {
            notes.append("SSL verification is disabled for this webhook")
        }
        return notes + missing(hook["events"], source: source, rules)
    }

    private static func isOne(_ value: JSONValue?) -> Bool {
        value?.equals("1") == true || value?.int == 1
    }

    /// Events that rules wait for and that the webhook does not send.
    private static func missing(
        _ events: JSONValue?, source: String, _ rules: RuleSet
    ) -> [String] {
        guard let events, let kinds = rules.kinds(ofSource: source) else { return [] }
        let sent = Set(events.elements.compactMap(\.string))
        guard !sent.contains("*") else { return [] }
        return EventKind.allCases.filter { kinds.contains($0) }.compactMap { kind in
            let names = names(of: kind)
            guard !names.isEmpty, sent.isDisjoint(with: names) else { return nil }
            return "rules want \(kind.rawValue) events, and the webhook does not send "
                + names.joined(separator: " or ")
        }
    }

    /// GitHub's names of what becomes a kind; none for kinds that it never sends.
    private static func names(of kind: EventKind) -> [String] {
        switch kind {
        case .push, .tag: ["push"]
        case .change: ["pull_request"]
        case .review: ["pull_request_review"]
        case .comment, .command:
            ["issue_comment", "pull_request_review_comment", "commit_comment"]
        case .release: ["release"]
        case .artifact: ["package", "registry_package"]
        case .model, .dataset, .ping, .other: []
        }
    }
}
