import CEL
import Events
import Foundation
import Intake
import JSON
import Journal
import Rules

/// A payload on disk, as commands are given it.
struct PayloadFile {
    let path: String
    /// What the path is called in messages.
    var option = "--payload"

    /// The most bytes that are read: GitHub's own limit, the highest of all senders.
    static let bytesMax = 25 << 20

    func document() throws -> JSONDocument {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Exit(status: .usage, lines: ["\(option) \(path): the file cannot be read"])
        }
        guard data.count <= Self.bytesMax else {
            throw Exit(
                status: .usage,
                lines: ["\(option) \(path): is longer than \(Self.bytesMax) bytes"])
        }
        do {
            return try JSONDocument(parsing: Array(data))
        } catch {
            throw Exit(status: .answerIsNo, lines: ["\(path): \(error)"])
        }
    }
}

/// `--header 'Name: value'`
enum HeaderLines {
    /// The fields by lower-case name.
    static func fields(_ lines: [String]) throws -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw Exit(status: .usage, lines: ["--header \(line): expected \"Name: value\""])
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        return fields
    }
}

/// A delivery as a source would have received it, without its signature.
struct ReplayedDelivery {
    let delivery: Delivery
    /// What the source's sender makes of it.
    let events: [Event]
    /// What had to be guessed, for a note to the user.
    let note: String?

    /// - Parameters:
    ///   - fields: Header fields by lower-case name.
    ///   - deliveryID: The id where the fields have none.
    init(
        source: String, sender: Sender, fields: [String: String], document: JSONDocument,
        deliveryID: String = "explained"
    ) {
        var fields = fields
        note = Self.guessEvent(sender, document.root, &fields)
        delivery = Delivery(
            source: source, deliveryID: fields[sender.deliveryIDField] ?? deliveryID,
            headers: FieldDictionary(
                fields.filter { !sender.secretFields.contains($0.key) }),
            query: FieldDictionary(), body: document.root,
            receivedAtMilliseconds: systemClock().milliseconds, clientAddress: "")
        events = sender.normalise(delivery)
    }

    init(_ configured: Source, fields: [String: String], document: JSONDocument) {
        self.init(
            source: configured.name, sender: configured.sender, fields: fields, document: document)
    }

    /// The header field in which a sender names the event, lower-case; nil where the payload does.
    static func eventField(of sender: Sender) -> String? { eventFields[sender.type] }

    private static let eventFields = [
        "github": "x-github-event", "gitlab": "x-gitlab-event", "gitea": "x-gitea-event",
        "forgejo": "x-forgejo-event", "bitbucket": "x-event-key", "bitbucket-dc": "x-event-key",
    ]

    /// A payload saved from a browser or a log has lost its header fields; a push shows itself.
    private static func guessEvent(
        _ sender: Sender, _ body: JSONValue, _ fields: inout [String: String]
    ) -> String? {
        guard sender.type == "github", fields["x-github-event"] == nil else { return nil }
        let isPush = body["ref"] != nil && body["before"] != nil && body["after"] != nil
        guard isPush || body["zen"] != nil else {
            return "note: without --header 'X-GitHub-Event: NAME' the event is \"other\""
        }
        let name = isPush ? "push" : "ping"
        fields["x-github-event"] = name
        return "note: no X-GitHub-Event was given; the payload looks like a \(name)"
    }
}

extension GatewaySettings {
    /// A configured source, or the end of the command.
    func source(named name: String, option: String) throws -> Source {
        if let source = sources.first(where: { $0.name == name }) { return source }
        let names = sources.map(\.name).sorted()
        throw Exit(
            status: .usage,
            lines: [
                "\(option) \(name): there is no such source; have " + names.joined(separator: ", ")
                    + suggestion(for: name, among: names)
            ])
    }
}
