package import HTTP1

/// Bounds on connections and their pace.
package struct ServerLimits: Sendable, Equatable {
    /// Request heads and framing.
    package var message = HTTP1Limits()
    /// The most connections open at once, over all loops. One more ends an idle one, or is closed.
    package var connectionsMax = 20_000
    /// The most connections of one IPv4 address, or one IPv6 network of 64 bits, over all loops;
    /// 0 for no limit.
    package var connectionsPerAddressMax = 0
    /// The most content that may be held at once, in bytes, over all loops: what is being received
    /// has no verified sender yet. More is answered with 503.
    package var heldContentBytesMax = 512 << 20
    /// From the accept to the end of the TLS handshake.
    package var handshakeTimeout: Duration = .seconds(5)
    /// From the accept or the handshake, or from the first byte of a later request, to the end of
    /// the head.
    package var headerTimeout: Duration = .seconds(10)
    /// For the whole content, unless it comes at ``bodyBytesPerSecondMin``.
    package var bodyTimeout: Duration = .seconds(30)
    package var bodyBytesPerSecondMin = 1024
    /// Without any progress of a response.
    package var writeTimeout: Duration = .seconds(10)
    /// Between requests.
    package var idleTimeout: Duration = .seconds(75)
    /// From the start of a drain to the closing of what is still open.
    package var drainTimeout: Duration = .seconds(10)
    /// How long a closed connection is read on, so that its last response is not lost to a reset.
    package static let lingerTimeout: Duration = .seconds(2)  // nginx's lingering_timeout is 5 s

    /// The most bytes of a response in pieces that wait for the socket; a real response is bounded by
    /// its handler.
    package static let unsentPiecesBytesMax = 1 << 20

    package init() {}
}
