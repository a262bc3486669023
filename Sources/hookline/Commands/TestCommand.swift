import ArgumentParser
import Events
import Foundation
import JSON
import Rules

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Runs the rule files' tests.",
        discussion: """
            Each test's payload goes through the same rules as in production. Exits 0 when all pass and 1 when \
            one fails. Without FILES, all rule files of the configuration are tested. A file that is not of the \
            configuration is tested by itself; where there is no configuration, its sources are taken to be of \
            the types they are named after.
            """)

    @OptionGroup var files: ConfigurationOptions

    @Argument(help: "Rule files to test.", completion: .file(extensions: ["yaml", "yml"]))
    var ruleFiles: [String] = []

    @Flag(help: "Also show what no test reached of the rules.")
    var coverage = false

    @Flag(help: "Run again whenever a rule file, a payload or the configuration changes.")
    var watch = false

    @Option(help: "Write the results to this file in JUnit's XML.")
    var junit: String?

    func run() throws {
        guard watch else { return try runOnce() }
        while true {
            let stamps = watchedStamps()
            do {
                try runOnce()
            } catch let exit as Exit {
                for line in exit.lines { printError(line) }
            }
            print("waiting for a change; end with Ctrl-C")
            fflush(nil)
            while watchedStamps() == stamps { Thread.sleep(forTimeInterval: 0.3) }
        }
    }

    private func runOnce() throws {
        let suite = try TestSuite(files, ruleFiles: ruleFiles)
        var report = JUnitReport()
        var coverage = RuleCoverage()
        var failed = 0
        var count = 0
        for (file, test, rules) in suite.tests {
            count += 1
            let (result, traces) = suite.run(test, of: file, rules)
            coverage.record(traces)
            let failures = result.failures.map(FailureText.lines).flatMap { $0 }
            let place = "\(test.place)"
            report.add(
                file: file.path, line: test.place.line, name: test.name,
                failure: failures.isEmpty ? nil : failures.joined(separator: "\n"))
            if failures.isEmpty {
                print("ok    \(test.name)")
            } else {
                failed += 1
                print("FAIL  \(test.name)\n      \(place)")
                for line in failures { print("      \(line)") }
            }
        }
        print("\(count - failed) passed, \(failed) failed")
        if self.coverage { show(coverage, suite.rules) }
        if let junit { try write(report.text, to: junit) }
        if failed > 0 { throw Exit(status: .answerIsNo, lines: []) }
    }

    private func show(_ coverage: RuleCoverage, _ rules: [Rule]) {
        print("coverage: \(coverage.summary(of: rules))")
        for gap in coverage.gaps(in: rules) { print("  \(gap)") }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        } catch {
            throw Exit(status: .usage, lines: ["--junit \(path): the file cannot be written"])
        }
    }

    /// What the files that decide are like now; the payloads of a broken suite are not known.
    private func watchedStamps() -> [WatchedFiles.Stamp] {
        var paths = [files.config] + ruleFiles
        guard let suite = try? TestSuite(files, ruleFiles: ruleFiles) else {
            let folder = URL(fileURLWithPath: files.config).deletingLastPathComponent().path
            let inFolder = RulePaths.files(matching: folder + "/**/*.yaml")
            return (paths + inFolder).compactMap { WatchedFiles.Stamp($0) }
        }
        paths += suite.watchedPaths
        return paths.compactMap { WatchedFiles.Stamp($0) }
    }
}

/// How a test's failures are told.
private enum FailureText {
    static func lines(_ failure: RuleTestResult.Failure) -> [String] {
        switch failure {
        case .notStarted(let rule, let reasons):
            ["\(rule): expected to start, and did not"] + reasons.map { "  \($0)" }
        case .unexpected(let rule): ["\(rule): started, and is not expected to"]
        case .failed(let rule, let message): ["\(rule): failed: \(message)"]
        case .count(let rule, let expected, let actual):
            ["\(rule): expected to start \(expected) times, and started \(actual) times"]
        case .differs(let rule, let event, let differences):
            ["\(rule): the request\(event.map { " for event \($0)" } ?? "") differs"]
                + differences.flatMap { difference in
                    [
                        "  - \(difference.path): \(difference.expected)",
                        "  + \(difference.path): \(difference.actual ?? "nothing")",
                    ]
                }
        case .unusable(let reason): [reason]
        }
    }
}
