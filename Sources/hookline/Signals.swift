import CLinux
import EventPoll
import Glibc

/// The signals that the process acts on, received one by one on the main thread.
///
/// Made before any other thread, so that every thread has them blocked.
final class Signals {
    enum Event {
        /// SIGTERM or SIGINT: finish and exit.
        case stop
        /// SIGHUP: read the configuration's rules anew.
        case reload
    }

    private static let handled = [SIGTERM, SIGINT, SIGHUP]

    /// Keeps the signals waiting until somebody receives them. Called before any thread is made.
    static func block() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in handled { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// A SIGHUP that came while something else was waited for.
    private var hasReload = false
    private let descriptor: Descriptor
    private let poll: Poll

    init() throws {
        // A peer that is gone is an error of the write, not of the process.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that may not grow (RLIMIT_FSIZE): the store then fails as on a full disk.
        signal(SIGXFSZ, SIG_IGN)
        let raw = hl_signalfd(Self.handled, Int32(Self.handled.count))
        guard raw >= 0 else { throw SystemCallError("signalfd", errno: errno) }
        descriptor = Descriptor(owning: raw)
        poll = try Poll(eventsMax: 2)
        try poll.add(PollKey(descriptor: raw, generation: 0), .read)
    }

    /// Waits for the next signal.
    func wait() -> Event {
        while true {
            if let event = wait(milliseconds: -1) { return event }
        }
    }

    /// Waits until another thread signals, or a SIGTERM or SIGINT comes.
    /// - Returns: Whether it was the thread.
    func wait(until done: Wakeup) -> Bool {
        let key = PollKey(descriptor: done.descriptor, generation: 1)
        guard (try? poll.add(key, .read)) != nil else { return true }
        defer { poll.remove(descriptor: done.descriptor) }
        while true {
            var isDone = false
            var isSignalled = false
            poll.wait(milliseconds: -1) { event in
                if event.key == key { isDone = true } else { isSignalled = true }
            }
            if isDone { return true }
            guard isSignalled, let event = next() else { continue }
            if event == .stop { return false }
            hasReload = true
        }
    }

    /// Waits for a signal for so long; negative for as long as it takes.
    func wait(milliseconds: Int32) -> Event? {
        if hasReload {
            hasReload = false
            return .reload
        }
        while poll.wait(milliseconds: milliseconds, { _ in }) {
            if let event = next() { return event }
        }
        return nil
    }

    /// Takes a signal that has come.
    private func next() -> Event? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor.raw, &information, size) == size else { return nil }
        return information.ssi_signo == UInt32(SIGHUP) ? .reload : .stop
    }
}
