internal import Events

/// What tests reached of the rules: which rules started, which clauses said yes and which said no.
package struct RuleCoverage {
    /// Of one rule, over all tests.
    private struct Reached {
        var starts = 0
        /// How often each clause said no.
        var refusals: [String: Int] = [:]
    }

    private var reached: [String: Reached] = [:]

    package init() {}

    package mutating func record(_ traces: [RuleTrace]) {
        for trace in traces {
            if trace.start != nil {
                reached[trace.rule, default: Reached()].starts += 1
            } else if let clause = trace.clause {
                reached[trace.rule, default: Reached()].refusals[clause, default: 0] += 1
            }
        }
    }

    /// What no test reached, one line each: rules that never start and clauses that never say no.
    package func gaps(in rules: [Rule]) -> [String] {
        rules.flatMap { rule -> [String] in
            let own = reached[rule.name] ?? Reached()
            var gaps: [String] = []
            if own.starts == 0 { gaps.append("\(rule.name): no test starts it") }
            for clause in rule.clauses where own.refusals[clause] == nil {
                gaps.append("\(rule.name): no test has \(clause) say no")
            }
            return gaps.map { "\(rule.place): \($0)" }
        }
    }

    /// Such as `3 of 4 rules started, 5 of 9 clauses said no`.
    package func summary(of rules: [Rule]) -> String {
        let started = rules.count { (reached[$0.name]?.starts ?? 0) > 0 }
        let clauses = rules.flatMap { rule in
            rule.clauses.map { (reached[rule.name]?.refusals[$0] ?? 0) > 0 }
        }
        return "\(started) of \(rules.count) rules started, "
            + "\(clauses.count { $0 }) of \(clauses.count) clauses said no"
    }
}

extension Rule {
    /// The clauses that can say no, as traces name them; `source` is left out, since a source's
    /// name cannot be wrong in an interesting way.
    var clauses: [String] {
        var clauses: [String] = []
        for filter in filters ?? [] {
            clauses += filter.words.map { "on.\(filter.kind.rawValue).\($0.rawValue)" }
        }
        if condition != nil { clauses.append("when") }
        return clauses
    }
}

extension EventFilter {
    /// The words that are given and can say no, in the order in which they are asked.
    var words: [Word] {
        (types.isEmpty ? [] : [.types])
            + [branches?.word, tags?.word, paths?.word].compactMap { $0 }
    }
}
