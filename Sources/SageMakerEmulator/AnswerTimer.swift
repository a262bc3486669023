internal import EventPoll
internal import HTTP1
internal import HTTPServer
internal import Synchronization

/// An answer that is given later.
enum LateAnswer: Sendable {
    case response(Response)
    /// As it goes over the wire, the last of its connection.
    case bytes([UInt8])
    /// The same, one byte after the other.
    case drip(ArraySlice<UInt8>, every: Duration)

    /// Gives what is due.
    /// - Returns: The rest, with the wait before it; nil when all is given.
    fileprivate func give(to exchange: Exchange) -> (rest: LateAnswer, after: Duration)? {
        switch self {
        case .response(let response): exchange.complete(response)
        case .bytes(let bytes): exchange.abort(.close(after: bytes))
        case .drip(let bytes, let pause):
            guard bytes.count > 1 else {
                exchange.abort(.close(after: Array(bytes)))
                return nil
            }
            exchange.send(Array(bytes.prefix(1)))
            return (.drip(bytes.dropFirst(), every: pause), pause)
        }
        return nil
    }

    /// All of it at once.
    fileprivate var undelayed: LateAnswer {
        if case .drip(let bytes, _) = self { .bytes(Array(bytes)) } else { self }
    }
}

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
    func answer(_ exchange: Exchange, _ answer: LateAnswer, after delay: Duration) {
        let due = MonotonicTime.now().advanced(by: delay)
        if !queue.hold(HeldAnswer(due: due, exchange: exchange, answer: answer)) {
            _ = answer.undelayed.give(to: exchange)
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
    let answer: LateAnswer
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
        while let pause = giveDue(at: .now()) { _ = wakeup.wait(milliseconds: pause) }
    }

    /// Gives what is due.
    /// - Returns: Milliseconds until the next one is, -1 for never; nil when all is given and no
    ///   more will come.
    private func giveDue(at now: MonotonicTime) -> Int32? {
        let (due, isStopping) = state.withLock { state in
            let due = state.held.filter { $0.due <= now || state.isStopping }
            state.held.removeAll { $0.due <= now || state.isStopping }
            return (due, state.isStopping)
        }
        if isStopping {
            for held in due { _ = held.answer.undelayed.give(to: held.exchange) }
            return nil
        }
        let rest = due.compactMap { held in
            held.answer.give(to: held.exchange).map { rest, pause in
                HeldAnswer(
                    due: held.due.advanced(by: pause), exchange: held.exchange, answer: rest)
            }
        }
        let next = state.withLock { state in
            state.held += rest
            return state.held.map(\.due).min()
        }
        guard let next else { return -1 }
        // Rounded up, so that it is due when the wait ends.
        return Int32(clamping: max(0, next.since(now) / 1_000_000 + 1))
    }
}
