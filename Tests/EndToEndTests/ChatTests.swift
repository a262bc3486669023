import Foundation
import Testing
import Webhook

/// Handshakes and reply forms of every sender that has one, through the built program.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChatTests {
    private static let seed = String(repeating: "07", count: 32)
    /// The public half of the seed.
    private static let publicKey =
        "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"

    private static let configuration = """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        rules: [rules/*.yaml]
        aws: {region: eu-west-1, endpoint: "http://127.0.0.1:1"}
        sources:
          github: {type: github, secrets: [{env: TEXT}]}
          bitbucket-dc: {type: bitbucket-dc, secrets: [{env: TEXT}]}
          cloudevents: {type: cloudevents, secrets: [{env: TEXT}], allowedOrigins: [eventgrid.azure.net]}
          slack: {type: slack, secrets: [{env: TEXT}]}
          discord: {type: discord, secrets: [{env: KEY}]}
          teams: {type: teams, secrets: [{env: BASE64}]}
          mattermost: {type: mattermost, secrets: [{env: TEXT}]}
          telegram: {type: telegram, secrets: [{env: TEXT}]}

        """

    private static let rules = """
        rules:
          - name: train
            source: "*"
            on: command
            when: event.command.name == "train"
            start: {PipelineName: churn}
            reply: Training ${event.command.args}
          - name: press
            source: slack
            on: {other: {types: [go]}}
            start: {PipelineName: churn}

        """

    private func gateway(_ more: [String: String] = [:]) throws -> GatewayFixture {
        let fixture = try GatewayFixture()
        fixture.environment.merge(
            ["TEXT": "s3cret", "KEY": Self.publicKey, "BASE64": "c2VjcmV0"].merging(more) { $1 }
        ) { $1 }
        try fixture.write(Self.seed, to: "seed")
        try fixture.write(Self.rules, to: "rules/train.yaml")
        try fixture.write(Self.configuration, to: "hookline.yaml")
        try fixture.startGateway()
        return fixture
    }

    /// Sends a payload as its sender and gives what `send` printed.
    private func send(
        _ fixture: GatewayFixture, _ source: String, _ payload: String, _ arguments: [String] = []
    ) throws -> String {
        try fixture.write(payload, to: "payload")
        let key = source == "discord" ? ["--private-key", "seed"] : []
        let process = try fixture.run(
            [
                "send", "--source", source, "--payload", "payload", "--url",
                "http://127.0.0.1:\(fixture.port)/hooks/\(source)",
            ] + key + arguments)
        _ = try process.waitForExit()
        return process.output
    }

    private func form(_ json: String) -> String {
        "payload=" + String(decoding: FormFields.encoded(json.utf8), as: UTF8.self)
    }

    @Test func `each sender's handshake is answered`() throws {
        let fixture = try gateway()
        let challenge = #"{"token":"t","challenge":"3eZbrw1aB","type":"url_verification"}"#
        #expect(try send(fixture, "slack", challenge) == "200\n3eZbrw1aB\n")
        #expect(try send(fixture, "discord", #"{"type":1}"#) == "200\n{\"type\":1}\n")
        #expect(try send(fixture, "discord", #"{"type":0}"#) == "204\n")
        let ping = try send(
            fixture, "github",
            #"{"zen":"z","hook":{"events":["push"],"config":{"content_type":"x"}}}"#,
            ["--event", "ping"])
        #expect(ping.hasPrefix("200\n"))
        #expect(ping.contains("application/json"))
        func request(_ head: String) throws -> Answer {
            try fixture.request(head + "Host: x\r\nConnection: close\r\n\r\n", port: fixture.port)
        }
        let diagnostics = try request(
            "POST /hooks/bitbucket-dc HTTP/1.1\r\nX-Event-Key: diagnostics:ping\r\n"
                + "Content-Type: application/json\r\nContent-Length: 0\r\n")
        #expect(diagnostics.status == 200)
        #expect(diagnostics.content == "{}")
        let origin = try request(
            "OPTIONS /hooks/cloudevents HTTP/1.1\r\n"
                + "WebHook-Request-Origin: eventgrid.azure.net\r\n")
        #expect(origin.status == 200)
        #expect(origin.head.contains("WebHook-Allowed-Origin: eventgrid.azure.net"))
        let stranger = try request(
            "OPTIONS /hooks/cloudevents HTTP/1.1\r\nWebHook-Request-Origin: evil.example\r\n")
        #expect(stranger.status == 403)
        #expect(!stranger.head.contains("WebHook-Allowed"))
    }

    @Test func `each chat is told in its own form what was started, and why nothing was`() throws {
        let fixture = try gateway()
        let started: [(source: String, payload: String, answer: String)] = [
            (
                "slack", "command=%2Ftrain&text=churn+%3Cb%3E&trigger_id=1",
                #"{"response_type":"ephemeral","text":"Training churn &lt;b&gt;"}"#
            ),
            (
                "slack",
                form(#"{"type":"view_submission","trigger_id":"2","view":{"callback_id":"go"}}"#),
                #"{"response_action":"update","view":{"type":"modal","title":"#
            ),
            (
                "slack", form(#"{"type":"block_suggestion","trigger_id":"3"}"#), #"{"options":[]}"#
            ),
            (
                "discord",
                #"{"type":2,"id":"1","data":{"name":"train","options":[{"name":"m","value":"a b"}]}}"#,
                #"{"type":4,"data":{"content":"Training m=\"a b\"","allowed_mentions":{"parse":[]},"flags":64}}"#
            ),
            (
                "discord", #"{"type":4,"id":"2","data":{"name":"train"}}"#,
                #"{"type":8,"data":{"choices":[]}}"#
            ),
            (
                "teams", #"{"type":"message","id":"1","text":"<at>Hookline</at> train churn"}"#,
                #"{"type":"message","text":"Training churn"}"#
            ),
            (
                "mattermost", "command=%2Ftrain&text=churn&trigger_id=1",
                #"{"response_type":"ephemeral","text":"Training churn"}"#
            ),
            (
                "mattermost", #"{"trigger_word":"train","text":"train churn","post_id":"2"}"#,
                #"{"response_type":"comment","text":"Training churn"}"#
            ),
            (
                "telegram",
                #"{"update_id":1,"message":{"chat":{"id":-5},"text":"/train@Bot churn"}}"#,
                #"{"method":"sendMessage","chat_id":-5,"text":"Training churn"}"#
            ),
        ]
        for (source, payload, answer) in started {
            let output = try send(fixture, source, payload)
            #expect(output.hasPrefix("200\n" + answer), "\(source): \(output)")
        }
        let refused: [(source: String, payload: String)] = [
            ("slack", "command=%2Fstop&text=churn&trigger_id=9"),
            ("discord", #"{"type":2,"id":"9","data":{"name":"stop"}}"#),
            ("teams", #"{"type":"message","id":"9","text":"<at>Hookline</at> stop churn"}"#),
            ("mattermost", "command=%2Fstop&text=churn&trigger_id=9"),
            ("telegram", #"{"update_id":9,"message":{"chat":{"id":-5},"text":"/stop"}}"#),
        ]
        for (source, payload) in refused {
            let output = try send(fixture, source, payload)
            #expect(output.hasPrefix("200\n"))
            #expect(
                output.contains(#"Nothing was started:\ntrain: when: the condition is false"#),
                "\(source): \(output)")
        }
    }

    /// What cannot be told in the answer goes to the address that Slack gave, and to no other.
    @Test func `a press of a button is told at Slack's address`() throws {
        let proxy = try ConnectRecorder()
        let fixture = try gateway(["https_proxy": "http://127.0.0.1:\(proxy.port)"])
        func press(_ id: String, _ url: String) throws -> String {
            try send(
                fixture, "slack",
                form(
                    #"{"type":"block_actions","trigger_id":"\#(id)","actions":[{"action_id":"go"}],"#
                        + #""response_url":"\#(url)"}"#))
        }
        #expect(try press("1", "https://127.0.0.1/S3CRETPATH").hasPrefix("200\n"))
        #expect(try press("2", "https://hooks.slack.com/actions/S3CRETPATH").hasPrefix("200\n"))
        try waitUntil("a request to Slack") { !proxy.lines.isEmpty }
        #expect(proxy.lines.allSatisfy { $0 == "CONNECT hooks.slack.com:443 HTTP/1.1" })
        try fixture.killGateway()
        let files = FileManager.default.enumerator(
            at: fixture.folder, includingPropertiesForKeys: nil)
        for case let file as URL in try #require(files) where file.lastPathComponent != "payload" {
            let bytes = (try? Data(contentsOf: file)) ?? Data()
            #expect(bytes.range(of: Data("S3CRETPATH".utf8)) == nil, "\(file.lastPathComponent)")
        }
    }
}

/// A proxy that writes down what it is asked for and gives nothing.
private final class ConnectRecorder: @unchecked Sendable {
    let port: UInt16
    private let descriptor: Int32
    // Guarded by lock.
    private var seen: [String] = []
    private let lock = NSLock()

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw HooklineProcess.Failure(description: "no port") }
        port = UInt16(bigEndian: address.sin_port)
        descriptor = listener
        Thread.detachNewThread { [self] in serve() }
    }

    var lines: [String] { lock.withLock { seen } }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { return }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(connection, &bytes, bytes.count, 0)
            let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            lock.withLock { seen.append(String(text.prefix { $0 != "\r\n" && $0 != "\r" })) }
            close(connection)
        }
    }
}
