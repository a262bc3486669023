internal import CEL
package import Events

/// All rules, ready to be asked about events; immutable, asked on several threads at once.
package struct RuleSet: Sendable {
    /// In the order of the files and of the rules in them.
    package let rules: [Rule]
    /// The positions of the rules that look at a source, by the kind of event.
    private let bySource: [String: [[Int]]]
    /// The same for sources that no rule names.
    private let byKind: [[Int]]

    /// - Parameter rules: Their names are unique.
    package init(_ rules: [Rule] = []) {
        self.rules = rules
        var names: Set<String> = []
        for rule in rules { names.formUnion((rule.sources ?? []).map(\.text)) }
        bySource = Dictionary(
            uniqueKeysWithValues: names.map { ($0, Self.positions(of: rules, source: $0)) })
        byKind = Self.positions(of: rules, source: nil)
    }

    private static func positions(of rules: [Rule], source: String?) -> [[Int]] {
        EventKind.allCases.map { kind in
            rules.indices.filter { index in
                let rule = rules[index]
                return rule.covers(kind) && rule.admits(source: source)
            }
        }
    }

    private func positions(of kind: EventKind, from source: String) -> [Int] {
        (bySource[source] ?? byKind)[kind.position]
    }

    /// The rules that are asked about events of a kind from a source; no others cost anything.
    package func candidates(for kind: EventKind, from source: String) -> [Rule] {
        positions(of: kind, from: source).map { rules[$0] }
    }

    /// What the rules make of an event, in the order of the rules.
    package func match(_ event: Event, in delivery: Delivery) -> [RuleOutcome] {
        let positions = positions(of: event.kind, from: delivery.source)
        var outcomes: [RuleOutcome] = []
        var activation: RuleActivation?
        for position in positions {
            // Asked in place: a copy of a rule would count its many parts.
            guard rules[position].filterRefusal(of: event) == nil else { continue }
            let shared = activation ?? RuleActivation(event, in: delivery)
            activation = shared
            let own = rules[position].lets.activation(shared)
            do {
                guard try rules[position].holds(own) else { continue }
                outcomes.append(.start(try rules[position].start(event, in: delivery, own)))
            } catch {
                outcomes.append(.failed(rule: rules[position].name, message: error.message))
            }
        }
        return outcomes
    }

    /// The kinds of events that rules want of a source; nil when one wants all.
    package func kinds(ofSource source: String) -> Set<EventKind>? {
        var kinds: Set<EventKind> = []
        for rule in rules where rule.admits(source: source) {
            guard let filters = rule.filters else { return nil }
            kinds.formUnion(filters.map(\.kind))
        }
        return kinds
    }

    /// What every rule does with an event, and why: each clause as ``match(_:in:)`` asks it.
    package func explain(_ event: Event, in delivery: Delivery) -> [RuleTrace] {
        let activation = RuleActivation(event, in: delivery)
        return rules.map { $0.trace(of: event, in: delivery, activation) }
    }
}

extension EventKind {
    /// The position in ``EventKind/allCases``.
    fileprivate var position: Int {
        switch self {
        case .push: 0
        case .tag: 1
        case .change: 2
        case .review: 3
        case .comment: 4
        case .release: 5
        case .artifact: 6
        case .model: 7
        case .dataset: 8
        case .command: 9
        case .ping: 10
        case .other: 11
        }
    }
}
