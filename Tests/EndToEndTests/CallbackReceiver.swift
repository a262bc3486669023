import HTTP1
import HTTPServer
import Synchronization

/// Receives callbacks on a loopback port and answers each as it is told.
final class CallbackReceiver: Sendable {
    struct Received: Sendable {
        let id: String
        let timestamp: String
        let signature: String
        let body: [UInt8]
    }

    private let state: Shared
    private let server: RunningServer

    final class Shared: Sendable {
        let received = Mutex<[Received]>([])
        let statuses = Mutex<[HTTPStatus]>([])
    }

    /// - Parameters:
    ///   - statuses: What the first requests are answered with; later ones get 200.
    ///   - hangs: Whether none of them is answered at all.
    init(statuses: [HTTPStatus] = [], hangs: Bool = false) throws {
        let state = Shared()
        state.statuses.withLock { $0 = statuses }
        self.state = state
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)], name: "callbacks") {
            Handler(state, hangs: hangs)
        }
    }

    deinit { server.drain() }

    var url: String { "http://\(server.addresses[0])/callback" }
    var received: [Received] { state.received.withLock { $0 } }

    private final class Handler: RequestHandler {
        private let state: Shared
        private let hangs: Bool
        init(_ state: Shared, hangs: Bool) {
            self.state = state
            self.hangs = hangs
        }

        func admit(_ head: RequestHead, peer: Peer) -> Admission {
            .receive(contentBytesMax: 1 << 20)
        }

        func respond(to request: Request, _ exchange: Exchange) -> Reply {
            func field(_ name: String) -> String {
                String(decoding: request.head.field(name) ?? [], as: UTF8.self)
            }
            let received = Received(
                id: field("webhook-id"), timestamp: field("webhook-timestamp"),
                signature: field("webhook-signature"), body: Array(request.content))
            state.received.withLock { $0.append(received) }
            if hangs { return .later }
            let status = state.statuses.withLock { $0.isEmpty ? .ok : $0.removeFirst() }
            return .now(.text(status, "ok"))
        }
    }
}
