package import EventPoll
internal import Synchronization

/// The thread that reads the journal, so that nobody else waits for the disk.
package final class JournalReader: Sendable {
    /// What is asked. It is called on the reader's thread, with the error where the journal cannot be
    /// opened.
    package typealias Question = @Sendable (Result<any JournalHistory, JournalError>) -> Void

    /// The most questions that wait; people ask few.
    package static let questionsMax = 64

    private let state: ReaderState
    private let thread: OwnedThread

    /// - Parameter open: Opens the journal to read it; called on the reader's thread at the first
    ///   question, and again at each one until it succeeds.
    /// - Throws: ``SystemCallError`` when the process may have no more threads or descriptors.
    package init(
        open: @escaping @Sendable () throws(JournalError) -> any JournalHistory
    ) throws(SystemCallError) {
        let state = try ReaderState()
        self.state = state
        thread = try OwnedThread(name: "history") { state.run(open) }
    }

    /// Asks a question.
    /// - Returns: False when too many wait, or the thread is to end; it is never called then.
    package func ask(_ question: @escaping Question) -> Bool { state.ask(question) }

    /// Answers what waits and ends the thread. Called once.
    package func stop() {
        state.stop()
        thread.join()
    }
}

private final class ReaderState: Sendable {
    private struct Waiting {
        var questions: [JournalReader.Question] = []
        var isStopping = false
    }

    private let waiting = Mutex(Waiting())
    private let wakeup: Wakeup

    init() throws(SystemCallError) { wakeup = try Wakeup() }

    func ask(_ question: @escaping JournalReader.Question) -> Bool {
        let isTaken = waiting.withLock { waiting in
            guard !waiting.isStopping, waiting.questions.count < JournalReader.questionsMax else {
                return false
            }
            waiting.questions.append(question)
            return true
        }
        if isTaken { wakeup.signal() }
        return isTaken
    }

    func stop() {
        waiting.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    func run(_ open: () throws(JournalError) -> any JournalHistory) {
        var history: (any JournalHistory)?
        while true {
            let (questions, isStopping) = take()
            for question in questions { answer(question, &history, open) }
            if isStopping { return }
            _ = wakeup.wait(milliseconds: -1)
        }
    }

    private func take() -> ([JournalReader.Question], isStopping: Bool) {
        waiting.withLock { waiting in
            defer { waiting.questions = [] }
            return (waiting.questions, waiting.isStopping)
        }
    }

    private func answer(
        _ question: JournalReader.Question, _ history: inout (any JournalHistory)?,
        _ open: () throws(JournalError) -> any JournalHistory
    ) {
        do throws(JournalError) {
            let opened: any JournalHistory
            if let history { opened = history } else { opened = try open() }
            history = opened
            question(.success(opened))
        } catch {
            question(.failure(error))
        }
    }
}
