import ArgumentParser
import Foundation
import HTTP1
import HTTPClient
import HTTPServer
import JSON
import Journal
import Logging
import OpenSSLCrypto
import Outbound
import Rules
import SageMakerEmulator
import Webhook

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows one signed push going through everything, on this machine.",
        discussion: """
            Runs the gateway, the SageMaker emulator and a callback receiver on loopback ports, sends a \
            signed push, prints each step, and stays up until Ctrl-C. Needs no AWS credentials.
            """)

    @Flag(help: "End after the push instead of staying up.")
    var once = false

    func run() throws {
        let signals = try Signals()
        let demo = try Demo()
        defer { demo.stop() }
        try demo.showParts()
        try demo.showPush()
        guard !once else { return }
        demo.showInvitation()
        while case .reload = signals.wait() {}
    }
}

/// The demo's gateway, emulator and callback receiver, and the steps it shows.
private final class Demo {
    private let folder: DemoFolder
    private let receiver: CallbackInbox
    private let emulator: RunningEmulator
    private let gateway: Gateway

    init() throws {
        receiver = try CallbackInbox()
        emulator = try RunningEmulator { systemClock().milliseconds }
        folder = try DemoFolder(endpoint: emulator.endpoint ?? "", callback: receiver.url)
        let loaded = try ConfigurationFile(path: folder.configuration.path)
            .load(environment: folder.environment)
        let logger = Logger(label: "demo") { _ in
            LineLogHandler(format: .text, logLevel: .error)
        }
        gateway = try Gateway(loaded.settings, logger: logger)
    }

    func stop() {
        // Nothing of it is kept, so it makes no difference whether the store has ended.
        _ = gateway.stop()
        emulator.stop()
        receiver.stop()
        folder.remove()
    }

    private var hook: String { "http://\(gateway.addresses[0])/hooks/github" }

    func showParts() throws {
        show(
            """
            Hookline's demo: everything runs on this machine, and no AWS account is needed.

              gateway             http://\(gateway.addresses[0])
              its admin listener  http://\(gateway.adminAddress)  (/healthz /readyz /metrics)
              SageMaker emulator  \(emulator.endpoint ?? "")  (GET /emulator/journal)
              callback receiver   \(receiver.url)
              configuration       \(folder.configuration.path)

            The rule, in \(folder.rule.path):

            \(indented(DemoFolder.ruleText(callback: receiver.url)))

            """)
    }

    func showPush() throws {
        show("1. GitHub pushes to main and signs the delivery with the shared secret.")
        let first = try push()
        show("   POST \(hook)")
        show("   X-Hub-Signature-256: \(folder.signature.prefix(23))…")
        show("   ← \(first.status) \(text(first.content))")
        try expect(first.status == 202, "the push was not accepted")

        show(
            "\n2. The delivery and its start were on disk before that answer. Now the request goes to SageMaker,"
        )
        show("   signed with SigV4, with a ClientRequestToken that makes it unique.")
        let started = try waitFor("the execution") { [emulator] in
            emulator.journal.first { $0.executionARN != nil }
        }
        show(
            "   StartPipelineExecution \(started.pipeline ?? "") token \(started.token?.prefix(12) ?? "")…"
        )
        for parameter in started.parameters { show("     \(parameter.name) = \(parameter.value)") }
        show("   ← \(started.executionARN ?? "")")

        show("\n3. The result is posted to the rule's callback URL, signed per Standard Webhooks.")
        let callback = try waitFor("the callback") { [receiver] in receiver.received.first }
        show("   POST \(receiver.url)")
        show("   webhook-id: \(callback.id)")
        show("   webhook-signature: \(callback.signature.prefix(20))…")
        show(summary(of: callback.content))
        show("   … with the request that was sent and the event, \(callback.content.count) bytes.")

        show("\n4. GitHub delivers the same push again, as it does after a time-out.")
        let again = try push()
        show("   ← \(again.status) \(text(again.content))")
        try expect(again.status == 200, "the second delivery was not told from the first")
        show("   Executions created: \(emulator.executionsCreated).")
        try expect(emulator.executionsCreated == 1, "the push started more than one execution")
    }

    func showInvitation() {
        show(
            """

            All of it stays up. Send the push again, or another one:

              curl -i -H 'Content-Type: application/json' -H 'X-GitHub-Event: push' \\
                -H 'X-GitHub-Delivery: mine-1' -H 'X-Hub-Signature-256: \(folder.signature)' \\
                --data-binary @\(folder.payload.path) \(hook)

            Ctrl-C ends the demo and removes its files.
            """)
    }

    /// The members of a callback that say what happened.
    private func summary(of content: [UInt8]) -> String {
        guard let message = try? JSONDocument(parsing: content).root else { return text(content) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", message["type"]?.string)
        writer.member("timestamp", message["timestamp"]?.string)
        writer.name("data")
        writer.beginObject()
        for name in ["delivery", "start", "source", "rule", "response"] {
            guard let value = message["data"]?[name] else { continue }
            writer.name(name)
            writer.value(value)
        }
        writer.endObject()
        writer.endObject()
        return PrettyJSON.text(writer.bytes, indent: "   ")
    }

    private func push() throws -> ClientReply {
        var request = ClientRequest(id: 1, method: .post, url: hook)
        request.allowsPlainHTTP = true
        request.content = DemoFolder.payload
        request.fields = [
            ("Content-Type", "application/json"), ("X-GitHub-Event", "push"),
            ("X-GitHub-Delivery", "7b1d2f60-demo"), ("X-Hub-Signature-256", folder.signature),
        ]
        return try send(request)
    }

    private func show(_ text: String) {
        print(text)
        fflush(nil)
    }

    private func text(_ content: [UInt8]) -> String { String(decoding: content, as: UTF8.self) }

    private func indented(_ text: String) -> String {
        text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    }

    private func expect(_ condition: Bool, _ problem: String) throws {
        guard condition else {
            throw Exit(status: .answerIsNo, lines: ["hookline demo: \(problem)"])
        }
    }

    private func waitFor<Found>(_ what: String, _ look: () -> Found?) throws -> Found {
        for _ in 0..<3000 {
            if let found = look() { return found }
            usleep(10_000)
        }
        throw Exit(
            status: .answerIsNo, lines: ["hookline demo: \(what) did not come within 30 seconds"])
    }
}
