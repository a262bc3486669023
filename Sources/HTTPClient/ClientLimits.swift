/// Bounds on what a client holds open and takes in.
package struct ClientLimits: Sendable {
    /// The most requests under way, and so the most connections.
    package var connectionsMax = 64
    /// The largest status line and field section of a reply, interim replies and trailers included.
    package var replyHeadBytesMax = 64 << 10
    /// The age at which a connection is not used again, so that a change of DNS is noticed.
    package var connectionLifetime = Duration.seconds(300)
    /// The idle time after which a connection is not used again.
    ///
    /// Servers close idle connections after a minute or so; one that was closed meanwhile costs a
    /// second send (see ``Client``).
    package var idleTime = Duration.seconds(50)

    package init() {}
}
