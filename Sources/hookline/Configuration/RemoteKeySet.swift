import EventPoll
import HTTPClient
import Rules
import Synchronization
import Webhook

/// A key set behind a URL. What came last stays in force while its server does not answer.
final class RemoteKeySet: Sendable {
    /// What is worth a line of the log; the same is told once.
    enum News {
        case fault(String)
        case arrival(String)
    }

    private enum Phase {
        case due
        case underway
        case resting(until: MonotonicTime)
    }

    private struct State {
        /// Where the configuration names it.
        var place: Place
        var phase = Phase.due
        var hasKeys = false
        var fault: String?
    }

    /// Until it has come, no key at all: every token is refused.
    let current = CurrentKeySet(.none)
    private let url: String
    private let allowsPlainHTTP: Bool
    private let proxy: String?
    private let state: Mutex<State>

    private init(_ url: String, _ place: Place, allowsPlainHTTP: Bool, proxy: String?) {
        self.url = url
        self.allowsPlainHTTP = allowsPlainHTTP
        self.proxy = proxy
        state = Mutex(State(place: place))
    }

    /// By their URL, so that a configuration that is loaded anew goes on with the keys there are.
    private static let known = Mutex<[String: RemoteKeySet]>([:])

    static func at(
        _ url: String, _ place: Place, allowsPlainHTTP: Bool, proxy: String?
    ) -> RemoteKeySet {
        known.withLock { known in
            if let earlier = known[url] { return earlier }
            let keySet = RemoteKeySet(url, place, allowsPlainHTTP: allowsPlainHTTP, proxy: proxy)
            known[url] = keySet
            return keySet
        }
    }

    static let expectation = "expected a JSON Web Key Set with an RSA key of 2048 bits or more"
    static let bytesMax = 256 << 10

    /// How long it is kept, and how long it is waited before it is tried again.
    private static let pauses = (usual: Duration.seconds(3600), afterFailure: Duration.seconds(60))

    // MARK: - Fetching

    /// Has it fetched at the next opportunity.
    func expire() {
        state.withLock { state in
            if case .resting = state.phase { state.phase = .due }
        }
    }

    func isDue(at now: MonotonicTime) -> Bool {
        switch state.withLock({ $0.phase }) {
        case .due: true
        case .underway: false
        case .resting(let end): now >= end
        }
    }

    /// When it is to be fetched anew; nil where it is to be now, or is under way.
    var restsUntil: MonotonicTime? {
        guard case .resting(let end) = state.withLock({ $0.phase }) else { return nil }
        return end
    }

    /// The request for it, which is under way from here on until ``take(_:at:)``.
    func begin(id: UInt64, timeout: Duration) -> ClientRequest {
        state.withLock { $0.phase = .underway }
        var request = ClientRequest(id: id, method: .get, url: url)
        request.allowsPlainHTTP = allowsPlainHTTP
        request.timeout = timeout
        request.replyBytesMax = Self.bytesMax
        request.proxy = proxy
        return request
    }

    /// Puts what has come in force.
    func take(_ result: Result<ClientReply, ClientError>, at now: MonotonicTime) -> News? {
        let fault: String?
        switch result {
        case .failure(let error): fault = "the keys cannot be fetched: \(error)"
        case .success(let reply) where reply.status != 200:
            fault = "the keys' server answered \(reply.status)"
        case .success(let reply):
            let keys = KeySet(reply.content)
            if let keys, keys != current.value { current.replace(with: keys) }
            fault = keys == nil ? "the keys' server: \(Self.expectation)" : nil
        }
        return state.withLock { state in
            let earlier = state.fault
            let isNew = fault == nil && (!state.hasKeys || earlier != nil)
            if fault == nil { state.hasKeys = true }
            state.fault = fault
            let pause = fault == nil ? Self.pauses.usual : Self.pauses.afterFailure
            state.phase = .resting(until: now.advanced(by: pause))
            if isNew { return .arrival("\(state.place): the keys have come") }
            guard earlier == nil else { return nil }
            return Self.problem(state).map { .fault($0) }
        }
    }

    /// Why it has not come, and what becomes of that; nil when it has.
    var problem: String? { state.withLock { Self.problem($0) } }

    private static func problem(_ state: State) -> String? {
        if state.fault == nil, state.hasKeys { return nil }
        let consequence =
            state.hasKeys
            ? "those of before stay in force"
            : "every request of this source is refused until they come"
        return "\(state.place): \(state.fault ?? "the keys have not come yet"); \(consequence)"
    }
}
