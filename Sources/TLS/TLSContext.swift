import COpenSSL

/// A listener's certificate and rules: what all its sessions have in common.
///
/// Immutable, and shared by all loops. A reload makes a new one; sessions keep the one they began
/// with.
package struct TLSContext: Sendable {
    let handle: ContextHandle
    /// When the first of the chain's certificates expires, in seconds since 1970.
    package let expires: Int64
    /// What an operator should hear and what does not keep the listener from working.
    package let warnings: [TLSWarning]

    /// A server's context.
    /// - Parameters:
    ///   - certificate: The server's own certificate first, then the chain without its root.
    ///   - key: Its private key, not encrypted.
    ///   - clientCA: Who signs clients' certificates; with it every client must have one.
    ///   - ticketKeys: The process's keys, the same ones after a reload.
    ///   - now: In seconds since 1970, for the warnings.
    /// - Throws: ``TLSError``, one of the cases for files.
    package init(
        certificate: PEMFile, key: PEMFile, clientCA: PEMFile? = nil, ticketKeys: TicketKeys,
        at now: Int64
    ) throws(TLSError) {
        handle = ContextHandle(.server, versions: .tls12 ... .tls13, ticketKeys: ticketKeys)
        let chain = try handle.use(certificate, key)
        var warnings = TLSWarning.all(of: chain, in: certificate.path, at: now)
        let authorities = try clientCA?.certificates(limit: TLSLimits.clientCACertificatesMax) ?? []
        if let clientCA {
            handle.requireClientCertificate(from: authorities)
            warnings += TLSWarning.validity(of: authorities, in: clientCA.path, at: now)
        }
        handle.setSessionScope(authorities)
        handle.selectHTTP1()
        // One ticket is enough for a sender, which opens one connection after another.
        SSL_CTX_set_num_tickets(handle.pointer, 1)
        expires = chain.map(\.notAfter.seconds).min() ?? 0
        self.warnings = warnings
    }

    /// A client's context, with which tests and tools speak to a server in memory.
    /// - Parameters:
    ///   - authorities: Whom to trust. The server's name is not checked.
    ///   - certificate: Its own chain, for servers that require one.
    ///   - key: That chain's key.
    ///   - protocols: What it offers by ALPN (RFC 7301); none for no offer.
    /// - Throws: ``TLSError``, one of the cases for files.
    package init(
        trusting authorities: PEMFile, certificate: PEMFile? = nil, key: PEMFile? = nil,
        versions: ClosedRange<TLSVersion> = .tls12 ... .tls13, protocols: [String] = ["http/1.1"]
    ) throws(TLSError) {
        handle = ContextHandle(.client, versions: versions)
        if let certificate, let key { _ = try handle.use(certificate, key) }
        handle.trust(try authorities.certificates(limit: TLSLimits.clientCACertificatesMax))
        let offer = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        SSL_CTX_set_alpn_protos(handle.pointer, offer, UInt32(offer.count))
        expires = .max
        warnings = []
    }
}

extension ContextHandle {
    /// Takes a chain and its key, which must fit.
    fileprivate func use(
        _ certificate: PEMFile, _ key: PEMFile
    ) throws(TLSError) -> [Certificate] {
        let chain = try certificate.certificates(limit: TLSLimits.chainCertificatesMax)
        guard chain.reduce(0, { $0 + $1.encodedCount }) <= TLSLimits.chainBytesMax else {
            throw .chainTooLarge(path: certificate.path, limit: TLSLimits.chainBytesMax)
        }
        let privateKey = try key.privateKey()
        ERR_clear_error()
        for (position, link) in chain.enumerated() {
            let isTaken =
                position == 0
                ? SSL_CTX_use_certificate(pointer, link.handle)
                : hl_context_add_chain_certificate(pointer, link.handle)
            guard isTaken == 1 else {
                throw .certificateRefused(
                    path: certificate.path, reason: OpenSSLFailure.take().reason)
            }
        }
        guard X509_check_private_key(chain[0].handle, privateKey.handle) == 1,
            SSL_CTX_use_PrivateKey(pointer, privateKey.handle) == 1
        else {
            ERR_clear_error()
            throw .keyMismatch(key: key.path, certificate: certificate.path)
        }
        return chain
    }

    /// Trusts these certificates as they are: an intermediate one needs no root behind it.
    fileprivate func trust(_ authorities: [Certificate]) {
        let store = SSL_CTX_get_cert_store(pointer)
        for authority in authorities { X509_STORE_add_cert(store, authority.handle) }
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
    }

    fileprivate func requireClientCertificate(from authorities: [Certificate]) {
        trust(authorities)
        // The names tell a client with several certificates which to send.
        for authority in authorities { SSL_CTX_add_client_CA(pointer, authority.handle) }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        SSL_CTX_set_verify_depth(pointer, Int32(TLSLimits.clientChainDepthMax))
        hl_context_set_peer_chain_bytes(pointer, TLSLimits.clientChainBytesMax)
    }

    /// Ties tickets to the clients' authorities: after a reload that changes them, nobody resumes
    /// a session that was granted under the old ones. A renewed server certificate changes nothing.
    fileprivate func setSessionScope(_ authorities: [Certificate]) {
        let scope = sha256(of: authorities.flatMap(\.fingerprint))
        SSL_CTX_set_session_id_context(pointer, scope, UInt32(scope.count))
    }

    /// RFC 7301 §3.2: who offers protocols and not ours is refused; who offers none is served.
    fileprivate func selectHTTP1() {
        SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, selected, selectedCount, offered, offeredCount, _ in
                let ours: StaticString = "\u{8}http/1.1"
                // OpenSSL's function is not const-correct: it writes to neither list.
                let found = selected?.withMemoryRebound(
                    to: UnsafeMutablePointer<UInt8>?.self, capacity: 1
                ) {
                    SSL_select_next_proto(
                        $0, selectedCount, ours.utf8Start, UInt32(ours.utf8CodeUnitCount), offered,
                        offeredCount)
                }
                return found == OPENSSL_NPN_NEGOTIATED
                    ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
            }, nil)
    }
}
