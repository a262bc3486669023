internal import Synchronization
package import TLS

/// The TLS of a server's TCP listeners; replaced as a whole when its files are loaded anew.
///
/// Connections keep what they began with.
package final class ServerTLS: Sendable {
    private let context: Mutex<TLSContext>
    package let ticketKeys: TicketKeys

    /// - Parameter ticketKeys: The keys that the context was made with.
    package init(_ context: TLSContext, ticketKeys: TicketKeys) {
        self.context = Mutex(context)
        self.ticketKeys = ticketKeys
    }

    package func replace(with context: TLSContext) { self.context.withLock { $0 = context } }

    /// What a connection that is accepted now begins with.
    var current: TLSContext { context.withLock { $0 } }
}
