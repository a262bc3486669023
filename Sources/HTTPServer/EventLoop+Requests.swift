internal import EventPoll
internal import Glibc
package import HTTP1

// The way of a request through its connection: received, admitted, answered, sent.

extension EventLoop {
    /// Takes what the socket has.
    func readable(_ connection: Connection, failed: Bool) {
        if case .responding = connection.phase, !failed {
            // The next request, or the end, waits until this one is answered.
            return setInterest(connection, connection.interest.subtracting(.read))
        }
        let count = recv(connection.key.descriptor, scratch.room.baseAddress, scratch.room.count, 0)
        if count > 0 {
            guard !connection.isLingering else { return }
            return feed(
                connection,
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch.room)[..<count]))
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        if count == 0, connection.hasUnsentOutput || connection.isResponding {
            // A client that has only closed its own side still gets its answer.
            connection.peerClosed = true
            return setInterest(connection, connection.interest.subtracting(.read))
        }
        close(connection)
    }

    /// Gives bytes to the parser and acts on its steps until it needs more.
    private func feed(_ connection: Connection, _ fresh: UnsafeRawBufferPointer) {
        guard let held = connection.held else {
            let consumed = advance(connection, fresh)
            guard isOpen(connection), consumed < fresh.count else { return }
            return hold(connection, UnsafeRawBufferPointer(rebasing: fresh[consumed...]))
        }
        held.append(fresh)
        let consumed = advance(connection, held.bytes)
        guard isOpen(connection) else { return }
        held.removeFirst(consumed)
        if held.count == 0 { connection.held = nil }
    }

    private func hold(_ connection: Connection, _ rest: UnsafeRawBufferPointer) {
        guard !connection.isLingering else { return }
        let buffer = ContentBuffer(capacity: max(1024, rest.count))
        buffer.append(rest)
        connection.held = buffer
    }

    private static let outputBatchBytes = 64 << 10

    /// - Returns: How many of the bytes are done with.
    private func advance(_ connection: Connection, _ bytes: UnsafeRawBufferPointer) -> Int {
        var consumed = 0
        var content: UnsafeRawBufferPointer?
        steps: while !connection.isResponding, !connection.isBlocked {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
            let step: RequestParser.Step
            do throws(HTTP1Error) {
                let (next, count) = try connection.parser.next(rest)
                step = next
                consumed += count
            } catch {
                refuse(connection, .problem(error.status, error.detail))
                return bytes.count
            }
            switch step {
            case .needBytes: break steps
            case .head(let head): admit(connection, head, hasMore: consumed < bytes.count)
            case .content(let range):
                content = receive(connection, UnsafeRawBufferPointer(rebasing: rest[range]))
            case .end:
                respond(connection, content)
                content = nil
            }
            // Answers to pipelined requests leave together, but none waits for too many others.
            if connection.output.count > Self.outputBatchBytes { flush(connection) }
            guard isOpen(connection), !connection.isLingering else { return bytes.count }
        }
        // A blocked socket is flushed when it is writable again, and only then is the rest read: doing
        // it here would begin anew with bytes that the caller has not dropped yet.
        if !connection.isBlocked { flush(connection) }
        if isOpen(connection) { setDeadline(connection, holds: consumed < bytes.count) }
        return consumed
    }

    private func admit(_ connection: Connection, _ head: RequestHead, hasMore: Bool) {
        switch handler.admit(head, peer: connection.peer) {
        case .refuse(let response):
            connection.phase = .responding(head)
            answer(connection, head, response, closes: head.framing != .none)
        case .receive(let contentBytesMax):
            if case .length(let length) = head.framing, length > contentBytesMax {
                let error = HTTP1Error.contentTooLarge(limit: contentBytesMax)
                return refuse(connection, .problem(error.status, error.detail), head)
            }
            connection.parser.limitContent(toBytes: contentBytesMax)
            connection.phase = .content(
                Connection.Upload(head: head, began: now))
            connection.deadline = now.advanced(by: limits.bodyTimeout)
            if head.expectsContinue, head.framing != .none, !hasMore {
                connection.output.append(contentsOf: ResponseWriter.continue)
                flush(connection)
            }
        }
    }

    /// Keeps a piece of content.
    /// - Returns: The whole content in place, when this piece is all of it.
    private func receive(
        _ connection: Connection, _ piece: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        guard case .content(let upload) = connection.phase, !piece.isEmpty else { return nil }
        upload.received += piece.count
        if upload.head.framing == .length(piece.count) { return piece }
        let buffer = upload.buffer ?? ContentBuffer(capacity: 2 * piece.count)
        buffer.append(piece)
        upload.buffer = buffer
        return nil
    }

    private func respond(_ connection: Connection, _ inPlace: UnsafeRawBufferPointer?) {
        // A refused request has been answered when its head came.
        guard case .content(let upload) = connection.phase else { return }
        let content =
            inPlace ?? upload.buffer?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let request = Request(head: upload.head, content: content, peer: connection.peer)
        connection.phase = .responding(upload.head)
        connection.deadline = nil
        connection.requests += 1
        switch handler.respond(to: request, Exchange(mailbox: mailbox, key: connection.key)) {
        case .now(let response): answer(connection, upload.head, response, closes: false)
        case .later: break
        case .abort(let how): abort(connection, how)
        }
    }

    /// Ends a request that was to be answered later, and goes on with what came behind it.
    func complete(_ connection: Connection, with completion: Completion) {
        guard case .responding(let head) = connection.phase else { return }
        switch completion {
        case .response(let response):
            answer(connection, head, response, closes: connection.peerClosed)
        case .abort(let how): return abort(connection, how)
        }
        flush(connection)
        guard isOpen(connection), !connection.isLingering else { return }
        setDeadline(connection, holds: connection.heldCount > 0)
        setInterest(connection, connection.interest.union(.read))
        if connection.heldCount > 0 {
            feed(connection, UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    private func answer(
        _ connection: Connection, _ head: RequestHead, _ response: Response, closes: Bool
    ) {
        let closes = closes || !head.keepsConnection || isDraining
        ResponseWriter.append(
            response, date: date, closes: closes, omitsContent: head.isMethod("HEAD"),
            to: &connection.output)
        connection.phase = .head
        if closes { linger(connection) }
    }

    /// Answers what cannot be read on, and closes.
    func refuse(_ connection: Connection, _ response: Response, _ head: RequestHead? = nil) {
        ResponseWriter.append(
            response, date: date, closes: true, omitsContent: head?.isMethod("HEAD") ?? false,
            to: &connection.output)
        linger(connection)
    }

    private func abort(_ connection: Connection, _ how: Abort) {
        switch how {
        case .reset:
            // Closing a socket that lingers for no time resets it (socket(7), SO_LINGER).
            var option = Glibc.linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                connection.key.descriptor, SOL_SOCKET, SO_LINGER, &option,
                socklen_t(MemoryLayout<Glibc.linger>.size))
            close(connection)
        case .close(let bytes):
            connection.output.append(contentsOf: bytes)
            let owesNothing = !connection.hasUnsentOutput
            linger(connection)
            if owesNothing { sent(connection) }
        }
    }

    /// Sends what is left, closes our side, and drops what still comes for a while: closing at once
    /// would reset the connection under bytes that are on their way, and the client might never see
    /// the response (RFC 9112 §9.6).
    private func linger(_ connection: Connection) {
        connection.phase = .lingering
        connection.held = nil
        connection.deadline = now.advanced(by: ServerLimits.lingerTimeout)
        flush(connection)
    }

    /// Sends as much as the socket takes.
    func flush(_ connection: Connection) {
        while connection.hasUnsentOutput {
            let sent = connection.output.withUnsafeBytes { bytes in
                send(
                    connection.key.descriptor, bytes.baseAddress.map { $0 + connection.outputSent },
                    bytes.count - connection.outputSent, Int32(MSG_NOSIGNAL))
            }
            if sent < 0, errno == EINTR { continue }
            if sent < 0, errno == EAGAIN {
                connection.deadline = now.advanced(by: limits.writeTimeout)
                // Nothing more is read before the peer has taken what it asked for.
                return setInterest(connection, .write)
            }
            guard sent > 0 else { return close(connection) }
            connection.outputSent += sent
        }
        guard connection.outputSent > 0 else { return }
        connection.output.removeAll(keepingCapacity: connection.output.capacity <= 4096)
        connection.outputSent = 0
        sent(connection)
    }

    private func sent(_ connection: Connection) {
        if connection.isLingering {
            if connection.peerClosed { return close(connection) }
            shutdown(connection.key.descriptor, Int32(SHUT_WR))
            connection.deadline = now.advanced(by: ServerLimits.lingerTimeout)
            return setInterest(connection, .read)
        }
        guard connection.interest.contains(.write) else { return }
        setInterest(connection, .read)
        setDeadline(connection, holds: connection.heldCount > 0)
        if connection.heldCount > 0 {
            feed(connection, UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    private func setDeadline(_ connection: Connection, holds: Bool) {
        guard !connection.hasUnsentOutput else { return }
        switch connection.phase {
        case .head where holds:
            // From the first byte; more bytes of the same head earn no more time.
            if connection.heldCount == 0, connection.requests > 0 {
                connection.deadline = now.advanced(by: limits.headerTimeout)
            }
        case .head:
            connection.deadline = now.advanced(by: limits.idleTimeout)
        case .content, .responding, .lingering: break
        }
    }
}

extension Response {
    /// An error as RFC 9457 has it.
    /// - Parameter detail: What was wrong and what was expected, without line breaks.
    package static func problem(_ status: HTTPStatus, _ detail: String) -> Response {
        let escaped = detail.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#)
        let text =
            #"{"title":"\#(status.reasonPhrase)","status":\#(status.rawValue),"detail":"\#(escaped)"}"#
        return Response(
            status, fields: [("Content-Type", "application/problem+json")],
            content: Array(text.utf8))
    }
}
