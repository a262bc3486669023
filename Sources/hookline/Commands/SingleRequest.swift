import EventPoll
import HTTPClient

/// Sends one request and waits for its reply, for commands that have nothing else to do.
func send(_ request: ClientRequest) throws -> ClientReply {
    let poll = try Poll()
    let client = Client(poll: poll, userAgent: "hookline/\(version)")
    client.start(request)
    while true {
        for (_, result) in client.takeFinished() { return try result.get() }
        let wait = client.nextTimeout.map { max(0, $0.since(.now()) / 1_000_000 + 1) } ?? 1000
        poll.wait(milliseconds: Int32(clamping: wait)) { client.handle($0) }
        client.handleTimeout(at: .now())
    }
}
