import ArgumentParser
import CEL
import Events
import Foundation
import JSON
import Rules

struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Prints the value of a CEL expression as JSON.",
        discussion: """
            Rules' variables can be read: `body` is the payload of --payload; with --source, `event` and the \
            others are what that source makes of it. An expression that looks like an option, such as \
            --x, goes behind "--". With --lines, each line of standard input is a JSON \
            object {"expr","bindings","container","disable_check"}, and each line of the output \
            {"value":VALUE} or {"error":"…"}, where values carry their kind: {"int":"1"}.
            """)

    @OptionGroup var files: ConfigurationOptions

    @Argument(help: "The expression.")
    var expression: String?

    @Option(help: "A file with a JSON payload.")
    var payload: String?

    @Option(help: "The source that the payload came to.")
    var source: String?

    @OptionGroup var sample: SampleOptions

    @Flag(help: "Read expressions with their bindings from standard input, one JSON object a line.")
    var lines = false

    func validate() throws {
        if lines, expression != nil || payload != nil || source != nil || !sample.isEmpty {
            throw ValidationError("--lines reads its expressions from standard input only")
        }
        if !lines, expression == nil {
            throw ValidationError("expected an expression, or --lines")
        }
        if source != nil, payload == nil {
            throw ValidationError("--source needs --payload FILE")
        }
        if !sample.isEmpty, source == nil {
            throw ValidationError("--header, --query and --client need --source NAME")
        }
    }

    func run() throws {
        guard let expression else { return try answerLines() }
        do {
            let value = try value(of: expression)
            print(try Self.text(value))
        } catch let error as CELError {
            throw Exit(status: .answerIsNo, lines: [error.located])
        }
    }

    private func value(of expression: String) throws -> CELValue {
        let evaluator = RuleExpression(expression)
        let errors = evaluator.errors
        guard errors.isEmpty else {
            throw Exit(status: .answerIsNo, lines: errors.map(\.located))
        }
        guard let payload else { return try evaluator.value(body: nil) }
        guard let source else {
            return try evaluator.value(body: try Self.document(payload).root)
        }
        let configured = try files.load(.configuration, needsSecrets: false)
            .source(named: source)
        let sample = try SampleDelivery(
            path: payload, source: configured, try self.sample.circumstances())
        if let note = sample.note { printError("note: \(note)") }
        guard let event = sample.events.first else {
            throw Exit(status: .answerIsNo, lines: ["\(payload): it is no event of \(source)"])
        }
        return try evaluator.value(event, in: sample.delivery)
    }

    private static func document(_ path: String) throws -> JSONDocument {
        let content = try commandLineFile(
            path, as: "--payload \(path)", bytesMax: SampleDelivery.bytesMax)
        do {
            let mark = content.withUnsafeBytes { PayloadForm.markBytes($0) }
            return try JSONDocument(parsing: Array(content.dropFirst(mark)))
        } catch {
            throw Exit(status: .answerIsNo, lines: ["\(path): \(error)"])
        }
    }

    /// The value as JSON on one line; a type, which JSON lacks, as its name.
    private static func text(_ value: CELValue) throws(CELError) -> String {
        if case .type(let type) = value { return type.rawValue }
        var writer = JSONWriter()
        try value.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func answerLines() throws(Exit) {
        var input = LineReader(descriptor: STDIN_FILENO, bytesMax: ExpressionLine.bytesMax)
        var output = BufferedOutput(descriptor: STDOUT_FILENO)
        while let line = input.next() {
            if line.allSatisfy({ $0 <= 0x20 }) { continue }
            try output.write(ExpressionLine.answer(to: line, library: RuleExpression.library))
            try output.write([0x0A])
            // Who asks line by line waits for each answer.
            if !input.hasBufferedLine { try output.flush() }
        }
        try output.flush()
    }
}
