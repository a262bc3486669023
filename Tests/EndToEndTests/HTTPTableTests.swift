import Foundation
import TestSupport
import Testing

/// A gateway that many tests send to, with a source that takes anything at `/hooks/open`.
final class OpenGateway {
    let fixture: GatewayFixture

    /// - Parameters:
    ///   - source: More keys of the source, such as `, rateLimit: 1/s`.
    ///   - extra: More lines of the configuration.
    init(
        listen: String = "127.0.0.1:0", source: String = "", limits: String = "",
        extra: String = "", files: [(name: String, text: String)] = []
    ) throws {
        fixture = try GatewayFixture()
        for file in files { try fixture.write(file.text, to: file.name) }
        try fixture.write(
            """
            listen: \(listen)
            admin: 127.0.0.1:0
            rules: [rules/*.yaml]
            eventLoops: 2
            aws: {region: eu-west-1, endpoint: "http://127.0.0.1:1"}
            sources:
              open: {type: github, verification: none, bodyLimit: 1000\(source)}
            limits: {\(limits)}
            \(extra)
            """, to: "hookline.yaml")
        try fixture.startGateway()
    }

    var port: UInt16 { fixture.port }
    func client() throws -> LoopbackClient { try LoopbackClient(port: port) }

    /// The statuses of a request on a connection of its own.
    func statuses(_ request: String) throws -> [Int] {
        let client = try client()
        client.send(request)
        return Responses(client.receiveAll(), omitsContent: false).all.map(\.status)
    }

    /// The statuses and the time that the connection stayed.
    func timed(_ client: LoopbackClient) -> (responses: [Answer], seconds: Double) {
        let began = Date()
        let responses = Responses(client.receiveAll(), omitsContent: false).all
        return (responses, Date().timeIntervalSince(began))
    }

    func metric(_ name: String) throws -> Int? {
        try fixture.get("/metrics", port: fixture.adminPort).content.split(separator: "\n")
            .first { $0.hasPrefix("\(name) ") }
            .flatMap { Int($0.dropFirst(name.utf8.count + 1)) }
    }

    static let health = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    static let lastHealth = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

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

/// The edge as a peer on the network sees it, by the rules of RFC 9110 and RFC 9112.
@Suite(.serialized, .timeLimit(.minutes(5))) struct HTTPTableTests {
    @Test func `every exchange of the table is answered as its rule says`() throws {
        let gateway = try OpenGateway()
        #expect(Set(HTTPTable.all.map(\.rule)).count == HTTPTable.all.count)
        for exchange in HTTPTable.all { try check(exchange, gateway) }
        // Nothing of it was an accident to the server.
        #expect(gateway.fixture.gateway?.isRunning == true)
        #expect(try gateway.metric("hookline_connections") == 0)
    }

    private func check(_ exchange: HTTPExchange, _ gateway: OpenGateway) throws {
        let client = try gateway.client()
        client.send(exchange.request)
        var expected = exchange.statuses
        if !exchange.closes {
            for status in expected {
                let answer = Answer(client.receiveResponse())
                #expect(answer.status == status, "\(exchange): \(answer.head)")
                if answer.status == 100 { client.send("{}") }
                if status == expected.last { checkFields(answer, exchange) }
            }
            client.send(OpenGateway.lastHealth)
            expected = [200]
        }
        let answers = Responses(client.receiveAll(), omitsContent: false).all
        #expect(answers.map(\.status) == expected, "\(exchange): \(answers.map(\.head))")
        #expect(answers.last?.has("Connection: close") == true, "\(exchange)")
        #expect(!client.wasReset, "\(exchange)")
        if exchange.closes, let last = answers.last { checkFields(last, exchange) }
    }

    private func checkFields(_ answer: Answer, _ exchange: HTTPExchange) {
        #expect(answer.has("Connection: close") == exchange.closes, "\(exchange): \(answer.head)")
        #expect(answer.head.contains("\r\nDate: "), "\(exchange)")
        for line in exchange.fields { #expect(answer.has(line), "\(exchange): \(answer.head)") }
    }

    @Test func `the table's requests are answered the same when they come byte by byte`() throws {
        let gateway = try OpenGateway()
        for exchange in HTTPTable.all where exchange.request.utf8.count < 400 {
            // What the server sees in one piece or in many decides nothing but an interim response.
            guard !exchange.request.contains("Expect") else { continue }
            let client = try gateway.client()
            for scalar in exchange.request.unicodeScalars { client.send(String(scalar)) }
            if !exchange.closes { client.send(OpenGateway.lastHealth) }
            let answers = Responses(client.receiveAll(), omitsContent: false).all
            let expected = exchange.statuses + (exchange.closes ? [] : [200])
            #expect(answers.map(\.status) == expected, "\(exchange): \(answers.map(\.head))")
        }
    }

    @Test func `HEAD gets the head of the 405 that another method gets, without its content`()
        throws
    {
        let gateway = try OpenGateway()
        for path in ["/hooks/open", "/healthz"] {
            let client = try gateway.client()
            client.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let answers = Responses(client.receiveAll(), omitsContent: true).all
            #expect(answers.map(\.status) == [405])
            #expect(answers.first?.has("Allow: \(path == "/healthz" ? "GET" : "POST")") == true)
            #expect(answers.first?.has("Content-Length: 0") == false)
        }
    }

    @Test func `a client that has closed its own side gets its answers`() throws {
        let gateway = try OpenGateway()
        let client = try gateway.client()
        client.send(OpenGateway.post() + OpenGateway.health + OpenGateway.post("["))
        client.finishSending()
        let answers = Responses(client.receiveAll(), omitsContent: false).all
        #expect(answers.map(\.status) == [200, 200, 400])
        #expect(!client.wasReset)
    }

    @Test func `a client that ends within a request gets nothing, and nothing is left`() throws {
        let gateway = try OpenGateway()
        for part in ["", "GET /he", "POST /hooks/open HTTP/1.1\r\nHost: x\r\n"] {
            let client = try gateway.client()
            client.send(part)
            client.finishSending()
            #expect(client.receiveAll().isEmpty)
        }
        try waitUntil("no connection") { try gateway.metric("hookline_connections") == 0 }
    }
}
