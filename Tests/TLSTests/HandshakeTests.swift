import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isPossible)) struct HandshakeTests {
    @Test(arguments: [TLSVersion.tls12, .tls13], ["server", "rsa", "ed"])
    func `serves 1.2 and 1.3 with keys of each kind`(version: TLSVersion, kind: String) throws {
        let authority = kind == "server" ? "ca" : kind
        var pair = try SessionPair.open(.server(kind), .client(version, trusting: authority))
        #expect(pair.server.version == version)
        #expect(pair.server.applicationProtocol == "http/1.1")
        #expect(pair.server.peerCertificate == nil)
        #expect(!pair.server.isResumed)
        try pair.client.write("ping".utf8)
        try pair.server.write("pong".utf8)
        try pair.exchange()
        #expect(pair.serverPlaintext == Array("ping".utf8))
        #expect(pair.clientPlaintext == Array("pong".utf8))
    }

    @Test func `agrees on AEAD ciphers with forward secrecy`() throws {
        let modern = try SessionPair.open(.server(), .client(.tls13))
        #expect(modern.server.cipher?.hasPrefix("TLS_AES_") == true)
        let older = try SessionPair.open(.server(), .client(.tls12))
        #expect(older.server.cipher?.hasPrefix("ECDHE-ECDSA-AES") == true)
        #expect(older.server.cipher?.contains("-GCM-") == true)
    }

    @Test func `knows nothing of the peer before the handshake is done`() throws {
        let pair = SessionPair(try .server(), try .client())
        #expect(pair.server.state == .handshaking)
        #expect(pair.server.version == nil)
        #expect(pair.server.cipher == nil)
        #expect(pair.server.peerCertificate == nil)
        #expect(try pair.server.write("early".utf8) == 0)
        #expect(pair.server.outputCount == 0)
    }

    // RFC 7301 §3.2.
    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `ALPN is optional, but an offer must have http 1.1 in it`(version: TLSVersion) throws {
        let silent = try SessionPair.open(.server(), .client(version, protocols: []))
        #expect(silent.server.applicationProtocol == nil)
        let both = try SessionPair.open(.server(), .client(version, protocols: ["h2", "http/1.1"]))
        #expect(both.server.applicationProtocol == "http/1.1")
        let context = try TLSContext.client(version, protocols: ["h2", "http/1.0"])
        var pair = SessionPair(try .server(), context)
        let error = failure { () throws(TLSError) in try pair.exchange() }
        #expect(error == .handshakeFailed(reason: "no application protocol"))
        // Alert 120 is no_application_protocol.
        #expect(Array(pair.server.takeOutput().suffix(2)) == [2, 120])
    }

    // The last two bytes are the alert: 70 is protocol_version, 40 handshake_failure.
    @Test(arguments: [
        (0x0302, "unsupported protocol", [2, 70]), (0x0301, "unsupported protocol", [2, 70]),
        (0x0300, "version too low", [2, 40]),
    ])
    func `refuses versions before 1.2`(version: Int, reason: String, alert: [UInt8]) throws {
        let server = TLSSession(try .server())
        let error = failure { () throws(TLSError) in
            _ = try server.receive(clientHello(version: version))
        }
        #expect(error == .handshakeFailed(reason: reason))
        #expect(Array(server.takeOutput().suffix(2)) == alert)
    }

    @Test func `a client of 1.2 without ECDHE and AEAD finds no cipher`() throws {
        let server = TLSSession(try .server())
        let error = failure { () throws(TLSError) in
            _ = try server.receive(clientHello(version: 0x0303))
        }
        #expect(error == .handshakeFailed(reason: "no shared cipher"))
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n", "POST /hooks/x HTTP/1.1\r\n"])
    func `tells plain HTTP from a broken handshake`(text: String) throws {
        let server = TLSSession(try .server())
        let error = failure { () throws(TLSError) in _ = try server.receive(text.utf8) }
        #expect(error == .plainHTTP)
        #expect(server.state == .failed(.plainHTTP))
    }

    @Test func `a server that the client does not trust hears why`() throws {
        var pair = SessionPair(try .server(), try .client(.tls13, trusting: "other-ca"))
        let client = failure { () throws(TLSError) in try pair.exchange() }
        #expect(client == .handshakeFailed(reason: "certificate verify failed"))
        let server = failure { () throws(TLSError) in
            _ = try pair.server.receive(pair.client.takeOutput())
        }
        #expect(server == .handshakeFailed(reason: "tlsv1 alert unknown ca"))
    }

    /// A ClientHello (RFC 4346 §7.4.1.2) that offers one cipher, TLS_RSA_WITH_AES_128_CBC_SHA and
    /// its ECDHE sister, and no extension.
    private func clientHello(version: Int) -> [UInt8] {
        let bytes = [UInt8(version >> 8), UInt8(version & 0xFF)]
        let body = bytes + [UInt8](repeating: 7, count: 32) + [0, 0, 4, 0xC0, 0x13, 0, 0x2F, 1, 0]
        let message = [1, 0, 0, UInt8(body.count)] + body
        return [22, 3, version == 0x0300 ? 0 : 1, 0, UInt8(message.count)] + message
    }
}
