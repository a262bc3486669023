package import EventPoll

/// Sends one request on a connection of its own and waits for the reply, on the calling thread.
///
/// For start-up, commands and threads that may wait; a loop has a ``Client``.
/// - Parameter interrupt: Ends the exchange as if its time were up, as soon as it is signalled.
package func exchange(
    _ request: ClientRequest, userAgent: String, interrupt: Wakeup? = nil
) -> Result<ClientReply, ClientError> {
    do throws(SystemCallError) {
        let poll = try Poll(eventsMax: 16)
        var limits = ClientLimits()
        limits.connectionsMax = 1
        let client = Client(poll: poll, limits: limits, userAgent: userAgent)
        // Generation 0 is none of the client's sockets.
        let key = interrupt.map { PollKey(descriptor: $0.descriptor, generation: 0) }
        if let key { try poll.add(key, .read) }
        var isInterrupted = false
        client.start(request)
        while !isInterrupted {
            if let finished = client.takeFinished().first { return finished.result }
            poll.wait(milliseconds: pause(before: client.nextTimeout)) { event in
                if event.key == key { isInterrupted = true } else { client.handle(event) }
            }
            client.handleTimeout(at: .now())
        }
        return .failure(.timedOut)
    } catch {
        return .failure(.systemCallFailed(error))
    }
}

/// Whole milliseconds, rounded up so that the moment has come when the wait is over.
private func pause(before moment: MonotonicTime?) -> Int32 {
    guard let moment else { return -1 }
    return Int32(clamping: (max(0, moment.since(.now())) + 999_999) / 1_000_000)
}
