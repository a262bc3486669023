import ArgumentParser
import Events
import Foundation
import Intake
import JSON
import Rules

struct ExplainCommand: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Shows what each rule makes of a payload, and why.",
        discussion: """
            Prints the normalised events, for each rule whether it matches or which clause says no, and the \
            exact request. Sends nothing and checks no signature.
            """)

    @OptionGroup var files: ConfigurationOptions

    @Option(help: "The source that the payload came to.")
    var source: String

    @Option(help: "A file with the payload.")
    var payload: String

    @OptionGroup var sample: SampleOptions

    @Option(help: "How to print: text or json.")
    var format = Format.text

    func run() throws {
        let loaded = try files.load(.configuration, needsSecrets: false)
        let source = try loaded.source(named: source)
        let sample = try SampleDelivery(
            path: payload, source: source, try self.sample.circumstances())
        if let note = sample.note { printError("note: \(note)") }
        let delivery = sample.delivery
        let events = source.sender.normalise(delivery)
        let traces = events.map { loaded.settings.rules.explain($0, in: delivery) }
        let explanation = Explanation(
            events: events, traces: traces.flatMap { $0 },
            defaultRegion: loaded.settings.aws.region)
        switch format {
        case .json: print(explanation.json)
        case .text where events.isEmpty: print("no events: \(Sender.noEvents)")
        case .text: print(explanation.text)
        }
    }
}

/// What `explain` prints.
private struct Explanation {
    let events: [Event]
    let traces: [RuleTrace]
    let defaultRegion: String?

    var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("events")
        writer.beginArray()
        for event in events { event.write(to: &writer) }
        writer.endArray()
        writer.name("rules")
        writer.beginArray()
        for trace in traces { append(trace, to: &writer) }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func append(_ trace: RuleTrace, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("rule", trace.rule)
        writer.name("event")
        writer.int(trace.event)
        writer.name("matched")
        writer.bool(trace.matched)
        writer.member("clause", trace.clause)
        writer.member("reason", trace.reason)
        writer.name("request")
        if let start = trace.start { writer.raw(start.request) } else { writer.null() }
        writer.member("region", trace.start.flatMap { $0.region ?? defaultRegion })
        writer.member("error", trace.error)
        writer.name("clauses")
        writer.beginArray()
        for clause in trace.clauses {
            writer.beginObject()
            writer.member("clause", clause.clause)
            writer.member("verdict", clause.verdict.rawValue)
            writer.member("detail", clause.detail)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    var text: String {
        var lines: [String] = []
        for event in events {
            var writer = JSONWriter()
            event.write(to: &writer)
            let kind = [event.kind.rawValue, event.action, event.ref?.full].compactMap { $0 }
            lines.append("event \(event.index): \(kind.joined(separator: " "))")
            lines.append(PrettyJSON.text(writer.bytes, indent: "  "))
            for trace in traces where trace.event == event.index { lines += describe(trace) }
        }
        return lines.joined(separator: "\n")
    }

    private func describe(_ trace: RuleTrace) -> [String] {
        var lines = ["", "rule \(trace.rule): \(trace.matched ? "matches" : "does not match")"]
        for clause in trace.clauses {
            let word = clause.verdict == .value ? "" : clause.verdict.rawValue
            let label = word.padding(toLength: 6, withPad: " ", startingAt: 0) + clause.clause
            lines.append("  \(label)\(clause.detail.map { ": \($0)" } ?? "")")
        }
        if let error = trace.error { lines.append("  error: \(error)") }
        if let start = trace.start {
            let region = start.region ?? defaultRegion ?? "no region: set aws.region"
            lines.append("  StartPipelineExecution in \(region):")
            lines.append(PrettyJSON.text(start.request, indent: "  "))
            if let callback = start.callback {
                let occasions = callback.on.map(\.rawValue).joined(separator: ", ")
                lines.append("  callback to \(callback.url) when \(occasions)")
            }
        }
        return lines
    }
}
