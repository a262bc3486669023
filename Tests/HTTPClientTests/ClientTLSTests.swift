import Foundation
import HTTPClient
import Testing

// Against `openssl s_server`, for what a client must refuse takes a TLS server to show.
@Suite(.enabled(if: hasOpenSSL, "needs the openssl command in /usr/bin"))
struct ClientTLSTests {
    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `accepts a certificate of the given authorities`(version: String) throws {
        try withTLSServer([version]) { (port, certificate) throws in
            var request = get("https://127.0.0.1:\(port)/")
            request.certificateAuthorities = certificate
            #expect(try ClientLoop().run(request).get().status == 200)
        }
    }

    @Test func `refuses a certificate that nobody vouches for`() throws {
        try withTLSServer([]) { (port, _) throws in
            let request = get("https://127.0.0.1:\(port)/")
            #expect(try ClientLoop().run(request).failure == .tlsVerificationFailed)
        }
    }

    @Test func `refuses a certificate for another host`() throws {
        try withTLSServer([]) { (port, certificate) throws in
            var request = get("https://localhost:\(port)/")
            request.certificateAuthorities = certificate
            #expect(try ClientLoop().run(request).failure == .tlsVerificationFailed)
        }
    }

    @Test func `refuses TLS before 1.2`() throws {
        try withTLSServer(["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]) {
            (port, certificate) throws in
            var request = get("https://127.0.0.1:\(port)/")
            request.certificateAuthorities = certificate
            #expect(try ClientLoop().run(request).failure == .tlsHandshakeFailed)
        }
    }

    @Test func `a trusting request does not lend its connection to another`() throws {
        try withTLSServer([]) { (port, certificate) throws in
            let loop = try ClientLoop()
            var request = get("https://127.0.0.1:\(port)/")
            request.certificateAuthorities = certificate
            #expect(try loop.run(request).get().status == 200)
            request.certificateAuthorities = nil
            #expect(loop.run(request).failure == .tlsVerificationFailed)
        }
    }
}

private let openSSL = URL(fileURLWithPath: "/usr/bin/openssl")
private let hasOpenSSL = FileManager.default.isExecutableFile(atPath: openSSL.path)

/// Runs a TLS server on 127.0.0.1 with a certificate of its own for that address.
private func withTLSServer(
    _ options: [String], _ body: (_ port: String, _ certificate: String) throws -> Void
) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let certificate = folder.appending(path: "certificate.pem").path
    let key = folder.appending(path: "key.pem").path
    let maker = try openSSLProcess([
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
        "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=test",
        "-addext", "subjectAltName=IP:127.0.0.1",
    ])
    maker.process.waitUntilExit()
    try #require(maker.process.terminationStatus == 0)

    let server = try openSSLProcess(
        ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate, "-key", key] + options)
    defer {
        // Not SIGTERM: dispatch's threads block it, and a child inherits their mask.
        kill(server.process.processIdentifier, SIGKILL)
        server.process.waitUntilExit()
    }
    try body(try #require(announcedPort(server.output)), certificate)
}

private func openSSLProcess(
    _ arguments: [String]
) throws -> (process: Process, output: FileHandle) {
    let process = Process()
    process.executableURL = openSSL
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    return (process, output.fileHandleForReading)
}

/// The port of the line `ACCEPT 127.0.0.1:PORT`, which the server prints once it listens.
private func announcedPort(_ output: FileHandle) -> String? {
    var text = ""
    while true {
        let data = output.availableData
        guard !data.isEmpty else { return nil }
        text += String(decoding: data, as: UTF8.self)
        for line in text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
        where line.hasPrefix("ACCEPT ") {
            return line.split(separator: ":").last.map(String.init)
        }
    }
}
