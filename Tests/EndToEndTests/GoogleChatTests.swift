import Foundation
import HTTP1
import HTTPServer
import OpenSSLCrypto
import Synchronization
import Testing

/// Google Chat through the built program: its tokens are checked with keys of a server or a file.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/openssl")))
struct GoogleChatTests {
    private static let message =
        #"{"type":"MESSAGE","token":"S3CRET","user":{"name":"users/1","email":"a@example.com"},"#
        + #""space":{"name":"spaces/x"},"message":{"argumentText":" train churn"}}"#

    private func makeKey(_ name: String, in fixture: GatewayFixture) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = ["genrsa", "-out", name, "2048"]
        process.currentDirectoryURL = fixture.folder
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let pem = try Data(contentsOf: fixture.folder.appendingPathComponent(name))
        let key = try #require(RSAPrivateKey(pem: Array(pem)))
        return #"{"keys":[{"kty":"RSA","kid":"\#(name)","alg":"RS256","e":"AQAB","#
            + #""n":"\#(base64URLEncoded(key.modulus))"}]}"#
    }

    private func configuration(keys: String, audience: String = "123") -> String {
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        rules: [rules/*.yaml]
        aws: {region: eu-west-1, endpoint: "http://127.0.0.1:1"}
        sources:
          chat: {type: google-chat, audience: "\(audience)", keys: "\(keys)"}

        """
    }

    private func fixture() throws -> GatewayFixture {
        let fixture = try GatewayFixture()
        try fixture.write(
            """
            rules:
              - name: train
                source: chat
                on: command
                when: event.command.name == "train" && body.token == "<redacted>"
                start: {PipelineName: churn}

            """, to: "rules/train.yaml")
        try fixture.write(Self.message, to: "message.json")
        return fixture
    }

    private func send(
        _ fixture: GatewayFixture, key: String, config: String = "hookline.yaml"
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = try fixture.run([
            "send", "--config", config, "--source", "chat", "--payload", "message.json",
            "--private-key", key, "--url", "http://127.0.0.1:\(fixture.port)/hooks/chat",
        ])
        let code = try process.waitForExit()
        return (code, process.output, process.errors)
    }

    @Test func `keys come from a server, and only who has one of them is Chat`() throws {
        let fixture = try fixture()
        let keys = try KeyServer(try makeKey("own.pem", in: fixture))
        try fixture.write(try makeKey("other.pem", in: fixture), to: "other.json")
        try fixture.write(configuration(keys: keys.url), to: "hookline.yaml")
        try fixture.write(configuration(keys: "other.json"), to: "stranger.yaml")
        try fixture.write(configuration(keys: keys.url, audience: "124"), to: "audience.yaml")
        try fixture.startGateway()
        var answer = try send(fixture, key: "own.pem")
        try waitUntil("the keys") {
            if answer.code != 0 { answer = try send(fixture, key: "own.pem") }
            return answer.code == 0
        }
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.output.hasPrefix("200\n{\"text\":\"Starting train ("), "\(answer.output)")
        #expect(answer.output.contains(#""privateMessageViewer":{"name":"users/1"}"#))
        for (key, config) in [("other.pem", "stranger.yaml"), ("own.pem", "audience.yaml")] {
            let refused = try send(fixture, key: key, config: config)
            #expect(refused.code == 1)
            #expect(refused.output.hasPrefix("401\n"), "\(config): \(refused.output)")
        }
        let notOurs = try send(fixture, key: "other.pem")
        #expect(notOurs.code == 1)
        #expect(notOurs.errors.contains("none of those that the source has"))
        let unsigned = try fixture.request(
            "POST /hooks/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(Self.message.utf8.count)\r\nConnection: close\r\n\r\n"
                + Self.message, port: fixture.port)
        #expect(unsigned.status == 401)
    }

    @Test func `a key file that changes is read anew`() throws {
        let fixture = try fixture()
        let (first, second) = (
            try makeKey("first.pem", in: fixture), try makeKey("second.pem", in: fixture)
        )
        try fixture.write(first, to: "keys.json")
        try fixture.write(configuration(keys: "keys.json"), to: "hookline.yaml")
        try fixture.write(first, to: "first.json")
        try fixture.write(configuration(keys: "first.json"), to: "first.yaml")
        try fixture.startGateway()
        #expect(try send(fixture, key: "first.pem").code == 0)
        try fixture.write(second, to: "keys.json")
        try #require(fixture.gateway).send(SIGHUP)
        try waitUntil("the new key") { try send(fixture, key: "second.pem").code == 0 }
        let old = try send(fixture, key: "first.pem", config: "first.yaml")
        #expect(old.output.hasPrefix("401\n"))
    }

    @Test func `nothing waits for a key server that says nothing, and its keys come by themselves`()
        throws
    {
        let fixture = try fixture()
        let keys = try KeyServer(try makeKey("own.pem", in: fixture))
        try fixture.write(
            configuration(keys: keys.url) + "  other: {type: github, verification: none}\n",
            to: "hookline.yaml")
        try keys.hold {
            let check = try fixture.run(["check"])
            #expect(try check.waitForExit() == 0)
            #expect(check.errors.contains("the keys cannot be fetched"), "\(check.errors)")
            try fixture.startGateway()
            let ping = try fixture.request(
                "POST /hooks/other HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "X-GitHub-Event: ping\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
                port: fixture.port)
            #expect(ping.status == 200)
            #expect(!(try #require(fixture.gateway).errors.contains("the keys have come")))
        }
        // On a machine so slow that the time of the first fetch was over, it is asked for another.
        let gateway = try #require(fixture.gateway)
        let isLate = gateway.errors.contains("the keys cannot be fetched")
        if isLate { gateway.send(SIGHUP) }
        try waitUntil("the keys") { gateway.errors.contains("the keys have come") }
        #expect(try send(fixture, key: "own.pem").code == 0)
        #expect(isLate || !gateway.errors.contains("loaded anew"))
    }

    @Test func `keys that cannot be had are no reason to serve nobody`() throws {
        let fixture = try fixture()
        let own = try makeKey("own.pem", in: fixture)
        let keys = try KeyServer("{}")
        let table: [(keys: String, problem: String)] = [
            (keys.url + "/absent", "the keys' server answered 404"),
            ("http://127.0.0.1:1/keys", "the keys cannot be fetched"),
            (keys.url, "expected a JSON Web Key Set"),
        ]
        for (keys, problem) in table {
            try fixture.write(configuration(keys: keys), to: "hookline.yaml")
            let check = try fixture.run(["check"])
            #expect(try check.waitForExit() == 0, "\(check.errors)")
            #expect(check.errors.contains("warning: hookline.yaml:6:"), "\(check.errors)")
            #expect(check.errors.contains(problem), "\(check.errors)")
        }
        try fixture.startGateway()
        try fixture.write(own, to: "own.json")
        try fixture.write(configuration(keys: "own.json"), to: "own.yaml")
        let early = try send(fixture, key: "own.pem", config: "own.yaml")
        #expect(early.output.hasPrefix("401\n"))
        // They are tried again by themselves, and at SIGHUP.
        keys.replace(with: own)
        try #require(fixture.gateway).send(SIGHUP)
        try waitUntil("the keys") {
            try send(fixture, key: "own.pem", config: "own.yaml").code == 0
        }
        // From here on they stay, whatever the server says.
        keys.replace(with: "")
        try #require(fixture.gateway).send(SIGHUP)
        try waitUntil("the reload") {
            try #require(fixture.gateway).errors.contains("those of before stay in force")
        }
        #expect(try send(fixture, key: "own.pem", config: "own.yaml").code == 0)
    }
}

/// Serves a key set at `/keys` on a loopback port.
private final class KeyServer {
    private let server: RunningServer
    private let keys: Keys

    private final class Keys: Sendable {
        let text: Mutex<String>
        init(_ text: String) { self.text = Mutex(text) }
    }

    init(_ text: String) throws {
        let keys = Keys(text)
        self.keys = keys
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)], name: "keys") {
            Handler(keys)
        }
    }

    func replace(with text: String) { keys.text.withLock { $0 = text } }

    /// Lets nobody have an answer meanwhile.
    func hold(_ body: () throws -> Void) rethrows { try keys.text.withLock { _ in try body() } }

    deinit { server.drain() }

    var url: String { "http://\(server.addresses[0])/keys" }

    private final class Handler: RequestHandler {
        private let keys: Keys
        init(_ keys: Keys) { self.keys = keys }

        func admit(_ head: RequestHead, peer: Peer) -> Admission { .receive(contentBytesMax: 0) }

        func respond(to request: Request, _ exchange: Exchange) -> Reply {
            guard request.head.isPath("/keys") else { return .now(.text(.notFound, "no")) }
            return .now(.json(.ok, Array(keys.text.withLock { $0 }.utf8)))
        }
    }
}
