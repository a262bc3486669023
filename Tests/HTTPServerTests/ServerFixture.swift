import EventPoll
import Glibc
import HTTP1
import HTTPServer
import Synchronization
import TLS
import TestSupport
import Testing

/// Answers with what it was asked; `/loop` with whose handler it is, `/later` from another thread, `/limited` takes 10 bytes, and
/// `/reset`, `/closed` and `/cut` end the connection, `/stall` holds up the loop.
final class EchoHandler: RequestHandler {
    let pending: PendingExchanges
    init(_ pending: PendingExchanges) { self.pending = pending }

    func admit(_ head: RequestHead, peer: Peer) -> Admission {
        if head.isPath("/peer") {
            return .refuse(.text(.ok, "\(peer.addressText) \(peer.certificate?.subject ?? "-")"))
        }
        if head.isPath("/refused") { return .refuse(.text(.notFound, "no")) }
        return .receive(contentBytesMax: head.isPath("/limited") ? 10 : 1 << 20)
    }

    func contentReader(for head: RequestHead) -> (any ContentReader)? {
        head.isPath("/read") ? PieceReader() : nil
    }

    func respond(to request: Request, _ exchange: Exchange) -> Reply {
        if let reader = request.reader as? PieceReader {
            return .now(.text(.ok, "\(reader.received == Array(request.content))"))
        }
        if request.head.isPath("/loop") {
            return .now(.text(.ok, "\(ObjectIdentifier(self))"))
        }
        if request.head.isPath("/later") {
            pending.add(exchange)
            return .later
        }
        if request.head.isPath("/stall") { pending.stall() }
        if request.head.isPath("/reset") { return .abort(.reset) }
        if request.head.isPath("/closed") { return .abort(.close(after: [])) }
        if request.head.isPath("/cut") { return .abort(.close(after: Array("HTTP/1.1 2".utf8))) }
        if request.head.isPath("/large") {
            return .now(.text(.ok, String(repeating: "x", count: 8 << 20)))
        }
        return .now(
            .text(.ok, "\(request.head.path):" + String(decoding: request.content, as: UTF8.self)))
    }
}

/// Keeps what it is given.
private final class PieceReader: ContentReader {
    private(set) var received: [UInt8] = []
    func receive(_ piece: UnsafeRawBufferPointer) { received += piece }
}

final class PendingExchanges: Sendable {
    private let exchanges = Mutex<[Exchange]>([])
    func add(_ exchange: Exchange) { exchanges.withLock { $0.append(exchange) } }

    /// Waits for a request and answers it.
    func answerOne(_ text: String) { next().complete(.text(.accepted, text)) }

    /// Waits for a request and ends its connection.
    func abortOne(_ abort: Abort) { next().abort(abort) }

    private let isStalled = Atomic<Bool>(false)
    private let mayGoOn = Atomic<Bool>(false)

    /// Holds up the thread until ``endStall()``.
    func stall() {
        isStalled.store(true, ordering: .sequentiallyConsistent)
        while !mayGoOn.load(ordering: .sequentiallyConsistent) { usleep(1000) }
    }

    func waitForStall() {
        while !isStalled.load(ordering: .sequentiallyConsistent) { usleep(1000) }
    }

    func endStall() { mayGoOn.store(true, ordering: .sequentiallyConsistent) }

    private func next() -> Exchange {
        while true {
            if let exchange = exchanges.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                return exchange
            }
            usleep(1000)
        }
    }
}

final class Fixture {
    let server: RunningServer
    let pending = PendingExchanges()
    let port: UInt16

    init(loops: Int = 1, _ change: (inout ServerLimits) -> Void = { _ in }) throws {
        var limits = ServerLimits()
        change(&limits)
        let pending = pending
        server = try RunningServer(
            [.tcp(host: "127.0.0.1", port: 0)], limits: limits, loops: loops
        ) { EchoHandler(pending) }
        guard case .tcp(_, let port) = server.addresses[0] else { throw POSIXFailure() }
        self.port = port
    }

    struct POSIXFailure: Error {}
    func client() throws -> LoopbackClient { try LoopbackClient(port: port) }
    deinit { server.drain() }
}

/// The responses without their dates.
func withoutDates(_ text: String) -> String {
    text.replacing(/Date: [^\r]*\r\n/, with: "")
}

func response(_ text: String, _ status: String = "200 OK", closes: Bool = false) -> String {
    "HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
        + "\(text.utf8.count)\r\n" + (closes ? "Connection: close\r\n" : "") + "\r\n\(text)"
}
