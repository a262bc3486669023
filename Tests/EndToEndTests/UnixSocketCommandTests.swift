import Foundation
import JSON
import Testing

/// Commands that speak to a gateway which listens on Unix sockets only.
@Suite(.serialized, .timeLimit(.minutes(5))) struct UnixSocketCommandTests {
    private struct Run {
        let status: Int32
        let output: String
        let errors: String
    }

    private func run(_ fixture: GatewayFixture, _ arguments: [String]) throws -> Run {
        let process = try fixture.run(arguments)
        let status = try process.waitForExit()
        return Run(status: status, output: process.output, errors: process.errors)
    }

    /// A folder with a configuration, whose sockets are `main.sock` and `admin.sock`.
    private func fixture() throws -> GatewayFixture {
        let fixture = try GatewayFixture()
        fixture.environment["ADMIN_TOKEN"] = "a-token-for-operators"
        try fixture.writeRule()
        try fixture.write(
            """
            listen: "unix:\(fixture.folder.path)/main.sock"
            admin: "unix:\(fixture.folder.path)/admin.sock?mode=0600"
            adminTokens: [{env: ADMIN_TOKEN}]
            rules: [rules/*.yaml]
            aws: {region: eu-west-1, endpoint: "http://127.0.0.1:1"}
            sources:
              github: {type: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}]}
            """, to: "hookline.yaml")
        try fixture.write(
            GatewayFixture.pushPayload(after: GatewayFixture.commit(1)), to: "push.json")
        return fixture
    }

    private let send = [
        "send", "--source", "github", "--event", "push", "--payload", "push.json",
    ]

    @Test func `send and deliveries reach Unix sockets, configured or given`() throws {
        let fixture = try fixture()
        let gateway = try fixture.run(["serve"])
        try waitUntil("the gateway: \(gateway.errors)") {
            gateway.errors.contains("admin listening")
        }
        let main = "unix:\(fixture.folder.path)/main.sock"
        let admin = "unix:\(fixture.folder.path)/admin.sock"
        for url in [[], ["--url", main]] {
            let sent = try run(fixture, send + url)
            #expect(sent.status == 0, "\(sent.errors)")
            #expect(sent.output.hasPrefix("202\n"))
        }
        var ids: [String] = []
        for url in [[], ["--url", admin], ["--url", admin + "?mode=0600"]] {
            let list = try run(fixture, ["deliveries", "list", "--format", "json"] + url)
            #expect(list.status == 0, "\(list.errors)")
            let root = try JSONDocument(parsing: Array(list.output.utf8)).root
            ids = root["deliveries"]?.elements.compactMap { $0["id"]?.string } ?? []
            #expect(ids.count == 2)
        }
        let id = try #require(ids.first)
        let shown = try run(fixture, ["deliveries", "show", id, "--format", "json"])
        #expect(shown.status == 0)
        let root = try JSONDocument(parsing: Array(shown.output.utf8)).root
        #expect(root["starts"]?.elements.map { $0["rule"]?.string } == ["retrain"])
        let none = try run(fixture, ["deliveries", "show", "none"])
        #expect(none.status == 1)
        #expect(none.errors == "\(admin): 404 there is no such delivery\n")

        gateway.send(SIGKILL)
        _ = try gateway.waitForExit()
        for (arguments, socket) in [(["deliveries", "list"], admin), (send, main)] {
            let refused = try run(fixture, arguments)
            #expect(refused.status == 1)
            #expect(refused.errors == "\(socket): could not connect: Connection refused\n")
        }
    }

    @Test func `a socket that cannot be reached is named`() throws {
        let fixture = try fixture()
        for (arguments, socket) in [
            (["deliveries", "list"], "admin.sock"), (send, "main.sock"),
            (["deliveries", "show", "x", "--url", "unix:/nowhere/a.sock"], "/nowhere/a.sock"),
            (send + ["--url", "unix:/nowhere/a.sock"], "/nowhere/a.sock"),
        ] {
            let missing = try run(fixture, arguments)
            #expect(missing.status == 1)
            let path = socket.hasPrefix("/") ? socket : "\(fixture.folder.path)/\(socket)"
            #expect(
                missing.errors == "unix:\(path): could not connect: No such file or directory\n")
        }
        let long = "unix:/" + String(repeating: "x", count: 107)
        for url in ["unix:a.sock", "unix:", "unix:/a.sock?mode=x", long] {
            for arguments in [["deliveries", "list"], send] {
                let odd = try run(fixture, arguments + ["--url", url])
                #expect(odd.status == 2)
                #expect(
                    odd.errors
                        == "--url \(url): expected unix:/path, an absolute path of at most 107 bytes\n"
                )
            }
        }
    }

    @Test func `a service manager's socket has to be named`() throws {
        let fixture = try fixture()
        let text = try String(
            contentsOf: fixture.folder.appendingPathComponent("hookline.yaml"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { line in
            line.hasPrefix("listen:")
                ? "listen: systemd:web" : line.hasPrefix("admin:") ? "admin: systemd:admin" : line
        }
        try fixture.write(lines.joined(separator: "\n"), to: "hookline.yaml")
        for arguments in [["deliveries", "list"], send] {
            let unknown = try run(fixture, arguments)
            #expect(unknown.status == 2)
            #expect(unknown.errors.hasPrefix("--url: is needed, for "))
        }
    }
}
