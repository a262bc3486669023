import Events
import Foundation
import Intake
import JSON
import Journal
import OpenSSLCrypto
import Rules

/// A payload in a file as if it had come to a source, for commands that try things out.
struct SampleDelivery {
    let content: [UInt8]
    /// The JSON within, which is the content itself where no form wraps it.
    let json: [UInt8]
    let document: JSONDocument
    /// Header fields, names in lower case, with the event's name where it could be guessed.
    private(set) var fields: [String: String]
    /// What was guessed, for people.
    private(set) var note: String?
    private let source: Source
    private let circumstances: Circumstances

    /// What of a delivery is no payload.
    struct Circumstances {
        /// Header fields, names in lower case.
        var fields: [String: String] = [:]
        /// The query of the request target, percent-encoded.
        var query: [UInt8] = []
        var client = RuleTest.Client()
    }

    /// The most bytes that are read: GitHub's own limit, the highest of all senders.
    static let bytesMax = 25 << 20

    /// - Throws: ``Exit`` for a file that cannot be read or is no payload of the source's sender.
    init(path: String, source: Source, _ circumstances: Circumstances) throws {
        let content = try commandLineFile(path, as: "--payload \(path)", bytesMax: Self.bytesMax)
        try self.init(content: content, path: path, source: source, circumstances)
    }

    /// - Parameter path: What messages call the content.
    /// - Throws: ``Exit`` for what is no payload of the source's sender.
    init(content: [UInt8], path: String, source: Source, _ circumstances: Circumstances) throws {
        self.source = source
        self.circumstances = circumstances
        fields = circumstances.fields
        self.content = content
        let mark = content.withUnsafeBytes { PayloadForm.markBytes($0) }
        guard content.dropFirst(mark).contains(where: { $0 > 0x20 }) else {
            throw Exit(status: .answerIsNo, lines: ["\(path): the payload is empty"])
        }
        let isForm = Self.isForm(content, circumstances.fields["content-type"], source.sender)
        do {
            json = try content.withUnsafeBytes { bytes in
                isForm
                    ? try source.sender.payload.json(ofForm: bytes)
                    : Array(bytes.dropFirst(PayloadForm.markBytes(bytes)))
            }
            // What rules see has no tokens in it, but a text that is no JSON is to be told as it is.
            let document = try JSONDocument(parsing: json)
            self.document =
                try source.sender.mask.masked(json)
                .map { try JSONDocument(parsing: $0) } ?? document
        } catch {
            throw Exit(status: .answerIsNo, lines: ["\(path): \(error)"])
        }
        if self.fields["content-type"] == nil {
            self.fields["content-type"] =
                isForm ? "application/x-www-form-urlencoded" : "application/json"
        }
        guessEvent()
    }

    var isForm: Bool { json != content && fields["content-type"]?.contains("json") != true }

    private static func isForm(_ content: [UInt8], _ type: String?, _ sender: Sender) -> Bool {
        guard sender.payload.takesForm else { return false }
        let looksLikeJSON = content.withUnsafeBytes { PayloadForm.looksLikeJSON($0) }
        return !looksLikeJSON && type?.contains("json") != true
    }

    /// What the source's sender makes of it.
    var events: [Event] { source.sender.normalise(delivery) }

    var delivery: Delivery {
        let headers = FieldDictionary(
            fields.filter { !source.secretFields.contains($0.key) })
        let body = document.root
        let id = source.idField.map { headers.field($0) } ?? source.sender.deliveryID(headers, body)
        return Delivery(
            source: source.name, deliveryID: id ?? hexEncoded(sha256(content)), headers: headers,
            query: QueryFields(circumstances.query[...], of: source), body: body,
            receivedAtMilliseconds: systemClock().milliseconds,
            clientAddress: circumstances.client.address ?? "127.0.0.1",
            clientSubject: circumstances.client.subject,
            clientNames: circumstances.client.names)
    }

    /// A payload saved from a browser or a log has lost its header fields; most show themselves.
    private mutating func guessEvent() {
        guard let field = source.sender.eventField, fields[field] == nil,
            source.sender.type != "gitlab", !hasEventField
        else { return }
        guard let name = eventName(document.root, source.sender.type) else {
            note = "without --header '\(field): NAME' the event is \"other\""
            return
        }
        fields[field] = name
        note = "no \(field) was given; the payload looks like \(name)"
    }

    /// Gitea and its relatives have a field each.
    private var hasEventField: Bool {
        ["x-forgejo-event", "x-gogs-event"].contains { fields[$0] != nil }
            && ["gitea", "forgejo"].contains(source.sender.type)
    }
}

/// The name of the event that a payload seems to be.
private func eventName(_ body: JSONValue, _ type: String) -> String? {
    switch type {
    case "bitbucket":
        if body["push"] != nil { return "repo:push" }
        guard body["pullrequest"] != nil else { return nil }
        return body["comment"] != nil ? "pullrequest:comment_created" : "pullrequest:updated"
    case "bitbucket-dc":
        return body["eventKey"]?.string ?? (body["push"] != nil ? "repo:push" : nil)
    default: break
    }
    if body["ref"] != nil, body["before"] != nil, body["after"] != nil { return "push" }
    if body["zen"] != nil { return "ping" }
    if body["comment"] != nil {
        return body["issue"] != nil
            ? "issue_comment"
            : body["pull_request"] != nil ? "pull_request_review_comment" : "commit_comment"
    }
    if body["pull_request"] != nil {
        return body["review"] != nil ? "pull_request_review" : "pull_request"
    }
    if body["release"] != nil { return "release" }
    if body["package"] != nil { return "package" }
    return body["registry_package"] != nil ? "registry_package" : nil
}

/// Header fields as they are given on a command line, names in lower case.
func headerFields(_ lines: [String]) throws -> [String: String] {
    var fields: [String: String] = [:]
    for line in lines {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            throw Exit(status: .usage, lines: ["--header \(line): expected \"Name: value\""])
        }
        let value = line[line.index(after: colon)...].drop { $0 == " " }
        // Of repeated fields the gateway's rules see the first.
        let name = line[..<colon].lowercased()
        fields[name] = fields[name] ?? String(value)
    }
    return fields
}
