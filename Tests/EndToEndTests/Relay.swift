import Foundation

/// What stands between the gateway and AWS: `Tests/Interoperability/relay.py`.
final class Relay {
    let port: UInt16
    private let process = Process()
    private let outputFile: URL

    private init(_ arguments: [String], in folder: URL) throws {
        let script = URL(fileURLWithPath: #filePath)
            .appendingPathComponent("../../Interoperability/relay.py").standardized
        outputFile = folder.appendingPathComponent("relay-\(UUID().uuidString).out")
        try Data().write(to: outputFile)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path] + arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        try process.run()
        var found: UInt16?
        let file = outputFile
        try waitUntil("the relay's port") {
            let text = try String(contentsOf: file, encoding: .utf8)
            found = text.firstIndex(of: "\n").flatMap { UInt16(text[..<$0]) }
            return found != nil
        }
        guard let found else { throw HooklineProcess.Failure(description: "no port") }
        port = found
    }

    /// A TLS server with a certificate of its own for 127.0.0.1, `relay.crt`, before a port.
    static func tls(to port: UInt16, in folder: URL) throws -> Relay {
        let maker = Process()
        maker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        maker.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-noenc", "-keyout", "relay.key", "-out", "relay.crt", "-days", "2", "-subj",
            "/CN=relay",
            "-addext", "subjectAltName=IP:127.0.0.1",
        ]
        maker.currentDirectoryURL = folder
        maker.standardError = FileHandle.nullDevice
        try maker.run()
        maker.waitUntilExit()
        return try Relay(["tls", "relay.crt", "relay.key", "\(port)"], in: folder)
    }

    /// - Parameter denies: Whether it lets nothing through.
    static func proxy(in folder: URL, denies: Bool = false) throws -> Relay {
        try Relay([denies ? "deny" : "proxy"], in: folder)
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// What the connections so far asked for.
    var lines: [String] {
        let text = (try? String(contentsOf: outputFile, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").dropFirst().map(String.init)
    }
}
