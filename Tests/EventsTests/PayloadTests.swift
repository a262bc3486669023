import CEL
import Events
import Foundation
import HTTP1
import JSON
import OpenSSLCrypto
import Testing
import Webhook

/// The payloads of the shared data, which may be beside the project. Without them these tests say
/// so by being skipped; the other suites have payloads of their own.
private enum Payloads {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data/payloads")
    static let snapshots = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Snapshots/events.txt")

    static var areThere: Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: "index.json").path)
    }

    static func entries() throws -> [[String: Any]] {
        let data = try Data(contentsOf: folder.appending(path: "index.json"))
        let index = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return index?["entries"] as? [[String: Any]] ?? []
    }

    /// The type of source that a collected payload would come to.
    static func type(_ provider: String) -> String {
        switch provider {
        case "bitbucket-cloud": "bitbucket"
        case "cdevents": "cloudevents"
        case "gogs": "gitea"
        case "gitee", "harness": "hmac"
        default: provider
        }
    }
}

private struct Sample {
    let sender: Sender
    let content: [UInt8]
    let delivery: Delivery

    init?(_ entry: [String: Any]) throws {
        guard let file = entry["file"] as? String, let provider = entry["provider"] as? String,
            let sender = Sender.all[Payloads.type(provider)]
        else { return nil }
        self.sender = sender
        let content = Array(try Data(contentsOf: Payloads.folder.appending(path: file)))
        self.content = content
        let json = try content.withUnsafeBytes { bytes in
            PayloadForm.looksLikeJSON(bytes)
                || PayloadForm.markBytes(bytes) > 0
                ? Array(bytes.dropFirst(PayloadForm.markBytes(bytes)))
                : try sender.payload.json(ofForm: bytes)
        }
        var fields: [String: String] = [:]
        for (name, value) in entry["headers"] as? [String: String] ?? [:] {
            fields[name.lowercased()] = value
        }
        let headers = FieldDictionary(fields.filter { !sender.secretFields.contains($0.key) })
        let body = try JSONDocument(parsing: json).root
        let id = sender.deliveryID(headers, body) ?? "sha256"
        delivery = Delivery(
            source: "s", deliveryID: id, headers: headers, query: FieldDictionary(), body: body,
            receivedAtMilliseconds: 0, clientAddress: "")
    }
}

@Suite(.enabled(if: Payloads.areThere, "the shared payloads are not beside the project"))
struct PayloadTests {
    /// Each line was read against its payload. To renew them after a change that is meant, run with
    /// WRITE_SNAPSHOTS=1 and read the difference.
    @Test func `every collected payload becomes the events of its snapshot`() throws {
        var lines: [String] = []
        for entry in try Payloads.entries() {
            let file = entry["file"] as? String ?? ""
            let sample = try #require(try Sample(entry), "\(file)")
            let events = sample.sender.normalise(sample.delivery)
            lines.append("\(file) id=\(sample.delivery.deliveryID.prefix(40))")
            for (position, event) in events.enumerated() {
                #expect(event.index == position)
                var writer = JSONWriter()
                event.write(to: &writer)
                _ = try JSONDocument(parsing: writer.bytes)
                lines.append("  " + summary(event))
            }
        }
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["WRITE_SNAPSHOTS"] != nil {
            try Data(text.utf8).write(to: Payloads.snapshots)
        }
        let expected = String(decoding: try Data(contentsOf: Payloads.snapshots), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let found = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(found == expected) }
        #expect(lines.count >= 313)
    }

