import ArgumentParser
import Events
import Foundation
import JSON
import Rules
import SageMakerAPI

struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Writes a file to begin with.",
        subcommands: [NewRuleCommand.self])
}

struct NewRuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "Writes a commented rule with its test, from a payload that was captured.",
        discussion: """
            The rule wants events like the payload's first one. The file is rules/NAME.yaml unless --output says \
            otherwise; one that exists is left alone.
            """)

    @OptionGroup var files: ConfigurationOptions

    @Argument(help: "The rule's name: 1 to 64 of a-z, 0-9 and -.")
    var name: String

    @Option(help: "The source that the payload came to.")
    var source: String

    @Option(help: "A file with the payload.")
    var payload: String

    @Option(help: "A header field, \"Name: value\"; repeat it for more.")
    var header: [String] = []

    @Option(help: "The pipeline to start.")
    var pipeline = "my-pipeline"

    @Option(help: "The file to write.")
    var output: String?

    func validate() throws {
        let isName =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == 45
            }
        if !isName { throw ValidationError("a rule name is 1 to 64 of a-z, 0-9 and -") }
        let shape = StartPipelineExecution.input.member("PipelineName")?.shape
        for violation in shape?.violations(inText: pipeline) ?? [] {
            throw ValidationError("--pipeline: the pipeline's name or ARN \(violation.message)")
        }
    }

    func run() throws {
        let loaded = try files.load(.configuration, needsSecrets: false)
        let configured = try loaded.source(named: source)
        let sample = try SampleDelivery(
            path: payload, source: configured,
            SampleDelivery.Circumstances(fields: try headerFields(header)))
        if let note = sample.note { printError("note: \(note)") }
        let delivery = sample.delivery
        guard let event = sample.events.first else {
            throw Exit(
                status: .answerIsNo, lines: ["\(payload): \(source) makes no event of it"])
        }
        let path = output ?? folder + "rules/\(name).yaml"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Exit(status: .answerIsNo, lines: ["\(path): the file exists already"])
        }
        let started = sample.events.flatMap { loaded.settings.rules.explain($0, in: delivery) }
            .filter { $0.start != nil }.map(\.rule)
        func draft(others: Set<String>) -> Data {
            let draft = RuleDraft(
                name: name, source: source, pipeline: pipeline, event: event,
                headers: delivery.headers.fieldNames.map {
                    ($0, delivery.headers.field($0) ?? "")
                },
                payload: Self.relative(payload, to: path),
                hasDeliveryID: !delivery.deliveryID.isEmpty, others: others.sorted())
            return Data(draft.text.utf8)
        }
        let isLoaded: Bool
        do {
            let url = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try draft(others: []).write(to: url, options: .withoutOverwriting)
            // Patterns name only what exists. A file that none names is tested by itself.
            isLoaded = loaded.ruleFiles.names { TestSuite.key($0) == TestSuite.key(path) }
            if isLoaded, !started.isEmpty {
                try draft(others: Set(started)).write(to: url, options: .atomic)
            }
        } catch {
            throw Exit(status: .answerIsNo, lines: ["\(path): the file cannot be written"])
        }
        print("\(path): written; `hookline test \(path)` runs its test")
        if !isLoaded { printError("note: `rules` of \(files.config) does not name it") }
    }

    private var folder: String {
        files.config.lastIndex(of: "/").map { String(files.config[...$0]) } ?? ""
    }

    /// The payload's path as the rule file has to write it.
    private static func relative(_ payload: String, to ruleFile: String) -> String {
        let own = URL(fileURLWithPath: payload).standardizedFileURL.pathComponents
        let base = URL(fileURLWithPath: ruleFile).standardizedFileURL.deletingLastPathComponent()
            .pathComponents
        let shared = zip(own, base).prefix { $0 == $1 }.count
        // Nothing in common but the root: the path itself reads better than a row of dots.
        guard shared > 1 else { return URL(fileURLWithPath: payload).standardizedFileURL.path }
        let up = Array(repeating: "..", count: base.count - shared)
        return (up + own[shared...]).joined(separator: "/")
    }
}
