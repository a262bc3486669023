internal import EventPoll
internal import HTTPClient
package import Journal
internal import Logging
internal import Metrics

/// A message to a chat that follows the answer to its request. In memory only: a chat takes it for
/// minutes, and what it tells is in the journal.
package struct ChatPost: Sendable, CustomReflectable {
    /// A secret: whoever has it can post there.
    package let url: String
    /// Whether a message that is there already gets this content.
    package let isChange: Bool
    /// JSON.
    package let content: [UInt8]
    /// When nobody takes it any more.
    package let expiresAt: UnixTime
    /// For tests, whose receivers have no certificate.
    package var allowsPlainHTTP = false

    package init(url: String, isChange: Bool, content: [UInt8], expiresAt: UnixTime) {
        self.url = url
        self.isChange = isChange
        self.content = content
        self.expiresAt = expiresAt
    }

    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The wait before the next attempt: somebody waits for the message, so 1 s, 2 s, 4 s, 8 s.
    /// - Parameters:
    ///   - attempt: Failed attempts so far, 1-based.
    ///   - retryAfter: What the chat asks for, which counts up to 60 s and when it is more.
    /// - Returns: Nil after the fifth: Slack takes five messages at one address.
    package static func delay(afterAttempt attempt: Int, _ retryAfter: Duration?) -> Duration? {
        guard attempt < 5 else { return nil }
        return max(.seconds(1 << (attempt - 1)), min(retryAfter ?? .zero, .seconds(60)))
    }
}

/// The chat messages of the outbound loop.
///
/// Used by the loop's thread only.
final class ChatDispatch {
    private struct Flight {
        let post: ChatPost
        var failures = 0
    }

    private let context: DispatchContext
    private let client: Client
    private var waiting = JobQueue<Flight>()
    private var flights: [UInt64: Flight] = [:]
    private var delayed: [(due: MonotonicTime, flight: Flight)] = []
    private var nextFlight: UInt64 = 0

    /// What sets these requests' ids apart from those of starts and callbacks.
    static let idBit: UInt64 = 1 << 63

    init(_ context: DispatchContext, _ client: Client) {
        self.context = context
        self.client = client
    }

    var isUnderWay: Bool { !flights.isEmpty }

    /// When something is to be done though nothing happens.
    var nextMoment: MonotonicTime? { delayed.map(\.due).min() }

    func accept(_ posts: [ChatPost]) {
        for post in posts {
            guard waiting.count + delayed.count < DispatchLimits.chatPostsWaitingMax else {
                context.metrics.chatMessages.counter("dropped").increment()
                continue
            }
            waiting.append(Flight(post: post))
        }
    }

    func launch() {
        let now = MonotonicTime.now()
        for (_, flight) in delayed.filter({ $0.due <= now }) { waiting.append(flight) }
        delayed.removeAll { $0.due <= now }
        while flights.count < DispatchLimits.chatPostsInFlightMax, let flight = waiting.popFirst() {
            guard context.clock() < flight.post.expiresAt else {
                giveUp(flight, "the chat takes it no more")
                continue
            }
            nextFlight += 1
            let id = nextFlight | Self.idBit
            flights[id] = flight
            client.start(request(id, flight.post))
        }
    }

    private func request(_ id: UInt64, _ post: ChatPost) -> ClientRequest {
        var request = ClientRequest(id: id, method: post.isChange ? .patch : .post, url: post.url)
        request.fields = [("Content-Type", "application/json")]
        request.content = post.content
        request.timeout = DispatchLimits.chatPostTimeout
        request.replyBytesMax = DispatchLimits.callbackReplyBytesMax
        request.allowsPlainHTTP = post.allowsPlainHTTP
        request.addressPolicy = context.callbacks().addressPolicy
        request.proxy = context.proxies.proxy(for: post.url)
        return request
    }

    /// - Parameter id: One with ``idBit``.
    func land(_ id: UInt64, _ result: Result<ClientReply, ClientError>) {
        guard var flight = flights.removeValue(forKey: id) else {
            preconditionFailure("a chat message's request ended that was not under way")
        }
        switch ChatPostVerdict(result, isChange: flight.post.isChange) {
        case .delivered: context.metrics.chatMessages.counter("delivered").increment()
        case .final(let reason): giveUp(flight, reason)
        case .again(let reason, let retryAfter):
            flight.failures += 1
            guard let delay = ChatPost.delay(afterAttempt: flight.failures, retryAfter) else {
                return giveUp(flight, reason)
            }
            delayed.append((MonotonicTime.now().advanced(by: delay), flight))
        }
    }

    private func giveUp(_ flight: Flight, _ reason: String) {
        context.metrics.chatMessages.counter("failed").increment()
        // The address is a secret, and the content may quote a payload.
        context.logger.warning("a message to a chat was given up: \(reason)")
    }
}

/// What a chat's reply to a message means.
enum ChatPostVerdict: Equatable {
    case delivered
    case final(String)
    case again(String, retryAfter: Duration?)

    init(_ result: Result<ClientReply, ClientError>, isChange: Bool) {
        switch result {
        case .success(let reply) where (200..<300).contains(reply.status): self = .delivered
        case .success(let reply):
            let reason = "it answered \(reply.status)"
            // Until it has read our answer Discord knows of no message to change.
            let isTooEarly = isChange && reply.status == 404
            guard isTooEarly || reply.status == 429 || reply.status >= 500 else {
                self = .final(reason)
                return
            }
            let seconds = reply.firstValue(of: "retry-after").flatMap { UInt32($0) }
            self = .again(reason, retryAfter: seconds.map { .seconds(Int64($0)) })
        case .failure(let error) where !error.isTransient: self = .final("\(error)")
        case .failure(let error): self = .again("\(error)", retryAfter: nil)
        }
    }
}
