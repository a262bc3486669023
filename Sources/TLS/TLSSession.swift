import COpenSSL

/// One connection's TLS: bytes in, bytes out, no I/O.
///
/// Give it what the socket receives by ``receive(_:into:)``, its end by ``receiveEnd()`` and what
/// is to be sent by ``write(_:)``; after each of them send what ``withOutput(_:)`` has, after an
/// error too: it is the alert that tells the peer. Not Sendable: it belongs to one thread.
package final class TLSSession {
    package enum State: Equatable {
        case handshaking
        case open
        /// The peer has said that it sends no more; we still may.
        case peerClosed
        case failed(TLSError)
    }

    package private(set) var state: State = .handshaking
    private let context: ContextHandle
    let ssl: OpaquePointer
    /// The part of ``receive(_:into:)``'s bytes that OpenSSL has not read; empty outside of it.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var handshakeBytes = 0
    /// What is to be sent, from `outputSent` on.
    private var output: [UInt8] = []
    private var outputSent = 0
    /// The limit that made us stop OpenSSL.
    private var brokenLimit: TLSError?
    private var hasClosed = false

    /// - Parameter ticket: For a client: the session to resume.
    package init(_ context: TLSContext, resuming ticket: ClientTicket? = nil) {
        guard let ssl = SSL_new(context.handle.pointer) else {
            preconditionFailure("OpenSSL could not allocate a session")
        }
        self.context = context.handle
        self.ssl = ssl
        let bio = SessionBIO.make(for: self)
        SSL_set_bio(ssl, bio, bio)
        switch context.handle.role {
        case .server: SSL_set_accept_state(ssl)
        case .client:
            SSL_set_connect_state(ssl)
            if let ticket { SSL_set_session(ssl, ticket.handle) }
            // The client speaks first. A failure shows itself at the first receive.
            SSL_do_handshake(ssl)
        }
    }

    deinit { SSL_free(ssl) }

    /// Decrypts what the socket received.
    ///
    /// All of it is used: what follows a close_notify is dropped (RFC 8446 §6.1).
    /// - Parameters:
    ///   - ciphertext: Any piece of the stream.
    ///   - plaintext: Room for ``TLSLimits/recordBytesMax`` more bytes than `ciphertext` has.
    /// - Returns: How much plaintext there is.
    package func receive(
        _ ciphertext: UnsafeRawBufferPointer, into plaintext: UnsafeMutableRawBufferPointer
    ) throws(TLSError) -> Int {
        precondition(
            plaintext.count >= ciphertext.count + TLSLimits.recordBytesMax,
            "the room may be too small for the plaintext")
        if case .failed(let error) = state { throw error }
        input = ciphertext
        defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
        var count = 0
        while state != .peerClosed {
            var read = 0
            ERR_clear_error()
            let code = SSL_read_ex(
                ssl, plaintext.baseAddress.map { $0 + count }, plaintext.count - count, &read)
            count += read
            if state == .handshaking, SSL_is_init_finished(ssl) == 1 { state = .open }
            if code == 1 { continue }
            switch SSL_get_error(ssl, code) {
            case SSL_ERROR_ZERO_RETURN: state = .peerClosed
            case SSL_ERROR_WANT_READ: return count
            default: throw fail()
            }
        }
        return count
    }

    /// Takes the end of the stream.
    /// - Throws: ``TLSError/truncated`` when the peer did not announce it, which an idle HTTP
    ///   connection may ignore.
    package func receiveEnd() throws(TLSError) {
        switch state {
        case .peerClosed: return
        case .failed(let error): throw error
        case .handshaking, .open:
            state = .failed(.truncated)
            throw .truncated
        }
    }

    /// Encrypts bytes to be sent.
    /// - Returns: How many were taken: fewer than all while ``TLSLimits/writeAheadBytesMax`` wait
    ///   to be sent, and none before the handshake is done.
    package func write(_ plaintext: UnsafeRawBufferPointer) throws(TLSError) -> Int {
        precondition(!hasClosed, "nothing is written behind close_notify")
        switch state {
        case .failed(let error): throw error
        case .handshaking: return 0
        case .open, .peerClosed: break
        }
        var count = 0
        while count < plaintext.count, outputCount < TLSLimits.writeAheadBytesMax {
            var written = 0
            ERR_clear_error()
            let code = SSL_write_ex(
                ssl, plaintext.baseAddress.map { $0 + count }, plaintext.count - count, &written)
            guard code == 1 else { throw fail() }
            count += written
        }
        return count
    }

    /// Says that no more will be sent (close_notify); there is nothing to say in a handshake or
    /// after an error.
    package func close() {
        guard !hasClosed, state == .open || state == .peerClosed else { return }
        hasClosed = true
        ERR_clear_error()
        SSL_shutdown(ssl)
    }

    // MARK: - Output

    /// How many bytes are to be sent.
    package var outputCount: Int { output.count - outputSent }

    /// Shows the bytes that are to be sent and drops those that were.
    /// - Parameter send: Returns how many bytes it has sent.
    package func withOutput(_ send: (UnsafeRawBufferPointer) -> Int) {
        let sent = output.withUnsafeBytes {
            send(UnsafeRawBufferPointer(rebasing: $0[outputSent...]))
        }
        precondition(0...outputCount ~= sent, "more was sent than there is")
        outputSent += sent
        // An idle session holds no memory for output.
        if outputSent == output.count { _ = takeOutput() }
    }

    /// Takes all bytes that are to be sent.
    package func takeOutput() -> [UInt8] {
        let bytes = outputSent == 0 ? output : Array(output[outputSent...])
        output = []
        outputSent = 0
        return bytes
    }

    // MARK: - OpenSSL's side

    /// Moves input into OpenSSL's buffer.
    /// - Returns: How much; 0 when there is none for now, -1 to make it stop.
    func giveInput(_ room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, input.count)
        if SSL_is_init_finished(ssl) == 0 {
            handshakeBytes += count
            guard handshakeBytes <= TLSLimits.handshakeBytesMax else {
                brokenLimit = .handshakeTooLarge(limit: TLSLimits.handshakeBytesMax)
                return -1
            }
        }
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    /// Keeps output until it is sent.
    func takeOutput(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard outputCount + bytes.count <= TLSLimits.outputBytesMax else {
            brokenLimit = .outputTooLarge(limit: TLSLimits.outputBytesMax)
            return false
        }
        output.append(contentsOf: bytes)
        return true
    }

    private func fail() -> TLSError {
        let error = brokenLimit ?? failureReason(OpenSSLFailure.take())
        state = .failed(error)
        return error
    }

    private func failureReason(_ failure: OpenSSLFailure) -> TLSError {
        if failure.isError(SSL_R_HTTP_REQUEST, of: ERR_LIB_SSL) { return .plainHTTP }
        if failure.isError(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, of: ERR_LIB_SSL) {
            return .clientCertificateRefused(reason: "none was sent")
        }
        let verified = SSL_get_verify_result(ssl)
        if context.role == .server, verified != Int(X509_V_OK) {
            return .clientCertificateRefused(
                reason: String(cString: X509_verify_cert_error_string(verified)))
        }
        return state == .handshaking
            ? .handshakeFailed(reason: failure.reason) : .recordRefused(reason: failure.reason)
    }
}
