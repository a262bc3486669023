import Glibc
import HTTP1
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Hands its exchanges to the test, which answers them.
private final class Handler: RequestHandler {
    final class Exchanges: Sendable {
        let all = Mutex<[Exchange]>([])

        /// The exchange of a request, once it has come.
        func wait(for number: Int) -> Exchange {
            while true {
                let all = all.withLock { $0 }
                if all.count > number { return all[number] }
                usleep(1000)
            }
        }
    }

    private let exchanges: Exchanges
    init(_ exchanges: Exchanges) { self.exchanges = exchanges }

    func admit(_ head: RequestHead, peer: Peer) -> Admission { .receive(contentBytesMax: 0) }

    func respond(to request: Request, _ exchange: Exchange) -> Reply {
        exchanges.all.withLock { $0.append(exchange) }
        return .later
    }
}

@Suite(.timeLimit(.minutes(1))) struct PieceTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    private let exchanges = Handler.Exchanges()
    private let server: RunningServer

    init() throws {
        let exchanges = exchanges
        var limits = ServerLimits()
        limits.drainTimeout = .milliseconds(200)
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)], limits: limits) {
            Handler(exchanges)
        }
    }

    private func client(receiveBufferBytes: Int32? = nil) throws -> LoopbackClient {
        guard case .tcp(_, let port) = server.addresses[0] else { throw NoPort() }
        return try LoopbackClient(port: port, receiveBufferBytes: receiveBufferBytes)
    }

    private struct NoPort: Error {}

    @Test func `a response that has begun is cut at the end of a drain`() throws {
        let client = try client()
        client.send(Self.get)
        let exchange = exchanges.wait(for: 0)
        let piece = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nab"
        exchange.send(Array(piece.utf8))
        server.drain()
        // A second response within its content would be taken for that.
        #expect(client.receiveAll() == piece)
    }

    @Test func `pieces come as they are and in order, and the close behind them`() throws {
        defer { server.drain() }
        let client = try client()
        client.send(Self.get)
        let exchange = exchanges.wait(for: 0)
        for piece in ["HTTP/1.1 200 OK\r\n", "Content-Length: 4\r\n\r\n", "ab"] {
            exchange.send(Array(piece.utf8))
        }
        exchange.abort(.close(after: Array("cd".utf8)))
        #expect(client.receiveAll() == "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd")
        #expect(!client.wasReset)
    }

    @Test func `a request behind one that is being answered waits for it`() throws {
        defer { server.drain() }
        let client = try client()
        client.send(Self.get + Self.get)
        let first = exchanges.wait(for: 0)
        first.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        usleep(50_000)
        #expect(exchanges.all.withLock { $0.count } == 1)
        first.complete(Response(.ok))
        let second = exchanges.wait(for: 1)
        #expect(second.connection == first.connection)
        second.complete(Response(.ok))
        #expect(client.receiveResponse().hasPrefix("HTTP/1.1 100 "))
    }

    @Test func `connections are told apart, though they have the same place one after the other`()
        throws
    {
        defer { server.drain() }
        var seen: Set<ConnectionID> = []
        for number in 0..<5 {
            let client = try client()
            client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let exchange = exchanges.wait(for: number)
            seen.insert(exchange.connection)
            exchange.complete(Response(.ok))
            _ = client.receiveAll()
        }
        #expect(seen.count == 5)
    }

    @Test func `whoever reads none of too much is hung up on`() throws {
        defer { server.drain() }
        let client = try client(receiveBufferBytes: 4096)
        client.send(Self.get)
        let exchange = exchanges.wait(for: 0)
        let piece = [UInt8](repeating: 0x61, count: 256 << 10)
        // What is sent beyond the bound, and what the kernel may hold.
        for _ in 0..<64 { exchange.send(piece) }
        let received = client.receiveAll()
        #expect(received.utf8.count < 64 * piece.count)
        #expect(client.wasEnded)
    }
}
