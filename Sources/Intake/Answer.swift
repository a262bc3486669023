internal import EventPoll
internal import HTTP1
internal import HTTPServer
package import Journal
internal import Synchronization

/// What the journal said of a delivery.
enum Verdict: Sendable {
    case kept(Receipt)
    /// Nothing was kept, and why.
    case unavailable(String)
}

/// The answer that a sender waits for while its delivery is committed.
struct Answer: Sendable {
    let exchange: Exchange
    let reply: ChatReply
    let message: ChatMessage
    /// Nil where the chat takes no later message.
    let later: LaterAnswer?

    /// Answers in the sender's form, and where it was put off already, in a later message.
    func give(_ verdict: Verdict) {
        let isInTime = later?.take() ?? true
        if isInTime { exchange.complete(response(verdict)) }
        guard let later, reply.isToldLater || !isInTime else { return }
        later.send(text(verdict), isPublic: message.isPublic)
    }

    /// Puts the answer off when its time has come: the chat shows that it is being worked on.
    /// - Returns: Whether there is nothing more to wait for.
    func putOff(at now: MonotonicTime) -> Bool {
        guard let later, !later.isTaken else { return true }
        guard now >= later.due else { return false }
        // Where the chat knows no such answer, the one there will be is waited for.
        guard let response = reply.putOff(isPublic: message.isPublic) else { return true }
        if later.take() { exchange.complete(response) }
        return true
    }

    private func response(_ verdict: Verdict) -> Response {
        switch verdict {
        case .kept(let receipt): reply.response(receipt, message)
        case .unavailable(let reason): .unavailable(reason)
        }
    }

    private func text(_ verdict: Verdict) -> String {
        switch verdict {
        case .kept(let receipt): message.text(receipt)
        case .unavailable(let reason): "Nothing was started: \(reason). Try again later."
        }
    }
}

/// A chat's answer, which is given once: in time, or put off and then in a later message.
final class LaterAnswer: Sendable {
    /// When the answer is put off.
    let due: MonotonicTime
    private let handle: ChatHandle
    private let context: LaterMessages
    private let taken = Atomic<Bool>(false)

    init(_ handle: ChatHandle, _ context: LaterMessages) {
        self.handle = handle
        self.context = context
        due = MonotonicTime.now().advanced(by: context.patience)
    }

    var isTaken: Bool { taken.load(ordering: .acquiring) }

    /// - Returns: Whether the answer is the caller's to give.
    func take() -> Bool { !taken.exchange(true, ordering: .acquiringAndReleasing) }

    func send(_ text: String, isPublic: Bool) {
        context.send(
            handle.message(text, isPublic: isPublic, at: context.clock().milliseconds))
    }
}

/// How chats are answered when the answer to their request is not the place, or comes too late.
package struct LaterMessages: Sendable {
    /// How long a chat's request may wait for the journal before its answer is put off.
    ///
    /// Slack and Discord give 3 s, the way there and back included, and an event loop looks every
    /// 500 ms.
    package var patience = Duration.milliseconds(1500)
    /// Takes a message on its way; from any thread, without waiting.
    package let send: @Sendable (LaterMessage) -> Void
    let clock: @Sendable () -> UnixTime

    package init(
        clock: @escaping @Sendable () -> UnixTime, send: @escaping @Sendable (LaterMessage) -> Void
    ) {
        self.clock = clock
        self.send = send
    }
}
