import Events
import Foundation
import Intake
import JSON
import Rules
import SageMakerClient

/// The tests to run, with the rules and sources they are about.
struct TestSuite {
    /// The tests in the order of the files, each with the rules it is run against.
    let tests: [(file: LoadedRules.File, test: RuleTest, rules: RuleSet)]
    /// Every rule that is tested.
    let rules: [Rule]
    private let sources: [String: Source]

    /// - Parameter ruleFiles: Only these; empty for all of the configuration.
    init(_ options: ConfigurationOptions, ruleFiles: [String]) throws {
        for path in ruleFiles where !FileManager.default.fileExists(atPath: path) {
            throw Exit(status: .usage, lines: ["\(path): there is no such file"])
        }
        let hasConfiguration = FileManager.default.fileExists(atPath: options.config)
        guard hasConfiguration || ruleFiles.isEmpty else {
            self.init(
                sources: Self.namedAfterTypes,
                groups: try ruleFiles.map { try Self.load($0) }.map { ($0, $0.files) })
            return
        }
        let configuration = try options.load(.configuration, needsSecrets: false)
        let sources = Dictionary(
            configuration.settings.sources.map { ($0.name, $0) }
        ) { first, _ in first }
        let all = configuration.ruleFiles
        guard !ruleFiles.isEmpty else {
            self.init(sources: sources, groups: [(all, all.files)])
            return
        }
        let own = Dictionary(all.files.map { (Self.key($0.path), $0) }) { first, _ in first }
        let foreign = ruleFiles.filter { own[Self.key($0)] == nil }
        var groups = [(all, ruleFiles.compactMap { own[Self.key($0)] })]
        // Each by itself, as files that share nothing are tried.
        for path in foreign {
            let loaded = try Self.load(path)
            groups.append((loaded, loaded.files))
        }
        // A file beside the configuration may have sources that only are named after their types.
        self.init(
            sources: foreign.isEmpty ? sources : Self.namedAfterTypes.merging(sources) { $1 },
            groups: groups)
    }

    private init(
        sources: [String: Source], groups: [(rules: LoadedRules, files: [LoadedRules.File])]
    ) {
        self.sources = sources
        tests = groups.flatMap { group in
            group.files.flatMap { file in
                file.content.tests.map { (file, $0, group.rules.rules) }
            }
        }
        rules = groups.filter { !$0.files.isEmpty }.flatMap(\.files).flatMap(\.content.rules)
    }

    private static func load(_ path: String) throws -> LoadedRules {
        let problems = ProblemList()
        let place = Place(file: SourceFile(name: path, text: ""))
        let loaded = LoadedRules(
            patterns: [LocatedText(text: path, place: place)], problems: problems)
        do {
            try problems.throwIfAny()
        } catch {
            throw Exit(
                status: .configuration, lines: "\(error)".split(separator: "\n").map(String.init))
        }
        return loaded
    }

    /// The same for every way to write a file's path.
    /// One text for all paths of a file.
    static func key(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }

    /// The rule files and payloads.
    var watchedPaths: [String] {
        tests.flatMap { file, test, _ -> [String] in
            guard case .file(let payload) = test.payload else { return [file.path] }
            return [file.path, file.path(of: payload)]
        }
    }

    /// Runs one test.
    /// - Returns: What it came to, with every rule's trace of every event.
    func run(
        _ test: RuleTest, of file: LoadedRules.File, _ rules: RuleSet
    ) -> (RuleTestResult, [RuleTrace]) {
        do {
            guard let source = sources[test.source] else {
                throw Exit(
                    status: .usage,
                    lines: [
                        "\(test.sourcePlace): there is no source \"\(printable(test.source))\""
                            + suggestion(for: test.source, among: sources.keys.sorted())
                    ])
            }
            let sample = try sample(of: test, file, source)
            let delivery = sample.delivery
            let traces = sample.events.flatMap { rules.explain($0, in: delivery) }
            return (test.result(of: traces), traces)
        } catch let exit as Exit {
            return (RuleTestResult(failures: exit.lines.map { .unusable($0) }), [])
        } catch {
            return (RuleTestResult(failures: [.unusable("\(test.payloadPlace): \(error)")]), [])
        }
    }

    private func sample(
        of test: RuleTest, _ file: LoadedRules.File, _ source: Source
    ) throws -> SampleDelivery {
        var circumstances = SampleDelivery.Circumstances(
            fields: test.headers, query: Self.encoded(test.query), client: test.client)
        if let event = test.event, let name = source.sender.eventField {
            circumstances.fields[name] = circumstances.fields[name] ?? event
        }
        switch test.payload {
        case .inline(let bytes):
            return try SampleDelivery(
                content: bytes, path: "\(test.payloadPlace)", source: source, circumstances)
        case .file(let payload):
            let path = file.path(of: payload)
            let content: [UInt8]
            do throws(RulesError) {
                content = try RulePaths.read(path, bytesMax: SampleDelivery.bytesMax)
            } catch {
                throw Exit(status: .usage, lines: ["\(test.payloadPlace): \(error)"])
            }
            return try SampleDelivery(
                content: content, path: "\(test.payloadPlace): \(path)", source: source,
                circumstances)
        }
    }

    /// The query as a sender writes it, so that it is read as one.
    private static func encoded(_ query: [String: String]) -> [UInt8] {
        func word(_ text: String) -> String {
            percentEncoded(Array(text.utf8), keepingSlashes: false)
        }
        let fields = query.sorted { $0.key < $1.key }.map { "\(word($0.key))=\(word($0.value))" }
        return Array(fields.joined(separator: "&").utf8)
    }

    /// A source for each type of sender, for rule files without a configuration.
    private static var namedAfterTypes: [String: Source] {
        Sender.all.mapValues { sender in
            Source(
                name: sender.type, path: "/hooks/\(sender.type)", sender: sender,
                verification: .none, contentBytesMax: sender.contentBytesMax)
        }
    }
}
