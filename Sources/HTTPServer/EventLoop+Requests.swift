internal import EventPoll
internal import Glibc
package import HTTP1
internal import Synchronization

// The way of a request: admitted, received, answered.

extension EventLoop {
    func admit(_ connection: Connection, _ head: RequestHead, hasMore: Bool) {
        if connection.isBetweenRequests {
            connection.isBetweenRequests = false
            connection.busySince = now
        }
        guard !isDraining || connection.beganBeforeDrain else {
            return refuse(connection, .shuttingDown, omitsContent: head.isMethod("HEAD"))
        }
        switch handler.admit(head, peer: connection.peer) {
        case .refuse(let response):
            connection.phase = .responding(head)
            answer(
                connection, head, response, closes: head.framing != .none, hasMore: hasMore)
        case .receive(let contentBytesMax):
            if case .length(let length) = head.framing, length > contentBytesMax {
                let error = HTTP1Error.contentTooLarge(limit: contentBytesMax)
                return refuse(
                    connection, .problem(error.status, error.detail),
                    omitsContent: head.isMethod("HEAD"))
            }
            connection.parser.limitContent(toBytes: contentBytesMax)
            connection.phase = .content(Connection.Upload(head: head))
            connection.deadline = now.advanced(by: limits.bodyTimeout)
            let hasContent = head.framing != .none && head.framing != .length(0)
            if head.expectsContinue, hasContent, !hasMore {
                connection.output.append(contentsOf: ResponseWriter.continue)
                flush(connection)
            }
        }
    }

    /// Keeps a piece of content.
    /// - Returns: The whole content in place, when this piece is all of it.
    func receive(
        _ connection: Connection, _ piece: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        guard case .content(let upload) = connection.phase, !piece.isEmpty else { return nil }
        upload.received += piece.count
        if upload.head.framing == .length(piece.count) { return piece }
        guard hold(piece, of: upload) else {
            refuse(connection, .tooMuchContent, omitsContent: upload.head.isMethod("HEAD"))
            return nil
        }
        upload.reader?.receive(piece)
        return nil
    }

    /// - Returns: False when all connections together hold as much as they may.
    private func hold(_ piece: UnsafeRawBufferPointer, of upload: Connection.Upload) -> Bool {
        let held = shared.heldContentBytes.add(piece.count, ordering: .relaxed).newValue
        guard held <= limits.heldContentBytesMax else {
            shared.heldContentBytes.subtract(piece.count, ordering: .relaxed)
            return false
        }
        if upload.buffer == nil {
            upload.buffer = ContentBuffer(capacity: 2 * piece.count)
            upload.reader = handler.contentReader(for: upload.head)
        }
        upload.buffer?.append(piece)
        return true
    }

    /// Forgets content that was held.
    func release(_ upload: Connection.Upload) {
        guard let buffer = upload.buffer else { return }
        shared.heldContentBytes.subtract(buffer.count, ordering: .relaxed)
        upload.buffer = nil
        upload.reader = nil
    }

    /// - Parameters:
    ///   - inPlace: The content, where it lies whole in the bytes just received.
    ///   - hasMore: Whether bytes of another request have come behind this one.
    func respond(
        _ connection: Connection, _ inPlace: UnsafeRawBufferPointer?, hasMore: Bool
    ) {
        // A refused request has been answered when its head came.
        guard case .content(let upload) = connection.phase else { return }
        defer { release(upload) }
        let content =
            inPlace ?? upload.buffer?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let request = Request(
            head: upload.head, content: content, peer: connection.peer, reader: upload.reader)
        connection.phase = .responding(upload.head)
        connection.deadline = nil
        switch handler.respond(to: request, Exchange(mailbox: mailbox, key: connection.key)) {
        case .now(let response):
            answer(connection, upload.head, response, closes: false, hasMore: hasMore)
        case .later: break
        case .abort(let how): abort(connection, how)
        }
    }

