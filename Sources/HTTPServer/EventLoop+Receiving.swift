internal import EventPoll
internal import Glibc
internal import HTTP1
internal import Synchronization
internal import TLS

// From the socket to the parser.

extension EventLoop {
    /// Takes what the socket has.
    func readable(_ connection: Connection, failed: Bool) {
        if case .responding = connection.phase, !failed {
            // The next request, or the end, waits until this one is answered.
            return setInterest(connection, connection.interest.subtracting(.read))
        }
        receiveOnce(connection)
    }

    /// Takes what the socket has at once, even where an answer is still owed.
    func receiveOnce(_ connection: Connection) {
        let count = recv(connection.key.descriptor, scratch.room.baseAddress, scratch.room.count, 0)
        if count > 0 {
            guard !connection.isLingering else { return }
            let bytes = UnsafeRawBufferPointer(
                rebasing: UnsafeRawBufferPointer(scratch.room)[..<count])
            guard let tls = connection.tls else { return feed(connection, bytes) }
            return decrypt(connection, tls, bytes)
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        if count == 0 { return ended(connection) }
        close(connection)
    }

    /// The peer sends no more.
    private func ended(_ connection: Connection) {
        // A client that has only closed its own side still gets its answers.
        connection.peerClosed = true
        guard connection.hasUnsentOutput || connection.isResponding else {
            return close(connection)
        }
        setInterest(connection, connection.interest.subtracting(.read))
    }

    /// Closes once all is answered that a peer who sends no more has sent.
    func endIfAnswered(_ connection: Connection) {
        guard isOpen(connection), connection.peerClosed, !connection.hasUnsentOutput,
            case .head = connection.phase
        else { return }
        linger(connection)
    }

    private func decrypt(
        _ connection: Connection, _ tls: TLSSession, _ ciphertext: UnsafeRawBufferPointer
    ) {
        let count: Int
        do throws(TLSError) {
            count = try tls.receive(ciphertext, into: plaintext.room)
        } catch {
            return fail(connection, tls, error)
        }
        if connection.isShakingHands, tls.state != .handshaking { finishHandshake(connection, tls) }
        if tls.state == .peerClosed { connection.peerClosed = true }
        if count > 0 {
            feed(
                connection,
                UnsafeRawBufferPointer(
                    rebasing: UnsafeRawBufferPointer(plaintext.room)[..<count]))
        }
        guard isOpen(connection) else { return }
        // The handshake's next flight, and a session ticket.
        if tls.outputCount > 0, !connection.isBlocked { flush(connection) }
        if isOpen(connection), tls.state == .peerClosed { ended(connection) }
    }

    private func finishHandshake(_ connection: Connection, _ tls: TLSSession) {
        if let certificate = tls.peerCertificate {
            connection.peer = Peer(address: connection.peer.address, certificate: certificate)
        }
        connection.phase = .head
        connection.deadline = now.advanced(by: limits.headerTimeout)
    }

    private func fail(_ connection: Connection, _ tls: TLSSession, _ error: TLSError) {
        if connection.isShakingHands { shared.handshakeFailures.add(1, ordering: .relaxed) }
        guard error != .plainHTTP else {
            connection.tls = nil
            return refuse(
                connection, .problem(.badRequest, "plain HTTP was sent to a port that speaks TLS"))
        }
        // The alert tells the peer why, if it still listens.
        connection.output = []
        connection.outputSent = 0
        linger(connection)
    }

    /// Gives bytes to the parser and acts on its steps until it needs more.
    func feed(_ connection: Connection, _ fresh: UnsafeRawBufferPointer) {
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

    /// Whether a malformed request asks for no content (RFC 9110 §9.3.2).
    private func isHeadRequest(
        _ connection: Connection, _ bytes: UnsafeRawBufferPointer
    ) -> Bool {
        guard case .head = connection.phase else { return false }
        return bytes.drop { $0 == 0x0D || $0 == 0x0A }.starts(with: "HEAD ".utf8)
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
                refuse(
                    connection, .problem(error.status, error.detail),
                    omitsContent: isHeadRequest(connection, rest))
                return bytes.count
            }
            switch step {
            case .needBytes: break steps
            case .head(let head): admit(connection, head, hasMore: consumed < bytes.count)
            case .content(let range):
                content = receive(connection, UnsafeRawBufferPointer(rebasing: rest[range]))
            case .end:
                respond(connection, content, hasMore: consumed < bytes.count)
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
        endIfAnswered(connection)
        return consumed
    }
}
