import ArgumentParser
import Events
import Foundation
import Intake
import JSON
import Journal
import OpenSSLCrypto
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

    @Option(help: "A header field, \"Name: value\"; repeat it for more.")
    var header: [String] = []

    @Option(help: "How to print: text or json.")
    var format = Format.text

    func run() throws {
        let loaded = try files.load(.configuration, needsSecrets: false)
        guard let configured = loaded.settings.sources.first(where: { $0.name == source }) else {
            let names = loaded.settings.sources.map(\.name).sorted().joined(separator: ", ")
            throw Exit(
                status: .usage,
                lines: ["--source \(source): there is no such source; have \(names)"])
        }
        let document = try readPayload()
        var fields = try headerFields()
        if configured.sender.type == "github", fields["x-github-event"] == nil {
            guessEvent(document.root, &fields)
        }
        let delivery = Delivery(
            source: source, deliveryID: fields[configured.sender.deliveryIDField] ?? "explained",
            headers: FieldDictionary(
                fields.filter { !configured.sender.secretFields.contains($0.key) }),
            query: FieldDictionary(), body: document.root,
            receivedAtMilliseconds: systemClock().milliseconds, clientAddress: "")
        let events = configured.sender.normalise(delivery)
        let traces = events.map { loaded.settings.rules.explain($0, in: delivery) }
        let explanation = Explanation(
            events: events, traces: traces.flatMap { $0 },
            defaultRegion: loaded.settings.aws.region)
        switch format {
        case .json: print(explanation.json)
        case .text: print(explanation.text)
        }
    }

    private func readPayload() throws -> JSONDocument {
        guard let data = FileManager.default.contents(atPath: payload) else {
            throw Exit(status: .usage, lines: ["--payload \(payload): the file cannot be read"])
        }
        do {
            return try JSONDocument(parsing: Array(data))
        } catch {
            throw Exit(status: .answerIsNo, lines: ["\(payload): \(error)"])
        }
    }

    private func headerFields() throws -> [String: String] {
        var fields: [String: String] = [:]
        for line in header {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw Exit(status: .usage, lines: ["--header \(line): expected \"Name: value\""])
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        return fields
    }

    /// A payload saved from a browser or a log has lost its header fields; a push shows itself.
    private func guessEvent(_ body: JSONValue, _ fields: inout [String: String]) {
        let isPush = body["ref"] != nil && body["before"] != nil && body["after"] != nil
        guard isPush || body["zen"] != nil else {
            return printError(
                "note: without --header 'X-GitHub-Event: NAME' the event is \"other\"")
        }
        let name = isPush ? "push" : "ping"
        fields["x-github-event"] = name
        printError("note: no X-GitHub-Event was given; the payload looks like a \(name)")
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
        if let clause = trace.clause {
            lines.append("  \(clause) says no: \(trace.reason ?? "")")
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
