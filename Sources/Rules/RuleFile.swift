package import CEL

/// The content of one rule file.
package struct RuleFile: Sendable {
    package let rules: [Rule]
    package let tests: [RuleTest]

    /// Reads a rule file and reports everything that is wrong in it.
    /// - Parameters:
    ///   - name: The file's path as messages show it.
    ///   - limits: Bounds on the rules' expressions and on each of their evaluations.
    package init(
        _ content: [UInt8], name: String, limits: CELLimits = CELLimits(), problems: ProblemList
    ) {
        let environment = RuleVariable.environment(limits)
        let root = YAMLReader.read(content, name: name, problems: problems)
        let fields = root.flatMap {
            YAMLFields($0, "a rule file", keys: ["rules", "tests"], problems: problems)
        }
        rules = (fields?["rules"]?.elements("rules", problems) ?? []).compactMap {
            Rule($0, environment, problems)
        }
        tests = (fields?["tests"]?.elements("tests", problems) ?? []).compactMap {
            RuleTest($0, problems)
        }
    }
}

extension RuleFile {
    /// Reports what rules of several files have against each other: equal names, tests of rules
    /// that do not exist.
    package static func check(_ files: [RuleFile], _ problems: ProblemList) {
        var places: [String: Place] = [:]
        var count = 0
        for rule in files.flatMap(\.rules) {
            count += 1
            // A name that is missing is told already.
            if rule.name.isEmpty { continue }
            if let first = places[rule.name] {
                problems.report(
                    rule.place, "the rule name \"\(rule.name)\" is taken by \(first)")
            } else {
                places[rule.name] = rule.place
            }
            if count == RulesLimits.rulesMax + 1 {
                problems.report(rule.place, "more than \(RulesLimits.rulesMax) rules")
            }
        }
        let names = places.keys.sorted()
        for expectation in files.flatMap(\.tests).flatMap(\.expectations)
        where places[expectation.rule] == nil {
            problems.report(
                expectation.place,
                "no rule is named \"\(printable(expectation.rule))\""
                    + suggestion(for: expectation.rule, among: names))
        }
    }
}