    /// Ends a request that was to be answered later, and goes on with what came behind it.
    func complete(_ connection: Connection, with completion: Completion) {
        guard case .responding(let head) = connection.phase else { return }
        switch completion {
        case .response(let response):
            answer(
                connection, head, response, closes: false, hasMore: connection.heldCount > 0)
        case .piece(let bytes): return send(connection, bytes)
        case .abort(let how): return abort(connection, how)
        }
        flush(connection)
        // Of a peer that does not read, nothing is read either; `resume` goes on.
        guard isOpen(connection), !connection.isLingering, !connection.isBlocked else { return }
        setDeadline(connection, holds: connection.heldCount > 0)
        setInterest(connection, connection.interest.union(.read))
        if connection.heldCount > 0 {
            feed(connection, UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    /// Sends a piece of the response that is being given; the request stays under way.
    private func send(_ connection: Connection, _ piece: [UInt8]) {
        let unsent = connection.output.count - connection.outputSent
        guard unsent + piece.count <= ServerLimits.unsentPiecesBytesMax else {
            return close(connection)
        }
        connection.output.append(contentsOf: piece)
        connection.hasSentPiece = true
        // A blocked socket takes it in its turn, and the time that it has for that stays.
        if !connection.isBlocked { flush(connection) }
    }

    private func answer(
        _ connection: Connection, _ head: RequestHead, _ response: Response, closes: Bool,
        hasMore: Bool
    ) {
        // What has come already is answered too, before a drain or the peer's end closes.
        let isLast = !hasMore && (isDraining || connection.peerClosed)
        let closes = closes || !head.keepsConnection || isLast
        ResponseWriter.append(
            response, date: date, closes: closes, omitsContent: head.isMethod("HEAD"),
            to: &connection.output)
        connection.phase = .head
        // The next head has its own time.
        connection.deadline = nil
        connection.busySince = now
        if closes { linger(connection) }
    }

    /// Answers what cannot be read on, and closes.
    func refuse(_ connection: Connection, _ response: Response, omitsContent: Bool = false) {
        ResponseWriter.append(
            response, date: date, closes: true, omitsContent: omitsContent,
            to: &connection.output)
        linger(connection)
    }

    /// Tells who still waits for an answer when the time to drain is over that none will come.
    func giveUp(_ connection: Connection) {
        guard case .responding(let head) = connection.phase, !connection.hasSentPiece else {
            return
        }
        shared.unanswered.add(1, ordering: .relaxed)
        refuse(connection, .undecided, omitsContent: head.isMethod("HEAD"))
        // Closing over bytes that nobody has read would reset the connection, and lose the answer.
        receiveOnce(connection)
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
            linger(connection)
        }
    }
}

extension Response {
    /// An error as RFC 9457 has it.
    /// - Parameter detail: What was wrong and what was expected, without line breaks.
    package static func problem(_ status: HTTPStatus, _ detail: String) -> Response {
        // Hardly any has such a character, and looking for each as text costs as much as the rest.
        let escaped =
            detail.utf8.contains { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }
            ? detail.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#) : detail
        let text =
            #"{"title":"\#(status.reasonPhrase)","status":\#(status.rawValue),"detail":"\#(escaped)"}"#
        return Response(
            status, fields: [("Content-Type", "application/problem+json")],
            content: Array(text.utf8))
    }

    /// A 503 that says when to come again.
    /// - Parameter reason: Without line breaks.
    package static func unavailable(_ reason: String) -> Response {
        comeAgain("\(reason); nothing was accepted")
    }

    private static func comeAgain(_ detail: String) -> Response {
        var response = problem(.serviceUnavailable, detail)
        response.fields.append(("Retry-After", "5"))
        return response
    }

    fileprivate static let shuttingDown = unavailable("the server is shutting down")
    fileprivate static let undecided = comeAgain(
        "the server shuts down before it is known what came of this; send it again")
    fileprivate static let tooMuchContent = unavailable("too much is being received at once")
}
