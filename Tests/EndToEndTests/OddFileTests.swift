import Foundation
import Glibc
import TestSupport
import Testing

/// Files that are not what their names promise: nothing may wait for them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct OddFileTests {
    private func finished(
        _ fixture: GatewayFixture, _ arguments: [String]
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = try fixture.run(arguments)
        let code = try process.waitForExit()
        return (code, process.output, process.errors)
    }

    private func makeFIFO(_ name: String, _ fixture: GatewayFixture) {
        #expect(mkfifo(fixture.folder.appendingPathComponent(name).path, 0o600) == 0)
    }

    private func configure(_ fixture: GatewayFixture, _ more: String = "") throws {
        try fixture.write(
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            rules: [rules/*.yaml]
            aws: {region: eu-west-1, endpoint: "http://127.0.0.1:1"}
            sources: {github: {type: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}]}}
            \(more)
            """, to: "hookline.yaml")
    }

    private static let reason = "it is a FIFO; expected a regular file"

    @Test func `a FIFO in the place of any file is an error that names it`() throws {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try configure(fixture)
        makeFIFO("fifo", fixture)
        let payload = try finished(fixture, ["explain", "--source", "github", "--payload", "fifo"])
        #expect(payload.code == 2)
        #expect(payload.errors == "--payload fifo: the file cannot be read: \(Self.reason)\n")
        let evaluated = try finished(fixture, ["eval", "body", "--payload", "fifo"])
        #expect(evaluated.code == 2 && evaluated.errors.contains(Self.reason))
        let whole = try finished(fixture, ["check", "--config", "fifo"])
        #expect(whole.code == 1 && whole.errors.contains("fifo: cannot be read: \(Self.reason)"))
        let emulator = try finished(fixture, ["emulator", "--faults", "fifo"])
        #expect(emulator.code == 78 && emulator.errors.contains(Self.reason))
        for (more, place) in [
            ("adminTokens: [{file: fifo}]", "6:22"), ("store: sqlite:fifo", "6:8"),
            ("tls: {certificate: fifo, key: fifo}", "6:20"),
        ] {
            try configure(fixture, more)
            let (code, _, errors) = try finished(fixture, ["check"])
            #expect(code == 1 && errors.hasPrefix("hookline.yaml:\(place): "), "\(errors)")
            #expect(errors.contains("a regular file"), "\(errors)")
        }
        try configure(fixture)
        for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE"] {
            fixture.environment[variable] = "fifo"
            let (code, _, errors) = try finished(fixture, ["check"])
            #expect(code == 1 && errors.contains(Self.reason), "\(variable): \(errors)")
            // What AWS's own files are turned off with; as authorities it has none.
            fixture.environment[variable] = "/dev/null"
            let isBundle = variable == "AWS_CA_BUNDLE"
            #expect(try finished(fixture, ["check"]).code == (isBundle ? 1 : 0))
            fixture.environment[variable] = nil
        }
    }

    @Test func `a test whose payload cannot be read says which and why`() throws {
        let fixture = try GatewayFixture()
        try configure(fixture)
        makeFIFO("rules/fifo.json", fixture)
        let rule = "rules: [{name: a, source: github, start: {PipelineName: p}}]\n"
        for (payload, why) in [
            ("fifo.json", Self.reason), ("none.json", "No such file or directory"),
        ] {
            try fixture.write(
                rule + "tests: [{name: t, source: github, payload: \(payload), expect: {}}]\n",
                to: "rules/a.yaml")
            let (code, output, _) = try finished(fixture, ["test"])
            #expect(code == 1)
            #expect(
                output.contains("rules/a.yaml:2:44: rules/\(payload): cannot be read: \(why)"),
                "\(output)")
        }
        try fixture.write("\u{FEFF} \n", to: "empty.json")
        let empty = try finished(
            fixture, ["explain", "--source", "github", "--payload", "empty.json"])
        #expect(empty.code == 1 && empty.errors == "empty.json: the payload is empty\n")
    }

    @Test func `a gateway passes over a FIFO among its rules, and loads what comes after it`()
        throws
    {
        let fixture = try GatewayFixture()
        try fixture.writeRule()
        try configure(fixture)
        try fixture.startGateway()
        makeFIFO("rules/f.yaml", fixture)
        try waitUntil("a refused reload") {
            (fixture.gateway?.errors ?? "").contains(Self.reason)
        }
        try FileManager.default.removeItem(
            at: fixture.folder.appendingPathComponent("rules/f.yaml"))
        try fixture.writeRule(name: "second")
        try waitUntil("the second rule") {
            (fixture.gateway?.errors ?? "").contains("loaded anew")
        }
        fixture.gateway?.send(SIGTERM)
        #expect(try fixture.gateway?.waitForExit() == 0)
    }

    @Test func `of a field that is given twice the first counts, as in the gateway`() throws {
        let fixture = try GatewayFixture()
        try configure(fixture)
        try fixture.write("{}", to: "p.json")
        let (_, output, _) = try finished(
            fixture,
            [
                "eval", "headers[\"x-multi\"]", "--source", "github", "--payload", "p.json",
                "--header", "X-Multi: a", "--header", "x-multi: b",
            ])
        #expect(output == "\"a\"\n")
    }
}
