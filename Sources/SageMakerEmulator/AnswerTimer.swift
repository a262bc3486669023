internal import EventPoll
internal import HTTP1
internal import HTTPServer
internal import Synchronization

/// Gives answers later, on a thread of its own.
final class AnswerTimer: Sendable {
    private let queue: AnswerQueue
    private let thread: OwnedThread

    /// - Throws: ``SystemCallError`` when the process may have no more threads or descriptors.
    init() throws(SystemCallError) {
        let queue = try AnswerQueue()
        self.queue = queue
        thread = try OwnedThread(name: "emulator-timer") { queue.run() }
    }

    /// Answers after a delay; at once when it has been stopped or has too much to hold.
    func answer(_ exchange: Exchange, _ response: Response, after delay: Duration) {
        let due = MonotonicTime.now().advanced(by: delay)
        if !queue.hold(HeldAnswer(due: due, exchange: exchange, response: response)) {
            exchange.complete(response)
        }
    }

    /// Gives all that is held now, and ends the thread. Called once.
    func stop() {
        queue.stop()
        thread.join()
    }
}

private struct HeldAnswer: Sendable {
    let due: MonotonicTime
    let exchange: Exchange
    let response: Response
}

private final class AnswerQueue: Sendable {
    private struct State {
        var held: [HeldAnswer] = []
        var isStopping = false
    }

    private let state = Mutex(State())
    private let wakeup: Wakeup

    init() throws(SystemCallError) { wakeup = try Wakeup() }

    /// - Returns: Whether it is held.
    func hold(_ answer: HeldAnswer) -> Bool {
        let isHeld = state.withLock { state in
            guard !state.isStopping, state.held.count < EmulatorLimits.heldAnswersMax else {
                return false
            }
            state.held.append(answer)
            return true
        }
        if isHeld { wakeup.signal() }
        return isHeld
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    func run() {
        do throws(SystemCallError) {
            let poll = try Poll(eventsMax: 1)
            try poll.add(PollKey(descriptor: wakeup.descriptor, generation: 0), .read)
            while let pause = giveDue(at: .now()) {
                if poll.wait(milliseconds: pause, { _ in }) { wakeup.drain() }
            }
        } catch {
            preconditionFailure("the emulator's timer could not start: \(error)")
        }
    }

    /// Gives what is due.
    /// - Returns: Milliseconds until the next one is, -1 for never; nil when all is given and no
    ///   more will come.
    private func giveDue(at now: MonotonicTime) -> Int32? {
        let (due, next, isStopping) = state.withLock { state in
            let due = state.held.filter { $0.due <= now || state.isStopping }
            state.held.removeAll { $0.due <= now || state.isStopping }
            return (due, state.held.map(\.due).min(), state.isStopping)
        }
        for answer in due { answer.exchange.complete(answer.response) }
        if isStopping { return nil }
        guard let next else { return -1 }
        // Rounded up, so that it is due when the wait ends.
        return Int32(clamping: next.since(now) / 1_000_000 + 1)
    }
}
