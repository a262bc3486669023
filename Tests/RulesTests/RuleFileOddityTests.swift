import Events
import Foundation
import JSON
import Rules
import Testing

/// Files and values that are odd rather than wrong YAML.
@Suite struct RuleFileOddityTests {
    private func load(_ folder: URL) -> [String] {
        let problems = ProblemList()
        let place = Place(file: SourceFile(name: "hookline.yaml", text: ""))
        let pattern = LocatedText(text: folder.path + "/*.yaml", place: place)
        _ = LoadedRules(patterns: [pattern], problems: problems)
        return problems.problems.map(\.description)
    }

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("oddity-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test func `a pipe among the rule files is an error, and nobody waits for it`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(mkfifo(folder.path + "/f.yaml", 0o600) == 0)
        let found = load(folder)
        #expect(
            found.count == 1 && found[0].hasSuffix("f.yaml: cannot be read: it is no regular file"))
    }

    @Test func `a link that leads nowhere is an error, a file behind a link is none`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("rules: []\n".utf8).write(to: folder.appendingPathComponent("a.yaml"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/b.yaml", withDestinationPath: "a.yaml")
        #expect(load(folder).isEmpty)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/c.yaml", withDestinationPath: "nowhere")
        let found = load(folder)
        #expect(
            found.count == 1
                && found[0].hasSuffix("c.yaml: cannot be read: No such file or directory"))
    }

    @Test(arguments: ["on: []", "on: {}"])
    func `a rule that no event can start is an error`(on: String) {
        #expect(
            problems(rule("PipelineName: p", "    \(on)"))
                == ["r.yaml:4:9: expected at least one event kind"])
    }

    @Test(arguments: [
        ("timestamp('tomorrow') < received", "r.yaml:4:12: "),
        ("received - duration('5') > received", "r.yaml:4:23: "),
        ("body.x == semver('x') ", "r.yaml:4:22: "),
    ])
    func `a call with constants that can only fail is an error at load`(
        condition: String, place: String
    ) {
        let found = problems(rule("PipelineName: p", "    when: \"\(condition)\""))
        #expect(found.count == 1 && found[0].hasPrefix(place), "\(found)")
    }

    @Test func `a null of the payload that is asked for with .? is absent`() throws {
        let body = push().replacingOccurrences(of: "\"epochs\"", with: "\"mail\":null,\"epochs\"")
        let text = """
            PipelineName: p
            PipelineExecutionDescription: ${body.?mail}
            PipelineParameters: {A: '${body.?mail.orValue("nobody")}'}
            """
        let request = try request(rule(text), body)
        #expect(request.contains("nobody") && !request.contains("PipelineExecutionDescription"))
        #expect(
            try failure(rule("PipelineName: p\nPipelineParameters: {A: '${body.mail}'}"), body)
                .contains("is null"))
    }

    @Test func `a draft of a deleted branch wants deletions`() throws {
        let delivery = try delivery(push(after: zeros))
        let draft = RuleDraft(
            name: "gone", source: "github", pipeline: "p", event: try event(delivery), headers: [],
            payload: "a.json", others: [])
        #expect(draft.text.contains("types: [deleted]"))
        #expect(problems(draft.text).isEmpty)
        let outcomes = try ruleSet(draft.text).match(try event(delivery), in: delivery)
        #expect(outcomes.count == 1)
        #expect(RuleDraft.faults(ofPipeline: "p").isEmpty)
        #expect(!RuleDraft.faults(ofPipeline: "bad pipe").isEmpty)
    }
}
