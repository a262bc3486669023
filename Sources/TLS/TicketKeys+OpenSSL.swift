import COpenSSL

extension TicketKeys {
    /// Has a context seal and open its tickets with these keys, which must outlive it.
    func install(in context: OpaquePointer) {
        // Slot 0 is what OpenSSL calls the application's data.
        SSL_CTX_set_ex_data(context, 0, Unmanaged.passUnretained(self).toOpaque())
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context) { session, name, vector, cipher, mac, seals in
            guard let slot = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), 0),
                let name, let vector
            else { return -1 }
            let keys = Unmanaged<TicketKeys>.fromOpaque(slot).takeUnretainedValue()
            return seals == 1
                ? keys.seal(name, vector, cipher, mac) : keys.open(name, vector, cipher, mac)
        }
        SSL_CTX_set_session_ticket_cb(
            context, { _, _ in 1 },
            { _, session, _, _, status, _ in useOfTicket(status, session) }, nil)
    }

    /// - Returns: 1, or -1 for a failure (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)).
    private func seal(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer?, _ mac: OpaquePointer?
    ) -> Int32 {
        let key = current
        name.update(from: key.name, count: Key.nameBytes)
        guard RAND_bytes(vector, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1,
            EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.cipherKey, vector) == 1,
            hl_mac_begin_sha256(mac, key.macKey, key.macKey.count) == 1
        else { return -1 }
        return 1
    }

    /// - Returns: 1, 2 for a ticket to be renewed, 0 for one of no known key, -1 for a failure.
    private func open(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer?, _ mac: OpaquePointer?
    ) -> Int32 {
        let name = UnsafeRawBufferPointer(start: name, count: Key.nameBytes)
        guard let (key, isOld) = key(named: name) else { return 0 }
        guard EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.cipherKey, vector) == 1,
            hl_mac_begin_sha256(mac, key.macKey, key.macKey.count) == 1
        else { return -1 }
        return isOld ? 2 : 1
    }
}

/// OpenSSL's own choice, but for a client whose certificate has expired since: resuming skips the
/// check of the chain, and TLS 1.3 renews tickets without end.
private func useOfTicket(_ status: Int32, _ session: OpaquePointer?) -> Int32 {
    switch status {
    case SSL_TICKET_SUCCESS, SSL_TICKET_SUCCESS_RENEW:
        if let session, let peer = SSL_SESSION_get0_peer(session),
            X509_cmp_current_time(X509_get0_notAfter(peer)) <= 0
        {
            return SSL_TICKET_RETURN_IGNORE_RENEW
        }
        return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
    case SSL_TICKET_FATAL_ERR_MALLOC, SSL_TICKET_FATAL_ERR_OTHER: return SSL_TICKET_RETURN_ABORT
    case SSL_TICKET_NONE: return SSL_TICKET_RETURN_IGNORE
    default: return SSL_TICKET_RETURN_IGNORE_RENEW
    }
}
