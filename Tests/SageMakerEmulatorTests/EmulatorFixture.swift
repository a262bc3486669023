import HTTPServer
import JSON
import OpenSSLCrypto
import SageMakerClient
import SageMakerEmulator
import Synchronization
import TestSupport

/// A running emulator whose clock stands still until a test moves it.
final class EmulatorFixture {
    let emulator: RunningEmulator
    let port: UInt16
    private let clock: TestClock

    init(_ change: (inout EmulatorOptions) -> Void = { _ in }) throws {
        var options = EmulatorOptions()
        change(&options)
        let clock = TestClock()
        self.clock = clock
        emulator = try RunningEmulator(options) { clock.milliseconds }
        guard case .tcp(_, let port) = emulator.addresses[0] else { throw NoPort() }
        self.port = port
    }

    deinit { emulator.stop() }

    struct NoPort: Error {}

    var epochSeconds: Int64 { clock.milliseconds / 1000 }

    func pass(_ duration: Duration) { clock.pass(duration) }

    func client() throws -> LoopbackClient { try LoopbackClient(port: port) }

    /// Sends a request on a connection of its own.
    @discardableResult
    func send(_ request: TestRequest) throws -> WireReply {
        let client = try client()
        client.send(try request.text(at: epochSeconds))
        return client.receive()
    }

    /// Starts a pipeline, signed and well.
    @discardableResult
    func start(
        _ pipeline: String = "churn-training", token: String = TestRequest.token,
        parameters: [(String, String)] = []
    ) throws -> WireReply {
        try send(.start(pipeline, token: token, parameters: parameters))
    }

    /// Sends an unsigned request to one of the emulator's own paths.
    func control(_ method: String, _ path: String, _ content: String = "") throws -> WireReply {
        let client = try client()
        client.send(
            "\(method) \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(content.utf8.count)\r\n\r\n"
                + content)
        return client.receive()
    }
}

private final class TestClock: Sendable {
    /// 2026-11-21T04:00:00.250Z.
    private let now = Atomic<Int64>(1_795_233_600_250)

    var milliseconds: Int64 { now.load(ordering: .relaxed) }

    func pass(_ duration: Duration) {
        now.add(duration.components.seconds * 1000, ordering: .relaxed)
    }
}

/// A request to the emulator, with what tests make wrong about it.
struct TestRequest {
    /// 36 characters, as the UUIDs that SDKs send.
    static let token = "11111111-2222-3333-4444-555555555555"

    var target: String
    var content: String
    var contentType = "application/x-amz-json-1.1"
    var region = "eu-west-1"
    var service = "sagemaker"
    var accessKeyID = EmulatorOptions.demoAccessKeyID
    var secret = EmulatorOptions.demoSecretAccessKey
    var sessionToken: String?
    var isSigned = true
    /// How far the date of the signature is from the emulator's clock, in seconds.
    var skew: Int64 = 0
    /// The content that is signed, where it is not the one that is sent.
    var signedContent: String?
    /// Replaces a field behind the signature's back, adds one, or removes it.
    var replacing: (name: String, value: String?)?

    init(_ operation: String, _ content: String) {
        target = "SageMaker.\(operation)"
        self.content = content
    }

    static func start(
        _ pipeline: String = "churn-training", token: String = Self.token,
        parameters: [(String, String)] = [], more: String = ""
    ) -> TestRequest {
        let list = parameters.map { #"{"Name":"\#($0.0)","Value":"\#($0.1)"}"# }
            .joined(separator: ",")
        return TestRequest(
            "StartPipelineExecution",
            #"{"PipelineName":"\#(pipeline)","ClientRequestToken":"\#(token)","#
                + #""PipelineParameters":[\#(list)]\#(more)}"#)
    }

    func with(_ change: (inout TestRequest) -> Void) -> TestRequest {
        var request = self
        change(&request)
        return request
    }

    /// The request as it goes over the wire.
    func text(at epochSeconds: Int64) throws -> String {
        var fields = [
            (name: "Host", value: "127.0.0.1"), (name: "Content-Type", value: contentType),
            (name: "X-Amz-Target", value: target),
        ]
        if isSigned { fields += try signature(of: fields, at: epochSeconds + skew) }
        if let replacing {
            fields.removeAll { $0.name == replacing.name }
            if let value = replacing.value { fields.append((name: replacing.name, value: value)) }
        }
        let lines = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        return "POST / HTTP/1.1\r\n\(lines)Content-Length: \(content.utf8.count)\r\n\r\n\(content)"
    }

    private func signature(
        of fields: [(name: String, value: String)], at epochSeconds: Int64
    ) throws -> [(name: String, value: String)] {
        let credentials = try Credentials(
            accessKeyID: accessKeyID, secretAccessKey: Secret(secret),
            sessionToken: sessionToken.map { Secret($0) }, from: "the test")
        var keys = SigningKeys()
        return SigV4.sign(
            SignableRequest(method: "POST", fields: fields),
            contentHash: hexEncoded(sha256(signedContent ?? content)), credentials: credentials,
            region: region, service: service, at: SigningTime(epochSeconds: epochSeconds),
            keys: &keys)
    }
}

extension WireReply {
    /// The string of this name in the content.
    func string(_ name: String) -> String? {
        guard let document = try? JSONDocument(parsing: Array(content.utf8)) else { return nil }
        return document.root[name]?.string
    }

    var executionARN: String? { string("PipelineExecutionArn") }
    /// The code of an error reply.
    var code: String? { string("__type") }
    var message: String? { string("message") ?? string("Message") }
}
