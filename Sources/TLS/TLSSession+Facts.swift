import COpenSSL

// What a finished handshake has agreed on.

extension TLSSession {
    /// The version, or nil before the handshake is done.
    package var version: TLSVersion? {
        guard isAgreed else { return nil }
        return SSL_version(ssl) == TLS1_3_VERSION ? .tls13 : .tls12
    }

    /// The cipher suite's name as OpenSSL writes it, or nil before the handshake is done.
    package var cipher: String? {
        guard isAgreed, let name = SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)) else {
            return nil
        }
        return String(cString: name)
    }

    /// Whether a ticket made the handshake short.
    package var isResumed: Bool { isAgreed && SSL_session_reused(ssl) == 1 }

    /// What ALPN has selected.
    package var applicationProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &bytes, &count)
        guard count > 0 else { return nil }
        return String(
            decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// Whom the peer has proven to be, also in a resumed session; nil before the handshake is done
    /// and without mTLS. Made anew at each call.
    package var peerCertificate: PeerCertificate? {
        guard isAgreed, SSL_get_verify_result(ssl) == Int(X509_V_OK),
            let certificate = SSL_get0_peer_certificate(ssl)
        else { return nil }
        return PeerCertificate(certificate)
    }

    private var isAgreed: Bool { state == .open || state == .peerClosed }
}
