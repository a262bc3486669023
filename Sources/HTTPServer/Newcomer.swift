internal import EventPoll
internal import Synchronization

/// An accepted connection for which the server has no room yet, on its way from loop to loop until one
/// has an idle connection to close for it.
final class Newcomer: Sendable {
    /// Nil for a Unix socket.
    let address: IPAddress?
    /// The address, where it has been counted.
    let counted: IPAddress?
    /// How many loops had none.
    let loopsAsked: Int
    private let descriptor: Mutex<Descriptor?>

    init(
        _ descriptor: consuming Descriptor, address: IPAddress?, counted: IPAddress?,
        loopsAsked: Int
    ) {
        self.address = address
        self.counted = counted
        self.loopsAsked = loopsAsked
        self.descriptor = Mutex(descriptor)
    }

    /// The connection's socket, once.
    func takeDescriptor() -> Descriptor? { descriptor.withLock { $0.take() } }
}
