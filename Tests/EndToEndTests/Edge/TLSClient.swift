import Foundation

/// TLS clients that are not our own, driven by lines of JSON: `Tests/Interoperability/tls_client.py`.
final class TLSClient {
    struct Reply: Decodable {
        let error: String?
        let version: String?
        let alpn: String?
        let serial: String?
        let reused: Bool?
        let response: String?
        let notified: Bool?
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()

    init() throws {
        let script = URL(fileURLWithPath: #filePath)
            .appendingPathComponent("../../../Interoperability/tls_client.py").standardized
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func call(_ words: [String: String]) throws -> Reply {
        var line = try JSONEncoder().encode(words)
        line.append(UInt8(ascii: "\n"))
        try input.fileHandleForWriting.write(contentsOf: line)
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received = Data(received[(end + 1)...]) }
                return try JSONDecoder().decode(Reply.self, from: received[..<end])
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw HooklineProcess.Failure(description: "tls_client.py ended")
            }
            received += more
        }
    }
}
