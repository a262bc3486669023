internal import EventPoll
internal import HTTP1
internal import TLS

/// One connection's state; owned by its event loop.
final class Connection {
    /// A request whose content is being received.
    final class Upload {
        let head: RequestHead
        var received = 0
        /// What had been received when the time was extended last.
        var receivedBefore = 0
        /// Nil while the content lies whole in the bytes just received, where it is used in place.
        var buffer: ContentBuffer?
        /// Reads the content as it comes, once it comes in pieces.
        var reader: (any ContentReader)?

        init(head: RequestHead) { self.head = head }
    }

    enum Phase {
        /// Before the first request of a TLS connection.
        case handshake
        /// Between requests or within a head.
        case head
        case content(Upload)
        /// The handler has the request and answers later.
        case responding(RequestHead)
        /// The last response is on its way; what still comes is dropped.
        case lingering(Ending)
    }

    /// How far a connection's last bytes are.
    enum Ending {
        case response
        /// TLS's own end, behind the response.
        case closeNotify
        case sent
    }

    let descriptor: Descriptor
    let key: PollKey
    var peer: Peer
    /// The counted address, where there is a limit on the connections of one.
    var countedAddress: IPAddress?
    var tls: TLSSession?
    var parser: RequestParser
    var phase: Phase
    /// Bytes received and not consumed: of a head, or behind a request that is being answered.
    var held: ContentBuffer?
    /// Bytes of responses that the socket, or the TLS session, did not take yet, from `outputSent`
    /// on.
    var output: [UInt8] = []
    var outputSent = 0
    var interest: Readiness = .read
    /// When the sweep acts on this connection; nil for never.
    var deadline: MonotonicTime?
    /// Whether the deadline is that of the time between requests, which the first byte ends.
    var isBetweenRequests = false
    /// The moment of the accept, or of the last answer.
    var idleSince: MonotonicTime
    /// The moment of the first byte of the request that is coming.
    var busySince: MonotonicTime
    var peerClosed = false
    /// Whether a part of the response that is still owed has been sent.
    var hasSentPiece = false
    /// Whether a request had begun to arrive before the server began to drain.
    var beganBeforeDrain = false

    init(
        descriptor: consuming Descriptor, generation: UInt32, peer: Peer, tls: TLSSession?,
        limits: HTTP1Limits, at now: MonotonicTime
    ) {
        key = PollKey(descriptor: descriptor.raw, generation: generation)
        self.descriptor = descriptor
        self.peer = peer
        self.tls = tls
        phase = tls == nil ? .head : .handshake
        parser = RequestParser(limits: limits)
        idleSince = now
        busySince = now
    }

    var hasUnsentOutput: Bool { outputSent < output.count || (tls?.outputCount ?? 0) > 0 }
    /// Whether the socket takes no more output for now; nothing is read or answered until it does.
    var isBlocked: Bool { interest.contains(.write) }
    var heldCount: Int { held?.count ?? 0 }

    var isResponding: Bool {
        if case .responding = phase { true } else { false }
    }

    var isLingering: Bool {
        if case .lingering = phase { true } else { false }
    }

    var isShakingHands: Bool {
        if case .handshake = phase { true } else { false }
    }

    /// Whether no request of it has been answered yet.
    var isFresh: Bool { !isBetweenRequests }

    /// Whether nothing of a request has come yet and nothing is owed.
    var isIdle: Bool {
        switch phase {
        case .head: heldCount == 0 && !hasUnsentOutput
        case .handshake: true
        case .content, .responding, .lingering: false
        }
    }
}
