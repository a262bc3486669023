import ArgumentParser
import Foundation
import HTTPClient
import HTTPServer
import JSON
import OpenSSLCrypto
import SageMakerClient

struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "Shows what a running gateway has received and what came of it.",
        subcommands: [List.self, Show.self])

    /// The form of the output.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists deliveries, newest first.")

        @OptionGroup var admin: AdminOptions

        @Option(help: "Only deliveries of this source.")
        var source: String?

        @Option(help: "Only deliveries with a start of this rule.")
        var rule: String?

        @Option(help: "Only deliveries with a start in this state.")
        var state: String?

        @Option(help: "The most deliveries to list: 1 to 200.")
        var limit: Int?

        @Option(help: "Where to go on: what an earlier list has told.")
        var cursor: String?

        @Option(help: "text or json.")
        var format = Format.text

        func run() throws {
            let query = [
                ("source", source), ("rule", rule), ("state", state),
                ("limit", limit.map { String($0) }), ("cursor", cursor),
            ].compactMap { name, value in value.map { "\(name)=\(percentEncoded($0))" } }
            let content = try admin.get(
                "/v1/deliveries" + (query.isEmpty ? "" : "?" + query.joined(separator: "&")))
            guard format == .text else { return print(String(decoding: content, as: UTF8.self)) }
            let root = try JSONDocument(parsing: content).root
            root["deliveries"]?.elements.forEach { print(line($0)) }
            if let next = root["next"]?.string { printError("more: --cursor \(next)") }
        }

        private func line(_ delivery: JSONValue) -> String {
            let starts = delivery["starts"]?.elements.map {
                "\($0["rule"]?.string ?? ""): \($0["state"]?.string ?? "")"
            }
            return [
                delivery["receivedAt"]?.string ?? "", delivery["id"]?.string ?? "",
                (starts ?? []).isEmpty ? "no start" : (starts ?? []).joined(separator: ", "),
            ].joined(separator: "  ")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Shows one delivery: its events, its starts, and each of their attempts.")

        @OptionGroup var admin: AdminOptions

        @Argument(help: "The delivery's id, as the list has it.")
        var id: String

        @Option(help: "text or json.")
        var format = Format.text

        func run() throws {
            let content = try admin.get("/v1/deliveries/\(percentEncoded(id))")
            print(
                format == .json
                    ? String(decoding: content, as: UTF8.self)
                    : PrettyJSON.text(content, indent: ""))
        }
    }
}

/// Where the running gateway's admin listener is.
struct AdminOptions: ParsableArguments {
    @OptionGroup var files: ConfigurationOptions

    @Option(
        help: "The admin listener's URL, or unix:/path; without it, the configuration's listener.")
    var url: String?

    /// Asks for a path, with the configuration's first admin token.
    /// - Throws: ``Exit`` for what cannot be reached, and for an answer that is no success.
    func get(_ path: String) throws -> [UInt8] {
        let settings = try files.load(.configuration).settings
        let address = try address(settings)
        var request = address.request(.get, path)
        request.replyBytesMax = 64 << 20
        if let token = settings.adminTokens.first {
            request.fields = [
                ("Authorization", "Bearer " + String(decoding: token.bytes, as: UTF8.self))
            ]
        }
        let reply: ClientReply
        do {
            reply = try send(request)
        } catch {
            throw Exit(status: .answerIsNo, lines: ["\(address): \(error)"])
        }
        guard reply.status == 200 else {
            let problem = try? JSONDocument(parsing: reply.content).root["detail"]?.string
            throw Exit(
                status: .answerIsNo, lines: ["\(address): \(reply.status) \(problem ?? "")"])
        }
        return reply.content
    }

    private func address(_ settings: GatewaySettings) throws -> GatewayAddress {
        if let url {
            return try GatewayAddress(unix: url, option: "--url") ?? GatewayAddress(url: url)
        }
        if let address = GatewayAddress(settings.admin, hasTLS: false) { return address }
        throw Exit(
            status: .usage,
            lines: [
                "--url: is needed, for the admin listener is the service manager's socket "
                    + "(\(settings.admin))"
            ])
    }
}

/// A value within a URL's query or path.
private func percentEncoded(_ text: String) -> String {
    percentEncoded(Array(text.utf8), keepingSlashes: false)
}
