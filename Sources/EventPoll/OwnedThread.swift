internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread with one owner, who joins it.
package final class OwnedThread: @unchecked Sendable {
    // Written once by init before any other thread can see it.
    private let handle: pthread_t
    private let isJoined = Atomic<Bool>(false)

    /// Starts a thread.
    /// - Parameters:
    ///   - name: Shown by debuggers; the kernel keeps 15 bytes of it.
    ///   - work: Runs once on the thread.
    /// - Throws: ``SystemCallError`` when the process may have no more threads.
    package init(name: String, _ work: @escaping @Sendable () -> Void) throws(SystemCallError) {
        let box = Unmanaged.passRetained(Work(work))
        var created = pthread_t()
        let code = pthread_create(
            &created, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw SystemCallError("pthread_create", errno: code)
        }
        handle = created
        _ = pthread_setname_np(created, String(name.prefix(15)))
    }

    /// Waits for the thread's end; a second call returns at once, for a joined handle is invalid.
    package func join() {
        guard !isJoined.exchange(true, ordering: .relaxed) else { return }
        pthread_join(handle, nil)
    }
}

private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
