package import HTTP1

/// Bounds on connections and their pace.
package struct ServerLimits: Sendable, Equatable {
    /// Request heads and framing.
    package var message = HTTP1Limits()
    /// The most connections open at once, over all loops; more are closed at once.
    package var connectionsMax = 20_000
    /// From the accept, or from the first byte of a later request, to the end of the head.
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

    package init() {}
}
