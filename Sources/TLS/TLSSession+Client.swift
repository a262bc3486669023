import COpenSSL

// What only a client does.

extension TLSSession {
    /// Asks for new keys: by a key update in 1.3 (RFC 8446 §4.6.3), by renegotiation in 1.2
    /// (RFC 5246 §7.4.1.1), which our servers refuse.
    package func requestNewKeys() {
        ERR_clear_error()
        let isBegun =
            version == .tls13
            ? SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) : SSL_renegotiate(ssl)
        if isBegun == 1 { SSL_do_handshake(ssl) }
    }
}

/// What a client needs to resume a session.
package final class ClientTicket {
    let handle: OpaquePointer

    /// The last ticket that the server gave; nil when there is none.
    package init?(of session: TLSSession) {
        guard let current = SSL_get_session(session.ssl), SSL_SESSION_is_resumable(current) == 1,
            // A copy, since OpenSSL spoils its own when the connection ends without close_notify.
            let handle = SSL_SESSION_dup(current)
        else { return nil }
        self.handle = handle
    }

    deinit { SSL_SESSION_free(handle) }
}
