import Foundation
import Rules
import Testing

@Suite final class RulePathsTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "hookline-\(UUID().uuidString)")

    init() throws {
        let files = FileManager.default
        try files.createDirectory(
            at: directory.appending(path: "rules/deep/er"), withIntermediateDirectories: true)
        try files.createDirectory(
            at: directory.appending(path: "rules/.hidden"), withIntermediateDirectories: true)
        for path in [
            "b.yaml", "a.yaml", "c.yml", ".d.yaml", "deep/x.yaml", "deep/er/y.yaml",
            ".hidden/z.yaml",
        ] {
            try Data("rules: []\n".utf8).write(to: directory.appending(path: "rules/\(path)"))
        }
        try files.createSymbolicLink(
            at: directory.appending(path: "rules/link.yaml"),
            withDestinationURL: directory.appending(path: "rules/a.yaml"))
        try files.createSymbolicLink(
            at: directory.appending(path: "rules/deep/up"),
            withDestinationURL: directory.appending(path: "rules"))
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func files(_ pattern: String) -> [String] {
        let root = directory.path() + "/"
        return RulePaths.files(matching: root + pattern).map { String($0.dropFirst(root.count)) }
    }

    @Test func `wildcards name files, sorted and without hidden ones`() {
        #expect(files("rules/*.yaml") == ["rules/a.yaml", "rules/b.yaml", "rules/link.yaml"])
        #expect(files("rules/?.y*ml") == ["rules/a.yaml", "rules/b.yaml", "rules/c.yml"])
        #expect(files("rules/[bc].*") == ["rules/b.yaml", "rules/c.yml"])
        #expect(files("r*/deep/*.yaml") == ["rules/deep/x.yaml"])
        #expect(files("rules/*").allSatisfy { !$0.hasSuffix("deep") })
        #expect(files("none/*.yaml").isEmpty)
    }

    @Test func `two stars go through directories but no links`() {
        #expect(
            files("rules/**/*.yaml") == [
                "rules/a.yaml", "rules/b.yaml", "rules/deep/er/y.yaml", "rules/deep/x.yaml",
                "rules/link.yaml",
            ])
        #expect(files("**/y.yaml") == ["rules/deep/er/y.yaml"])
    }

    @Test func `a path that is no pattern is given as it is`() {
        #expect(files("rules/none.yaml") == ["rules/none.yaml"])
        #expect(!RulePaths.isPattern("a/b.yaml"))
    }

    private func load(_ patterns: [String]) -> (LoadedRules, [String]) {
        let list = ProblemList()
        let place = Place(file: SourceFile(name: "hookline.yaml", text: ""), line: 3, column: 8)
        let located = patterns.map {
            LocatedText(text: directory.path() + "/" + $0, place: place)
        }
        return (LoadedRules(patterns: located, problems: list), list.problems.map(\.description))
    }

    @Test func `a path without a wildcard must exist, a pattern need not match`() {
        #expect(load(["none/*.yaml"]).1.isEmpty)
        #expect(
            load(["rules/none.yaml"]).1 == [
                "hookline.yaml:3:8: \(directory.path())/rules/none.yaml: cannot be read: "
                    + "No such file or directory"
            ])
        #expect(load(["rules"]).1.first?.hasSuffix("cannot be read: Is a directory") == true)
    }

    @Test func `what a pattern names and nobody can read is told, and never waited for`() throws {
        let root = directory.path() + "/rules"
        #expect(mkfifo(root + "/f.yaml", 0o600) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: root + "/gone.yaml", withDestinationPath: "nowhere")
        #expect(
            load(["rules/*.yaml"]).1 == [
                "hookline.yaml:3:8: \(root)/f.yaml: cannot be read: it is a FIFO; "
                    + "expected a regular file",
                "hookline.yaml:3:8: \(root)/gone.yaml: cannot be read: No such file or directory",
            ])
    }

    @Test(.enabled(if: geteuid() != 0, "root may look into every directory: skipped"))
    func `a directory that is closed to us is told`() throws {
        let closed = directory.path() + "/rules/deep"
        #expect(chmod(closed, 0) == 0)
        defer { chmod(closed, 0o700) }
        #expect(
            load(["rules/deep/*.yaml"]).1 == [
                "hookline.yaml:3:8: \(closed)/: cannot be read: Permission denied"
            ])
    }

    @Test func `a file is read once, however often it is named`() throws {
        let rules = "rules: [{name: a, source: s, start: {PipelineName: p}}]\n"
        try Data(rules.utf8).write(to: directory.appending(path: "rules/b.yaml"))
        let (loaded, problems) = load(["rules/*.yaml", "rules/b.yaml"])
        #expect(problems.isEmpty)
        #expect(loaded.rules.rules.map(\.name) == ["a"])
        #expect(loaded.files.count == 3)
    }

    @Test func `names are unique over all files`() throws {
        let rules = "rules: [{name: a, source: s, start: {PipelineName: p}}]\n"
        try Data(rules.utf8).write(to: directory.appending(path: "rules/b.yaml"))
        try Data(rules.utf8).write(to: directory.appending(path: "rules/c.yml"))
        let root = directory.path() + "/rules"
        #expect(
            load(["rules/b.yaml", "rules/c.yml"]).1
                == ["\(root)/c.yml:1:16: the rule name \"a\" is taken by \(root)/b.yaml:1:16"])
    }

    @Test func `a file is read up to its limit`() throws {
        let path = directory.appending(path: "rules/a.yaml").path()
        #expect(try RulePaths.read(path, bytesMax: 10).count == 10)
        #expect(throws: RulesError.fileTooLong(path: path, limitBytes: 9)) {
            try RulePaths.read(path, bytesMax: 9)
        }
    }
}
