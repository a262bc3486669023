package import CEL

/// The rules and tests of several files.
package struct LoadedRules: Sendable {
    package let rules: RuleSet
    /// Each file's tests; payload paths are relative to the file.
    package let files: [File]
    private let patterns: [String]

    /// A rule file that was read.
    package struct File: Sendable {
        /// The path it was read from.
        package let path: String
        package let content: RuleFile

        /// The path of a payload that a test in this file names.
        package func path(of payload: String) -> String {
            guard !payload.hasPrefix("/"), let slash = path.lastIndex(of: "/") else {
                return payload
            }
            return String(path[...slash]) + payload
        }
    }

    /// Reads rule files.
    /// - Parameters:
    ///   - patterns: Paths, which may be patterns, with the places that ask for them.
    ///   - limits: Bounds on the rules' expressions and on each of their evaluations.
    ///   - problems: Gets everything that is wrong, in the files and between them.
    package init(
        patterns: [LocatedText], limits: CELLimits = CELLimits(), problems: ProblemList
    ) {
        var files: [File] = []
        var seen: Set<String> = []
        for pattern in patterns {
            for path in RulePaths.files(matching: pattern.text) where seen.insert(path).inserted {
                guard files.count < RulesLimits.filesMax else {
                    problems.report(pattern.place, "more than \(RulesLimits.filesMax) rule files")
                    break
                }
                do {
                    let content = try RulePaths.read(
                        path, bytesMax: RulesLimits.fileBytesMax)
                    files.append(
                        File(
                            path: path,
                            content: RuleFile(
                                content, name: path, limits: limits, problems: problems)))
                } catch {
                    problems.report(pattern.place, error.description)
                }
            }
        }
        RuleFile.check(files.map(\.content), problems)
        self.files = files
        self.patterns = patterns.map(\.text)
        rules = RuleSet(files.flatMap(\.content.rules))
    }

    /// Whether a file that exists, since the rules were read or before, is one of those asked for.
    /// - Parameter isSame: Whether a path is that of the file.
    package func names(_ isSame: (String) -> Bool) -> Bool {
        patterns.contains { RulePaths.files(matching: $0).contains(where: isSame) }
    }
}