    /// GitHub masks its own secret; what else is called one there is a setting or an address.
    @Test func `no collected payload has a token once it is masked`() throws {
        func secrets(_ value: JSONValue) -> [String] {
            value.elements.flatMap(secrets)
                + value.members.flatMap { member -> [String] in
                    let name = member.name.string ?? ""
                    let isSecret =
                        ["token", "secret", "password"].contains { name.hasSuffix($0) }
                        || ["response_url", "callback_url"].contains(name)
                    guard isSecret, let text = member.value.string, !text.isEmpty,
                        text != "********", text != "<redacted>"
                    else { return secrets(member.value) }
                    return [name]
                }
        }
        var masked = 0
        for entry in try Payloads.entries() {
            let sample = try #require(try Sample(entry))
            let before = secrets(sample.delivery.body)
            var writer = JSONWriter()
            writer.value(sample.delivery.body)
            guard let text = sample.sender.mask.masked(writer.bytes) else {
                #expect(before == [], "\(entry["file"] ?? "")")
                continue
            }
            masked += 1
            let after = try JSONDocument(parsing: text)
            #expect(secrets(after.root) == [], "\(entry["file"] ?? "")")
        }
        #expect(masked >= 30)
    }

    @Test func `every collected signature verifies, and no other byte does`() throws {
        var checked = 0
        for entry in try Payloads.entries() {
            guard let signatures = entry["signatures"] as? [String: [String: Any]],
                let headers = entry["headers"] as? [String: String],
                let sample = try Sample(entry), let scheme = sample.sender.scheme
            else { continue }
            for (_, signature) in signatures where signature["verified"] as? Bool == true {
                let secret = signature["secret"] as? String ?? ""
                let verifier = Verifier(scheme, secrets: [SigningSecret(Secret(secret))])
                let time = headers["X-Slack-Request-Timestamp"].flatMap { Int64($0) } ?? 0
                let head = try requestHead(headers)
                let verified = try sample.content.withUnsafeBytes {
                    try verifier.verify(head, content: $0, atMilliseconds: time * 1000)
                }
                #expect(verified.by == "hmac-sha256:0")
                for position in sample.content.indices.filter({ $0 % 101 == 0 }) {
                    var changed = sample.content
                    changed[position] ^= 1
                    #expect(throws: SignatureError.mismatched) {
                        try changed.withUnsafeBytes {
                            try verifier.verify(head, content: $0, atMilliseconds: time * 1000)
                        }
                    }
                }
                checked += 1
            }
        }
        #expect(checked == 21)
    }

    private func requestHead(_ fields: [String: String]) throws -> RequestHead {
        let lines = fields.map { "\($0.key): \($0.value)\r\n" }.joined()
        var parser = RequestParser()
        let (step, _) = try Array("POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n".utf8)
            .withUnsafeBytes { try parser.next($0) }
        guard case .head(let head) = step else { throw SignatureError.malformed }
        return head
    }

    @Test func `no cut payload ends a normaliser`() throws {
        // A payload that lacks members, or has others in their place, is anybody's who can sign.
        for entry in try Payloads.entries() {
            let sample = try #require(try Sample(entry))
            for replacement in ["null", "5", "\"x\"", "[]", "{}", "[null]", "true"] {
                let object = try JSONSerialization.jsonObject(
                    with: Data(JSONText(sample.delivery.body).bytes))
                guard let members = object as? [String: Any] else { continue }
                for name in members.keys {
                    var text = members
                    text[name] = NSNull()
                    let data = try JSONSerialization.data(withJSONObject: text)
                    let mutated = String(decoding: data, as: UTF8.self)
                        .replacing("\"\(name)\":null", with: "\"\(name)\":\(replacement)")
                    let body = try JSONDocument(parsing: Array(mutated.utf8)).root
                    for event in sample.sender.normalise(sample.delivery.with(body)) {
                        var writer = JSONWriter()
                        event.write(to: &writer)
                    }
                }
            }
        }
    }
}

private struct JSONText {
    let bytes: [UInt8]
    init(_ value: JSONValue) {
        var writer = JSONWriter()
        writer.value(value)
        bytes = writer.bytes
    }
}

extension Delivery {
    fileprivate func with(_ body: JSONValue) -> Delivery {
        Delivery(
            source: source, deliveryID: deliveryID, headers: headers, query: query, body: body,
            receivedAtMilliseconds: 0, clientAddress: "")
    }
}
