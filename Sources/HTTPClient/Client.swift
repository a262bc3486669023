internal import CCurl
package import EventPoll

/// Sends HTTP/1.1 requests over kept-alive connections, many at a time, with libcurl.
///
/// Made, used and dropped by one thread, the one that waits on the ``Poll``: that thread gives each
/// event to ``handle(_:)``, calls ``handleTimeout(at:)`` when ``nextTimeout`` has come, and then
/// takes what has finished. No call waits.
///
/// A connection that the server closed while it was idle shows that only when a request is sent on
/// it; libcurl then sends the request again on a new one, and a server that had read it sees it
/// twice. So a request must be safe to repeat, by a token in it or by its nature.
///
/// The process must ignore SIGPIPE: TLS libraries may write to a connection that is gone.
package final class Client {
    private let multi: UnsafeMutableRawPointer
    private let watch: SocketWatch
    private let limits: ClientLimits
    private let userAgent: String
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var idle: [Transfer] = []
    private var finished: [(id: UInt64, result: Result<ClientReply, ClientError>)] = []

    /// - Parameters:
    ///   - poll: Where the sockets are watched.
    ///   - userAgent: The User-Agent field of requests without one (RFC 9110 §10.1.5).
    package init(poll: Poll, limits: ClientLimits = ClientLimits(), userAgent: String) {
        guard libraryIsReady, let multi = curl_multi_init() else {
            preconditionFailure("libcurl could not be started")
        }
        self.multi = multi
        self.limits = limits
        self.userAgent = userAgent
        watch = SocketWatch(poll: poll)
        // As many idle connections as busy ones may be, so that a full load reuses all of them.
        hl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limits.connectionsMax)
        hl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        setCallbacks()
    }

    deinit {
        for easy in active.keys { curl_multi_remove_handle(multi, easy) }
        // Closes the connections, and has their sockets forgotten by the poll first.
        curl_multi_cleanup(multi)
    }

    /// How many requests are under way.
    package var activeCount: Int { active.count }

    /// When ``handleTimeout(at:)`` is to be called next; nil while libcurl waits for nothing.
    package var nextTimeout: MonotonicTime? { watch.deadline }

    /// Starts a request. Its one result comes out of ``takeFinished()``, never from here.
    ///
    /// The caller keeps those that must wait: no more than ``ClientLimits/connectionsMax`` may be
    /// under way, for libcurl would queue the rest without order and count the time against them.
    package func start(_ request: ClientRequest) {
        precondition(active.count < limits.connectionsMax, "more requests than connections")
        do throws(ClientError) {
            let transfer = try takeTransfer()
            defer { if active[transfer.easy] == nil { release(transfer) } }
            try transfer.prepare(request, limits: limits, userAgent: userAgent)
            // libcurl does nothing yet but ask, by the timer, to be called at once.
            guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
                throw .outOfMemory
            }
            active[transfer.easy] = transfer
        } catch {
            finished.append((request.id, .failure(error)))
        }
    }

    /// Takes the results there are, in the order in which they came.
    package func takeFinished() -> [(id: UInt64, result: Result<ClientReply, ClientError>)] {
        defer { finished = [] }
        return finished
    }

    /// Goes on with the transfer that an event is for.
    /// - Returns: Whether the event was for a socket of this client.
    @discardableResult
    package func handle(_ event: PollEvent) -> Bool {
        guard watch.isCurrent(event.key) else { return false }
        guard watch.isAwaited(event.key.descriptor) else { return true }
        var ready: Int32 = 0
        if event.readiness.contains(.read) { ready |= CURL_CSELECT_IN }
        if event.readiness.contains(.write) { ready |= CURL_CSELECT_OUT }
        if event.readiness.contains(.failure) { ready |= CURL_CSELECT_ERR }
        act(on: event.key.descriptor, ready: ready)
        return true
    }

    /// Goes on with what waits for the time, if ``nextTimeout`` has come.
    package func handleTimeout(at now: MonotonicTime) {
        guard let deadline = watch.deadline, deadline <= now else { return }
        // libcurl names the next one during the call.
        watch.deadline = nil
        act(on: CURL_SOCKET_TIMEOUT, ready: 0)
    }

    private func takeTransfer() throws(ClientError) -> Transfer {
        if let transfer = idle.popLast() { return transfer }
        return try Transfer(watch)
    }

    private func act(on socket: curl_socket_t, ready: Int32) {
        var running: Int32 = 0
        let acted = curl_multi_socket_action(multi, socket, ready, &running)
        precondition(acted == CURLM_OK, "curl_multi_socket_action failed with \(acted.rawValue)")
        var code = CURLE_OK
        while let easy = hl_multi_next_done(multi, &code) { finish(easy) { $0.result(code) } }
        // Without their sockets these would only run into their time-outs.
        for (easy, error) in watch.takeFailures() {
            finish(easy) { _ in .failure(.systemCallFailed(error)) }
        }
    }

    private func finish(
        _ easy: UnsafeMutableRawPointer,
        with result: (Transfer) -> Result<ClientReply, ClientError>
    ) {
        guard let transfer = active[easy] else { return }
        finished.append((transfer.id, result(transfer)))
        curl_multi_remove_handle(multi, easy)
        active[easy] = nil
        release(transfer)
    }

    private func release(_ transfer: Transfer) {
        transfer.clear()
        idle.append(transfer)
    }

    private func setCallbacks() {
        // The watch lives as long as the multi handle, so the context is not retained.
        let context = Unmanaged.passUnretained(watch).toOpaque()
        hl_multi_set_callbacks(
            multi, context,
            { easy, socket, interest, context, _ in
                socketWatch(context).update(socket, interest, of: easy)
                return 0
            },
            { _, milliseconds, context in
                socketWatch(context).deadline =
                    milliseconds < 0
                    ? nil : MonotonicTime.now().advanced(by: .milliseconds(milliseconds))
                return 0
            })
    }
}

/// libcurl's global state, made by whoever asks first.
private let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_SSL)) == CURLE_OK

/// The watch that a callback of libcurl was given as its context.
func socketWatch(_ context: UnsafeMutableRawPointer?) -> SocketWatch {
    guard let context else { preconditionFailure("libcurl lost the context of a callback") }
    return Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue()
}

extension SocketWatch {
    fileprivate func update(
        _ socket: curl_socket_t, _ interest: Int32, of easy: UnsafeMutableRawPointer?
    ) {
        guard interest != CURL_POLL_REMOVE else { return forget(socket) }
        var readiness: Readiness = []
        if interest & CURL_POLL_IN != 0 { readiness.insert(.read) }
        if interest & CURL_POLL_OUT != 0 { readiness.insert(.write) }
        if let easy { watch(socket, for: readiness, of: easy) }
    }
}
