import EventPoll
import HTTPClient

typealias ClientResult = Result<ClientReply, ClientError>

/// A client with its poll, and the loop that an owner of them has.
final class ClientLoop {
    let poll: Poll
    let client: Client
    private let connectionsMax: Int

    init(limits: ClientLimits = ClientLimits()) throws {
        poll = try Poll()
        client = Client(poll: poll, limits: limits, userAgent: "hookline/test")
        connectionsMax = limits.connectionsMax
    }

    /// Sends the requests, first come, first served, and waits for all results.
    func run(_ requests: [ClientRequest]) -> [UInt64: ClientResult] {
        var waiting = requests[...]
        var results: [UInt64: ClientResult] = [:]
        while results.count < requests.count {
            while client.activeCount < connectionsMax, let request = waiting.popFirst() {
                client.start(request)
            }
            turn()
            for (id, result) in client.takeFinished() { results[id] = result }
        }
        return results
    }

    /// Sends one request and waits for its result.
    func run(_ request: ClientRequest) -> ClientResult {
        run([request])[request.id] ?? .failure(.outOfMemory)
    }

    /// Waits for one event or the next time-out, unless there is a result already.
    func turn() {
        guard client.activeCount > 0 else { return }
        poll.wait(milliseconds: waitMilliseconds()) { client.handle($0) }
        client.handleTimeout(at: .now())
    }

    private func waitMilliseconds() -> Int32 {
        guard let timeout = client.nextTimeout else { return -1 }
        // Rounded up, or the last millisecond would be a busy loop.
        let left = max(0, timeout.since(.now()))
        return Int32(clamping: (left + 999_999) / 1_000_000)
    }
}

/// A request to a loopback server, with bounds that end a broken test.
func get(_ url: String, id: UInt64 = 1) -> ClientRequest {
    var request = ClientRequest(id: id, method: .get, url: url)
    request.allowsPlainHTTP = true
    request.timeout = .seconds(30)
    request.connectTimeout = .seconds(30)
    return request
}

extension Result {
    /// The error, if that is what it is.
    var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
