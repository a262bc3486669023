import Foundation
import OpenSSLCrypto
import TestSupport
import Webhook

/// A folder with a configuration, a rule file and a store, and the programs that run on it.
final class GatewayFixture {
    static let secret = "It's a Secret to Everybody"
    static let callbackSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    let folder: URL
    private(set) var gateway: HooklineProcess?
    private(set) var emulator: HooklineProcess?
    private(set) var emulatorPort: UInt16 = 0
    private(set) var port: UInt16 = 0
    private(set) var adminPort: UInt16 = 0

    var environment = [
        "GITHUB_WEBHOOK_SECRET": secret, "HOOKLINE_CALLBACK_SECRET": callbackSecret,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG",
    ]

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hookline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("rules"), withIntermediateDirectories: true)
    }

    deinit {
        gateway?.send(SIGKILL)
        emulator?.send(SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Writes a file at once: who watches it sees the old content or the new, and never an empty one.
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name), options: .atomic)
    }

    /// - Parameter callback: The callback's URL, or nil for none.
    func writeRule(callback: String? = nil, name: String = "retrain") throws {
        var lines = [
            "rules:", "  - name: \(name)", "    source: github",
            "    on: {push: {branches: [main]}}", "    start:",
            "      PipelineName: churn-training", "      PipelineParameters:",
            "        GitCommit: ${event.after}", "        Epochs: 20",
        ]
        if let callback {
            lines.append("    callback: {url: \"\(callback)\", on: [started, failed]}")
        }
        try write(lines.joined(separator: "\n") + "\n", to: "rules/\(name).yaml")
    }

    func writeConfiguration(endpoint: String? = nil, extra: String = "") throws {
        try write(
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            rules: [rules/*.yaml]
            aws: {region: eu-west-1, endpoint: "\(endpoint ?? "http://127.0.0.1:\(emulatorPort)")"}
            callbacks:
              signingSecrets: [{env: HOOKLINE_CALLBACK_SECRET}]
              allowNetworks: [127.0.0.0/8]
            sources:
              github: {type: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}], bodyLimit: 1MiB}
            \(extra)
            """, to: "hookline.yaml")
    }

    func run(_ arguments: [String], launcher: [String] = []) throws -> HooklineProcess {
        try HooklineProcess(arguments, in: folder, environment: environment, launcher: launcher)
    }

    func startEmulator(port: UInt16 = 0, with more: [String] = []) throws {
        let process = try run(
            ["emulator", "--listen", "127.0.0.1:\(port)", "--log-format", "json"] + more)
        emulator = process
        emulatorPort = try process.port(of: "emulator listening")
    }

    func stopEmulator() throws {
        emulator?.send(SIGTERM)
        _ = try emulator?.waitForExit()
        emulator = nil
    }

    func startGateway(launcher: [String] = []) throws {
        let process = try run(["serve", "--log-format", "json"], launcher: launcher)
        gateway = process
        port = try process.port(of: "listening for webhooks")
        adminPort = try process.port(of: "admin listening")
    }

    func killGateway() throws {
        gateway?.send(SIGKILL)
        _ = try gateway?.waitForExit()
        gateway = nil
    }

    // MARK: - Requests

    static func pushPayload(branch: String = "main", after: String) -> String {
        #"{"ref":"refs/heads/\#(branch)","before":"1111111111111111111111111111111111111111","#
            + #""after":"\#(after)","created":false,"deleted":false,"forced":false,"#
            + #""repository":{"id":1,"full_name":"acme/churn"},"sender":{"login":"ada","id":7},"#
            + #""head_commit":{"id":"\#(after)","message":"Train","timestamp":"2026-11-21T04:05:06Z"},"#
            + #""commits":[{"id":"\#(after)","added":["training/train.py"],"modified":[],"removed":[]}]}"#
    }

    static func commit(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "a", count: 40 - digits.count) + digits
    }

    /// One signed push on a connection of its own.
    func push(
        _ payload: String, delivery: String, secret: String = secret, event: String = "push"
    ) throws -> Answer {
        let client = try sendPush(payload, delivery: delivery, secret: secret, event: event)
        return Answer(client.receiveAll())
    }

    /// Sends one signed push, whose answer is still to be read.
    func sendPush(
        _ payload: String, delivery: String, secret: String = secret, event: String = "push"
    ) throws -> LoopbackClient {
        let signature = SignatureScheme.gitHub.sign(Array(payload.utf8), with: Secret(secret))
        let client = try LoopbackClient(port: port)
        client.send(
            "POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "X-GitHub-Event: \(event)\r\nX-GitHub-Delivery: \(delivery)\r\n"
                + "X-Hub-Signature-256: \(signature)\r\nContent-Length: \(payload.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(payload)")
        return client
    }

    func get(_ path: String, port: UInt16) throws -> Answer {
        try request("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", port: port)
    }

    func request(_ text: String, port: UInt16) throws -> Answer {
        let client = try LoopbackClient(port: port)
        client.send(text)
        return Answer(client.receiveAll())
    }

    /// The emulator's counts.
    func journal() throws -> EmulatorJournal {
        let answer = try get("/emulator/journal", port: emulatorPort)
        return try JSONDecoder().decode(EmulatorJournal.self, from: Data(answer.content.utf8))
    }
}

/// A response, split.
struct Answer {
    let status: Int
    let head: String
    let content: String

    init(_ text: String) {
        let parts = text.split(
            separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        head = String(parts.first ?? "")
        content = parts.count > 1 ? String(parts[1]) : ""
        let words = head.split(separator: " ", maxSplits: 2)
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    func receipt() throws -> DeliveryReceipt {
        try JSONDecoder().decode(DeliveryReceipt.self, from: Data(content.utf8))
    }
}

struct DeliveryReceipt: Decodable, Equatable {
    struct Start: Decodable, Equatable {
        let rule: String
        let event: Int
        let start: String
        let token: String
    }

    struct Failure: Decodable, Equatable {
        let rule: String
        let event: Int
        let message: String
    }

    let delivery: String
    let starts: [Start]
    let errors: [Failure]
    let duplicate: Bool?
}

struct EmulatorJournal: Decodable {
    struct Request: Decodable {
        let operation: String?
        let token: String?
        let accessKeyId: String?
        let region: String?
        let fault: String?
        let status: Int?
        let executionArn: String?
        let parameters: [String: String]?
    }

    let requestsSeen: Int
    let executionsCreated: Int
    let requests: [Request]
}
