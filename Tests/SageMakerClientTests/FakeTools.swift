import Foundation
import HTTPClient
import SageMakerClient
import Synchronization

/// Tools whose network, files, programs and clock are a test's.
final class FakeTools: Sendable {
    /// 2026-11-26T12:00:00Z.
    static let now: Int64 = 1_795_694_400

    private struct State {
        var files: [String: String]
        var replies: [@Sendable (ClientRequest) -> Result<ClientReply, ClientError>?] = []
        var requests: [ClientRequest] = []
        var commands: [[String]] = []
        var output = Result<[UInt8], SageMakerClientError>.success([])
        var now = FakeTools.now
        var paused = Duration.zero
        var isReadOnly = false
    }

    private let state: Mutex<State>
    private let environment: [String: String]
    private let region: String?

    init(
        environment: [String: String] = [:], files: [String: String] = [:],
        region: String? = "eu-west-1"
    ) {
        state = Mutex(State(files: files))
        self.environment = environment
        self.region = region
    }

    var tools: CredentialTools {
        CredentialTools(
            environment: environment,
            read: { [self] path in
                state.withLock { $0.files[path] }.map { Array($0.utf8) }
            },
            write: { [self] path, content throws(SageMakerClientError) in
                try state.withLock { state throws(SageMakerClientError) in
                    guard !state.isReadOnly else {
                        throw .unwritableFile(path: path, reason: "read-only")
                    }
                    state.files[path] = String(decoding: content, as: UTF8.self)
                }
            },
            send: { [self] request in
                let replies = state.withLock { state in
                    state.requests.append(request)
                    return state.replies
                }
                for reply in replies { if let result = reply(request) { return result } }
                return .failure(.connectFailed(errno: 0))
            },
            run: { [self] command throws(SageMakerClientError) in
                try state.withLock { state in
                    state.commands.append(command)
                    return state.output
                }.get()
            },
            clock: { [self] in state.withLock { $0.now } },
            pause: { [self] duration in state.withLock { $0.paused += duration } },
            region: region)
    }

    var requests: [ClientRequest] { state.withLock { $0.requests } }
    var commands: [[String]] { state.withLock { $0.commands } }
    var paused: Duration { state.withLock { $0.paused } }

    func write(_ text: String, to path: String) { state.withLock { $0.files[path] = text } }
    func read(_ path: String) -> String? { state.withLock { $0.files[path] } }
    func makeReadOnly() { state.withLock { $0.isReadOnly = true } }
    func pass(_ seconds: Int64) { state.withLock { $0.now += seconds } }
    func output(_ result: Result<[UInt8], SageMakerClientError>) {
        state.withLock { $0.output = result }
    }

    /// Answers requests to URLs that begin so; what was said last counts.
    func answer(
        _ prefix: String, method: ClientRequest.Method? = nil, status: Int = 200,
        fields: [(name: String, value: String)] = [], _ content: String
    ) {
        state.withLock { state in
            state.replies.insert(
                { request in
                    guard request.url.hasPrefix(prefix), method == nil || method == request.method
                    else { return nil }
                    return .success(
                        ClientReply(status: status, fields: fields, content: Array(content.utf8)))
                }, at: 0)
        }
    }

    /// Answers requests to URLs that begin so with what comes to each.
    func answer(_ prefix: String, with reply: @escaping @Sendable (ClientRequest) -> ClientReply) {
        state.withLock { state in
            state.replies.insert(
                { $0.url.hasPrefix(prefix) ? .success(reply($0)) : nil }, at: 0)
        }
    }

    /// The reply of STS.
    static func stsReply(
        keyID: String = "ASIAROLE", expiration: String = "2026-11-26T13:00:00Z"
    ) -> String {
        """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
        <AssumedRoleUser><AssumedRoleId>A:hookline</AssumedRoleId></AssumedRoleUser>
        <Credentials><AccessKeyId>\(keyID)</AccessKeyId>
        <SecretAccessKey>role/secret</SecretAccessKey><SessionToken>role-token</SessionToken>
        <Expiration>\(expiration)</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
        """
    }
}

extension ClientRequest {
    func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    var text: String { String(decoding: content, as: UTF8.self) }
}
