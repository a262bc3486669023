internal import EventPoll
internal import HTTP1

/// One connection's state; owned by its event loop.
final class Connection {
    /// A request whose content is being received.
    final class Upload {
        let head: RequestHead
        let began: MonotonicTime
        var received = 0
        /// Nil while the content lies whole in the bytes just received, where it is used in place.
        var buffer: ContentBuffer?

        init(head: RequestHead, began: MonotonicTime) {
            self.head = head
            self.began = began
        }
    }

    enum Phase {
        /// Between requests or within a head.
        case head
        case content(Upload)
        /// The handler has the request and answers later.
        case responding(RequestHead)
        /// The last response is on its way; what still comes is dropped.
        case lingering
    }

    let descriptor: Descriptor
    let key: PollKey
    let peer: String
    var parser: RequestParser
    var phase: Phase = .head
    /// Bytes received and not consumed: of a head, or behind a request that is being answered.
    var held: ContentBuffer?
    /// Bytes of responses that the socket did not take yet, from `outputSent` on.
    var output: [UInt8] = []
    var outputSent = 0
    var interest: Readiness = .read
    /// When the sweep acts on this connection; nil for never.
    var deadline: MonotonicTime?
    var requests = 0
    var peerClosed = false

    init(
        descriptor: consuming Descriptor, generation: UInt32, peer: String, limits: HTTP1Limits
    ) {
        key = PollKey(descriptor: descriptor.raw, generation: generation)
        self.descriptor = descriptor
        self.peer = peer
        parser = RequestParser(limits: limits)
    }

    var hasUnsentOutput: Bool { outputSent < output.count }
    /// Whether the socket takes no more output for now; nothing is read or answered until it does.
    var isBlocked: Bool { interest.contains(.write) }
    var heldCount: Int { held?.count ?? 0 }

    var isResponding: Bool {
        if case .responding = phase { true } else { false }
    }

    var isLingering: Bool {
        if case .lingering = phase { true } else { false }
    }

    /// Whether nothing of a request has come yet and nothing is owed.
    var isIdle: Bool {
        if case .head = phase { heldCount == 0 && !hasUnsentOutput } else { false }
    }
}
