import CEL
import Events
import Foundation
import JSON
import Testing

private func events(_ body: String, event: String) throws -> [Event] {
    let document = try JSONDocument(parsing: Array(body.utf8))
    let sender = try #require(Sender.all["github"])
    return sender.normalise(
        Delivery(
            source: "github", deliveryID: "d1",
            headers: FieldDictionary(["x-github-event": event]), query: FieldDictionary(),
            body: document.root, receivedAtMilliseconds: 0, clientAddress: ""))
}

private func json(_ event: Event) throws -> String {
    var writer = JSONWriter()
    event.write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

private let zeros = String(repeating: "0", count: 40)
private let older = String(repeating: "a", count: 40)
private let newer = String(repeating: "b", count: 40)

private func push(
    ref: String = "refs/heads/release/2", before: String = older, after: String = newer,
    extra: String = ""
) -> String {
    #"{"ref":"\#(ref)","before":"\#(before)","after":"\#(after)"\#(extra)}"#
}

@Suite struct GitHubTests {
    @Test func `a push has every member of the event, unknown ones null`() throws {
        let event = try #require(
            try events(
                push(
                    extra: #"""
                        ,"forced":false,"repository":{"id":5,"full_name":"a/b","html_url":"https://h/a/b","private":false}
                        ,"pusher":{"name":"ada"},"sender":{"login":"ada","id":7,"type":"User"}
                        ,"head_commit":{"id":"\#(newer)","message":"m","timestamp":"t","author":{"name":"Ada","email":"e"}}
                        ,"commits":[{"added":["x"],"modified":["y","x"],"removed":[]},{"added":[],"modified":[],"removed":["z"]}]
                        """#), event: "push"
            ).first)
        #expect(
            try json(event)
                == #"{"kind":"push","action":"updated","repo":{"id":5,"full_name":"a/b","#
                + #""url":"https://h/a/b","clone_url":null,"default_branch":null,"private":false},"#
                + #""ref":{"full":"refs/heads/release/2","name":"release/2","type":"branch"},"#
                + #""before":"\#(older)","after":"\#(newer)","created":false,"deleted":false,"#
                + #""forced":false,"head":{"sha":"\#(newer)","message":"m","#
                + #""author":{"name":"Ada","email":"e"},"at":"t"},"#
                + #""commits":{"total":2,"listed":2,"complete":true},"#
                + #""paths":{"changed":["x","y","z"],"complete":true},"change":null,"#
                + #""comment":null,"command":null,"release":null,"#
                + #""actor":{"id":7,"login":"ada","name":"ada","kind":"user","association":null},"#
                + #""native":{"event":"push","action":null,"delivery":"d1","attempt":null}}"#)
    }

    @Test(arguments: [
        ("refs/heads/x", older, newer, EventKind.push, "updated"),
        ("refs/heads/x", zeros, newer, .push, "created"),
        ("refs/heads/x", older, zeros, .push, "deleted"),
        ("refs/tags/v1", zeros, newer, .tag, "created"),
        ("refs/tags/v1", older, zeros, .tag, "deleted"),
        ("refs/notes/n", older, newer, .push, "updated"),
    ])
    func `zeros say created and deleted, and the namespace says tag`(
        ref: String, before: String, after: String, kind: EventKind, action: String
    ) throws {
        let event = try #require(
            try events(push(ref: ref, before: before, after: after), event: "push").first)
        #expect(event.kind == kind)
        #expect(event.action == action)
        #expect(event.member("before")?.isNull == (before == zeros))
        #expect(event.member("after")?.isNull == (after == zeros))
        #expect(event.member("created")?.boolValue == (action == "created"))
        #expect(event.member("deleted")?.boolValue == (action == "deleted"))
    }

    @Test func `object ids of 64 digits count, zeros of any length do not`() throws {
        let sha256 = String(repeating: "c", count: 64)
        let event = try #require(
            try events(
                push(before: String(repeating: "0", count: 64), after: sha256), event: "push"
            ).first)
        #expect(event.action == "created")
        #expect(event.member("after")?.stringValue == sha256)
    }

    @Test func `paths are complete only for a plain update`() throws {
        let commits = #","commits":[{"added":["x"],"modified":[],"removed":[]}]"#
        func paths(_ body: String) throws -> ChangedPaths? {
            try events(body, event: "push").first?.paths
        }
        #expect(try paths(push(extra: commits)) == ChangedPaths(changed: ["x"], complete: true))
        #expect(
            try paths(push(extra: commits + #","forced":true"#))
                == ChangedPaths(changed: ["x"], complete: false))
        #expect(
            try paths(push(before: zeros, extra: commits))
                == ChangedPaths(changed: ["x"], complete: false))
        #expect(try paths(push(before: zeros, extra: #","commits":[]"#)) == .unknown)
        #expect(try paths(push(ref: "refs/tags/v1", extra: commits)) == .unknown)
        #expect(try paths(push()) == .unknown)
        let many = Array(repeating: #"{"added":["x"]}"#, count: 2048).joined(separator: ",")
        #expect(
            try paths(push(extra: #","commits":[\#(many)]"#))
                == ChangedPaths(changed: ["x"], complete: false))
    }

    @Test(arguments: [1, 7, 8, 9, 200])
    func `each path is listed once, in the order of the payload`(count: Int) throws {
        let paths = (0..<count).map { "folder/file-\($0)" }
        let list = paths.map { "\"\($0)\"" }.joined(separator: ",")
        let commit = #"{"removed":[\#(list)],"added":[\#(list)],"modified":["last"]}"#
        let event = try #require(
            try events(push(extra: #","commits":[\#(commit),\#(commit)]"#), event: "push").first)
        #expect(event.paths.changed == paths + ["last"])
    }

    @Test func `pings and other events keep what all payloads share`() throws {
        let body = #"{"action":"opened","repository":{"full_name":"a/b"},"sender":{"type":"Bot"}}"#
        let other = try #require(try events(body, event: "issues").first)
        #expect(other.kind == .other)
        #expect(other.action == "opened")
        #expect(try json(other).contains(#""full_name":"a/b""#))
        #expect(try json(other).contains(#""kind":"bot""#))
        #expect(try json(other).contains(#""event":"issues","action":"opened""#))
        #expect(try events("{}", event: "ping").map(\.kind) == [.ping])
    }

    @Test func `a payload of any shape is an event and never traps`() throws {
        for body in [
            "{}", "[]", "1", "null",
            #"{"ref":1,"before":[],"after":{},"commits":5,"repository":"x"}"#,
            #"{"ref":"","commits":[1,null,{"added":3},{"added":[1,{}]}],"head_commit":[],"sender":5}"#,
        ] {
            for name in ["push", "ping", "", "x"] {
                let found = try events(body, event: name)
                #expect(found.count == 1)
                for event in found { _ = try json(event) }
            }
        }
    }

    private static let payloads = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../shared/data/payloads/github").standardized
    private static let hasPayloads = FileManager.default.fileExists(atPath: payloads.path)

    // The payloads are beside the project and not part of it; a fresh clone alone skips this.
    @Test(.enabled(if: hasPayloads)) func `every real payload becomes an event`() throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: Self.payloads, includingPropertiesForKeys: nil)
        #expect(files.count > 50)
        for file in files where file.pathExtension == "json" {
            let name = String(file.lastPathComponent.prefix { $0 != "." })
            let body = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            let found = try events(body, event: name)
            #expect(found.count == 1, "\(file.lastPathComponent)")
            for event in found {
                _ = try JSONDocument(parsing: Array(try json(event).utf8))
                if name == "push" { #expect(event.kind == .push || event.kind == .tag) }
            }
        }
    }
}
