import Foundation
import Glibc
import TestSupport
import Testing

/// Loading anew under circumstances that are not the usual ones.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ReloadEdgeTests {
    private func configuration(_ fixture: GatewayFixture, sources: String) throws {
        try fixture.write(
            """
            listen: 127.0.0.1:0
            admin: 127.0.0.1:0
            rules: [rules/*.yaml]
            eventLoops: 1
            aws: {region: eu-west-1, endpoint: "http://127.0.0.1:1"}
            sources:
              open: {type: github, verification: none}
              \(sources)
            """, to: "hookline.yaml")
    }

    private func status(_ path: String, _ fixture: GatewayFixture) throws -> Int {
        let client = try LoopbackClient(port: fixture.port)
        client.send(
            OpenGateway.post().replacing("/hooks/open", with: path))
        return Answer(client.receiveResponse()).status
    }

    private func log(_ fixture: GatewayFixture) -> String { fixture.gateway?.errors ?? "" }

    @Test func `a file that a refused reload was waiting for is noticed when it comes`() throws {
        let fixture = try GatewayFixture()
        try configuration(fixture, sources: "")
        try fixture.startGateway()
        #expect(try status("/hooks/other", fixture) == 404)
        try configuration(
            fixture, sources: "other: {type: github, secrets: [{file: coming.secret}]}")
        try waitUntil("a refused reload") { log(fixture).contains("nothing was changed") }
        try fixture.write("a secret", to: "coming.secret")
        try waitUntil("the other source") { try status("/hooks/other", fixture) == 401 }
    }

    @Test func `an admin token is replaced without a restart`() throws {
        let fixture = try GatewayFixture()
        try configuration(fixture, sources: "")
        let text = try String(
            contentsOf: fixture.folder.appendingPathComponent("hookline.yaml"), encoding: .utf8)
        try fixture.write(text + "\nadminTokens: [{file: token}]\n", to: "hookline.yaml")
        try fixture.write("first", to: "token")
        try fixture.startGateway()
        func status(_ token: String) throws -> Int {
            try fixture.request(
                "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
                    + "Connection: close\r\n\r\n", port: fixture.adminPort
            ).status
        }
        #expect(try status("first") == 200)
        #expect(try status("second") == 401)
        try fixture.write("second", to: "token")
        try waitUntil("the second token") { try status("second") == 200 }
        #expect(try status("first") == 401)
    }

    @Test func `a request whose source is removed while it comes is not taken for another`() throws
    {
        let fixture = try GatewayFixture()
        try configuration(fixture, sources: "other: {type: github, verification: none}")
        try fixture.startGateway()
        let client = try LoopbackClient(port: fixture.port)
        client.send(
            "POST /hooks/other HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\n\r\n{")
        try configuration(fixture, sources: "")
        try waitUntil("the source's end") { try status("/hooks/other", fixture) == 404 }
        client.send("}")
        #expect(Answer(client.receiveResponse()).status == 404)
    }

    @Test func `keys that do not come keep no signal waiting, nor a change meanwhile`() throws {
        let fixture = try GatewayFixture()
        try configuration(fixture, sources: "")
        try fixture.startGateway()
        let silent = try SilentServer()
        try configuration(
            fixture,
            sources: "chat: {type: google-chat, audience: x, keys: "
                + "\"http://127.0.0.1:\(silent.port)/keys\"}")
        silent.waitForConnection()
        // The load that is under way has read the file already.
        try configuration(fixture, sources: "third: {type: github, verification: none}")
        silent.closeConnection()
        try waitUntil("the third source") { try status("/hooks/third", fixture) == 200 }

        try configuration(
            fixture,
            sources: "chat: {type: google-chat, audience: x, keys: "
                + "\"http://127.0.0.1:\(silent.port)/keys\"}")
        silent.waitForConnection()
        fixture.gateway?.send(SIGTERM)
        try waitUntil("a refused connection") { (try? LoopbackClient(port: fixture.port)) == nil }
        #expect(try fixture.gateway?.waitForExit() == 0)
    }
}

/// A server that takes connections and says nothing.
final class SilentServer {
    let port: UInt16
    private let listener: Int32
    private var connection: Int32 = -1

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else {
            throw HooklineProcess.Failure(description: "no port for the silent server")
        }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        closeConnection()
        close(listener)
    }

    func waitForConnection() { connection = accept(listener, nil, nil) }

    /// Answers whatever was asked, after all.
    func answer(_ content: String) {
        var text =
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
            + "Content-Length: \(content.utf8.count)\r\n\r\n\(content)"
        _ = text.withUTF8 { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    func closeConnection() {
        if connection >= 0 { close(connection) }
        connection = -1
    }
}
