import HTTP1
import HTTPServer
import Synchronization

/// A callback receiver on a loopback port that keeps what it is sent.
final class CallbackInbox: Sendable {
    struct Message: Sendable {
        let id: String
        let signature: String
        let content: [UInt8]
    }

    private let messages: Messages
    private let server: RunningServer

    init() throws {
        let messages = Messages()
        self.messages = messages
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)], name: "callbacks") {
            Handler(messages)
        }
    }

    var url: String { "http://\(server.addresses[0])/callback" }
    var received: [Message] { messages.list.withLock { $0 } }
    func stop() { server.drain() }

    private final class Messages: Sendable {
        let list = Mutex<[Message]>([])
        static let countMax = 1000
    }

    private final class Handler: RequestHandler {
        private let messages: Messages
        init(_ messages: Messages) { self.messages = messages }

        func admit(_ head: RequestHead, peer: Peer) -> Admission {
            .receive(contentBytesMax: 1 << 20)
        }

        func respond(to request: Request, _ exchange: Exchange) -> Reply {
            let message = Message(
                id: text(request.head.field("webhook-id")),
                signature: text(request.head.field("webhook-signature")),
                content: Array(request.content))
            messages.list.withLock { list in
                if list.count < Messages.countMax { list.append(message) }
            }
            return .now(Response(.noContent))
        }

        private func text(_ field: ArraySlice<UInt8>?) -> String {
            String(decoding: field ?? [], as: UTF8.self)
        }
    }
}
