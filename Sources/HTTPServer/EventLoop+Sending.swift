internal import EventPoll
internal import Glibc
internal import HTTP1
internal import TLS

// From responses to the socket, and how a connection ends.

extension EventLoop {
    private enum Sent {
        case some
        case blocked
        case failed
    }

    /// Sends as much as the socket takes.
    func flush(_ connection: Connection) {
        while connection.hasUnsentOutput {
            switch connection.tls.map({ send(connection, $0) }) ?? send(connection) {
            case .some: continue
            case .failed: return close(connection)
            case .blocked:
                connection.deadline = now.advanced(by: limits.writeTimeout)
                // Nothing more is read before the peer has taken what it asked for.
                return setInterest(connection, .write)
            }
        }
        if connection.outputSent > 0 {
            connection.output.removeAll(keepingCapacity: connection.output.capacity <= 4096)
            connection.outputSent = 0
        }
        if connection.isLingering {
            finishLingering(connection)
        } else if connection.isBlocked {
            resume(connection)
        }
    }

    private func send(_ connection: Connection) -> Sent {
        let count = connection.output.withUnsafeBytes { bytes in
            send(
                connection.key.descriptor,
                UnsafeRawBufferPointer(rebasing: bytes[connection.outputSent...]))
        }
        connection.outputSent += max(0, count)
        return outcome(count)
    }

    private func send(_ connection: Connection, _ tls: TLSSession) -> Sent {
        do throws(TLSError) {
            if connection.outputSent < connection.output.count {
                let rest = connection.output[connection.outputSent...]
                let taken = rest.withUnsafeBytes { bytes in
                    Result { () throws(TLSError) in try tls.write(bytes) }
                }
                connection.outputSent += try taken.get()
            }
        } catch {
            return .failed
        }
        var count = 0
        tls.withOutput { bytes in
            count = send(connection.key.descriptor, bytes)
            return max(0, count)
        }
        return outcome(count)
    }

    private func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        while true {
            let count = Glibc.send(
                descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 || errno != EINTR { return count }
        }
    }

    private func outcome(_ count: Int) -> Sent {
        if count > 0 { return .some }
        return count < 0 && errno == EAGAIN ? .blocked : .failed
    }

    /// The socket takes output again: what came meanwhile is read on.
    private func resume(_ connection: Connection) {
        setInterest(connection, connection.isResponding ? [] : .read)
        guard isOpen(connection) else { return }
        // The time to write is over; what comes next has its own.
        if case .head = connection.phase { connection.deadline = nil }
        setDeadline(connection, holds: connection.heldCount > 0)
        if connection.heldCount > 0 {
            feed(connection, UnsafeRawBufferPointer(start: nil, count: 0))
        } else if connection.isResponding {
            connection.deadline = nil
        } else {
            endIfAnswered(connection)
        }
    }

    /// Tells a TLS peer that nothing follows (RFC 9112 §9.8), as far as the socket takes it at once.
    func sayFarewell(_ connection: Connection) {
        guard let tls = connection.tls, !connection.hasUnsentOutput else { return }
        tls.close()
        guard tls.outputCount > 0 else { return }
        tls.withOutput { max(0, send(connection.key.descriptor, $0)) }
    }

    /// Sends what is left, closes our side, and drops what still comes for a while: closing at once
    /// would reset the connection under bytes that are on their way, and the client might never see
    /// the response (RFC 9112 §9.6).
    func linger(_ connection: Connection) {
        if case .content(let upload) = connection.phase { release(upload) }
        connection.phase = .lingering(.response)
        connection.held = nil
        connection.deadline = now.advanced(by: ServerLimits.lingerTimeout)
        flush(connection)
    }

    private func finishLingering(_ connection: Connection) {
        guard case .lingering(let ending) = connection.phase else { return }
        switch ending {
        case .response:
            connection.phase = .lingering(.closeNotify)
            connection.tls?.close()
            flush(connection)
        case .closeNotify:
            connection.phase = .lingering(.sent)
            endSending(connection)
        case .sent: break
        }
    }

    private func endSending(_ connection: Connection) {
        if connection.peerClosed { return close(connection) }
        shutdown(connection.key.descriptor, Int32(SHUT_WR))
        connection.deadline = now.advanced(by: ServerLimits.lingerTimeout)
        setInterest(connection, .read)
    }
}
