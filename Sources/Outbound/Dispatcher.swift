package import EventPoll
internal import HTTPClient
internal import Journal
internal import SageMakerClient

/// The outbound loop's thread.
package final class RunningDispatcher: Sendable {
    private let thread: OwnedThread
    private let inbox: JobInbox

    /// - Throws: ``SystemCallError`` when the process is out of threads or descriptors.
    package init(_ context: DispatchContext) throws(SystemCallError) {
        inbox = context.inbox
        let poll = try HandedPoll()
        thread = try OwnedThread(name: "dispatch") {
            do throws(SystemCallError) {
                try Dispatcher(context, poll.poll).run()
            } catch {
                // Without it nothing would ever be sent again, silently.
                preconditionFailure("the outbound loop could not start: \(error)")
            }
        }
    }

    /// Starts nothing more from here on.
    package func beginStop() { inbox.stop() }

    /// Starts nothing more, gives what is under way a moment to finish, and ends.
    package func stop() {
        inbox.stop()
        thread.join()
    }
}

/// The outbound loop: a due job, one outside effect, its next state to the journal.
///
/// Used by its own thread only.
final class Dispatcher {
    private let context: DispatchContext
    private let poll: Poll
    private let client: Client
    private let starts: StartDispatch
    private let callbacks: CallbackDispatch
    private let chats: ChatDispatch
    private var stopDeadline: MonotonicTime?

    init(_ context: DispatchContext, _ poll: Poll) throws(SystemCallError) {
        self.context = context
        self.poll = poll
        var limits = ClientLimits()
        limits.connectionsMax = context.limits.requestsInFlightMax
        client = Client(poll: poll, limits: limits, userAgent: context.userAgent)
        let reports = DispatchReports(context)
        starts = StartDispatch(context, client, reports)
        callbacks = CallbackDispatch(context, client, reports)
        chats = ChatDispatch(context, client)
        try poll.add(inboxKey, .read)
        let inbox = context.inbox
        context.service.credentials.notify { inbox.wakeup.signal() }
    }

    private var inboxKey: PollKey {
        PollKey(descriptor: context.inbox.wakeup.descriptor, generation: 0)
    }

    func run() {
        tellRooms()
        while !isFinished {
            poll.wait(milliseconds: pause()) { event in
                if event.key == inboxKey {
                    context.inbox.wakeup.drain()
                } else {
                    client.handle(event)
                }
            }
            client.handleTimeout(at: .now())
            collectJobs()
            land()
            if stopDeadline == nil {
                starts.launch()
                callbacks.launch()
                chats.launch()
                tellRooms()
            }
        }
    }

    private func tellRooms() {
        starts.tellRooms()
        callbacks.tellRooms()
    }

    private var isFinished: Bool {
        guard let stopDeadline else { return false }
        let isUnderWay = starts.isUnderWay || callbacks.isUnderWay || chats.isUnderWay
        return !isUnderWay || MonotonicTime.now() >= stopDeadline
    }

    private func pause() -> Int32 {
        let own = stopDeadline ?? earlier(starts.nextMoment, chats.nextMoment)
        guard let next = earlier(client.nextTimeout, own) else { return -1 }
        let wait = next.since(.now())
        return Int32(clamping: max(0, (wait + 999_999) / 1_000_000))
    }

    private func collectJobs() {
        let contents = context.inbox.collect()
        if contents.isStopping, stopDeadline == nil {
            stopDeadline = MonotonicTime.now().advanced(by: context.limits.stopGrace)
        }
        // What comes now stays claimed, and is queued again when the store is opened anew.
        guard stopDeadline == nil else { return }
        starts.accept(contents.starts)
        callbacks.accept(contents.callbacks)
        chats.accept(contents.chatPosts)
    }

    private func land() {
        for (id, result) in client.takeFinished() {
            if id & ChatDispatch.idBit != 0 {
                chats.land(id, result)
            } else if id & 1 == 0 {
                starts.land(id, result, isStopping: stopDeadline != nil)
            } else {
                callbacks.land(id, result)
            }
        }
    }
}

/// The earlier of two moments, where there are any.
private func earlier(_ left: MonotonicTime?, _ right: MonotonicTime?) -> MonotonicTime? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
}
