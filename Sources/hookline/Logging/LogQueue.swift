import EventPoll
import Glibc
import Synchronization

/// Log lines on their way to standard error, written by a thread of their own: whoever reads them, or
/// does not, holds up no event loop.
///
/// Up to ``bytesMax`` wait; lines beyond that are dropped and counted.
final class LogQueue: Sendable {
    static let bytesMax = 1 << 20

    private struct Waiting {
        var bytes: [UInt8] = []
        var dropped = 0
        var isWriting = false
    }

    private let waiting = Mutex(Waiting())
    private let arrived: Wakeup
    private let emptied: Wakeup
    private let descriptor: Int32
    /// Never joined: a write that nobody reads ends with the process.
    private let thread = Mutex<OwnedThread?>(nil)

    /// - Parameter descriptor: Where lines go; it is not closed.
    /// - Throws: ``SystemCallError`` when the process is out of descriptors or threads.
    init(descriptor: Int32 = STDERR_FILENO) throws(SystemCallError) {
        self.descriptor = descriptor
        arrived = try Wakeup()
        emptied = try Wakeup()
        let thread = try OwnedThread(name: "log") { [self] in run() }
        self.thread.withLock { $0 = thread }
    }

    /// Queues a line.
    /// - Returns: How many lines were dropped before this one, to be told with it; 0 when this one was.
    func append(_ line: [UInt8]) -> Int {
        let (dropped, isFirst) = waiting.withLock { waiting in
            guard waiting.bytes.count + line.count <= Self.bytesMax else {
                waiting.dropped += 1
                return (0, false)
            }
            let isFirst = waiting.bytes.isEmpty
            waiting.bytes += line
            defer { waiting.dropped = 0 }
            return (waiting.dropped, isFirst)
        }
        if isFirst { arrived.signal() }
        return dropped
    }

    /// Waits until all lines are written, but no longer than a second.
    func finish() {
        let deadline = MonotonicTime.now().advanced(by: .seconds(1))
        while waiting.withLock({ !$0.bytes.isEmpty || $0.isWriting }) {
            let left = deadline.since(.now()) / 1_000_000
            guard left > 0 else { return }
            _ = emptied.wait(milliseconds: Int32(left))
        }
    }

    private func run() {
        while true {
            _ = arrived.wait(milliseconds: -1)
            while let bytes = take() { write(bytes) }
            emptied.signal()
        }
    }

    private func take() -> [UInt8]? {
        waiting.withLock { waiting in
            let bytes = waiting.bytes
            waiting.bytes = []
            waiting.isWriting = !bytes.isEmpty
            return bytes.isEmpty ? nil : bytes
        }
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) }
            guard count <= 0 else { continue }
            // Without a reader there is nobody to tell.
            guard errno == EINTR || errno == EAGAIN else { return }
            // It may have been made non-blocking by whoever shares it.
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&entry, 1, -1)
        }
    }
}
