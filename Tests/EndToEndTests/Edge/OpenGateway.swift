import Foundation
import TestSupport

/// A gateway that many tests send to, with a source that takes anything at `/hooks/open`.
final class OpenGateway {
    let fixture: GatewayFixture

    /// - Parameters:
    ///   - source: More keys of the source, such as `, rateLimit: 1/s`.
    ///   - extra: More lines of the configuration.
    ///   - prepare: Told of the folder before anything starts in it, where an emulator may be
    ///     started too.
    init(
        listen: String = "127.0.0.1:0", source: String = "", limits: String = "",
        extra: String = "", launcher: [String] = [],
        prepare: (GatewayFixture) throws -> Void = { _ in }
    ) throws {
        fixture = try GatewayFixture()
        try prepare(fixture)
        let endpoint = fixture.emulatorPort == 0 ? 1 : fixture.emulatorPort
        try fixture.write(
            """
            listen: \(listen)
            admin: 127.0.0.1:0
            rules: [rules/*.yaml]
            eventLoops: 2
            aws: {region: eu-west-1, endpoint: "http://127.0.0.1:\(endpoint)"}
            sources:
              open: {type: github, verification: none, bodyLimit: 1000\(source)}
            limits: {\(limits)}
            \(extra)
            """, to: "hookline.yaml")
        try fixture.startGateway(launcher: launcher)
    }

    var port: UInt16 { fixture.port }
    func client() throws -> LoopbackClient { try LoopbackClient(port: port) }

    /// The statuses of a request on a connection of its own.
    func statuses(_ request: String) throws -> [Int] {
        let client = try client()
        client.send(request)
        return Responses(client.receiveAll(), omitsContent: false).all.map(\.status)
    }

    func metric(_ name: String) throws -> Int? {
        try fixture.get("/metrics", port: fixture.adminPort).content.split(separator: "\n")
            .first { $0.hasPrefix("\(name) ") }
            .flatMap { Int($0.dropFirst(name.utf8.count + 1)) }
    }

    static let health = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    static let lastHealth = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    static let lastPost = post(fields: "Connection: close\r\n")

    static func post(_ content: String = "{}", fields: String = "") -> String {
        "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\(fields)"
            + "Content-Length: \(content.utf8.count)\r\n\r\n\(content)"
    }
}

/// Bytes of a connection, split into responses.
struct Responses {
    private(set) var all: [Answer] = []

    init(_ text: String, omitsContent: Bool) {
        var rest = Substring(text)
        while let end = rest.range(of: "\r\n\r\n") {
            let head = rest[..<end.lowerBound]
            let length = head.split(separator: "\r\n")
                .compactMap { $0.hasPrefix("Content-Length: ") ? Int($0.dropFirst(16)) : nil }
            let count = omitsContent ? 0 : length.first ?? 0
            let content = rest[end.upperBound...].utf8.prefix(count)
            all.append(Answer("\(head)\r\n\r\n\(Substring(content))"))
            rest = rest[content.endIndex...]
        }
        if !rest.isEmpty { all.append(Answer("garbage \(rest)")) }
    }
}

extension Answer {
    func has(_ line: String) -> Bool {
        head.split(separator: "\r\n").contains { $0 == line }
    }
}
