internal import CLinux
internal import Glibc

/// Ends another thread's wait (eventfd(2)). Any thread may signal; the waiting thread drains, or waits
/// for nothing else and uses ``wait(milliseconds:)``.
package final class Wakeup: Sendable {
    private let event: Descriptor

    /// The descriptor to watch for ``Readiness/read``.
    package var descriptor: Int32 { event.raw }

    /// - Throws: ``SystemCallError`` when the process is out of descriptors.
    package init() throws(SystemCallError) {
        let raw = hl_eventfd()
        guard raw >= 0 else { throw SystemCallError("eventfd", errno: errno) }
        event = Descriptor(owning: raw)
    }

    /// Makes the descriptor readable until the next ``drain()``.
    package func signal() {
        var one: UInt64 = 1
        // EAGAIN means that the counter is full, and then the descriptor is readable anyway.
        _ = write(event.raw, &one, 8)
    }

    /// Waits for a signal and takes it. It needs no descriptor of its own, and so cannot fail.
    /// - Parameter milliseconds: The longest wait; negative for as long as it takes.
    /// - Returns: Whether there was one; false also when a signal handler has run.
    package func wait(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: event.raw, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return false }
        drain()
        return true
    }

    /// Makes the descriptor unreadable again.
    package func drain() {
        var count: UInt64 = 0
        _ = read(event.raw, &count, 8)
    }
}
