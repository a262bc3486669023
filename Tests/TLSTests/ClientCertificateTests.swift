import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isPossible)) struct ClientCertificateTests {
    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a good certificate says who the client is`(version: TLSVersion) throws {
        let pair = try SessionPair.open(
            .server(clientCA: "ca"), .client(version, certificate: "client"))
        let peer = try #require(pair.server.peerCertificate)
        // RFC 2253 §2.1 begins with the last part, and §2.4 escapes the comma.
        #expect(peer.subject == #"CN=build-7,O=Æther\, Inc."#)
        #expect(
            peer.names == [
                .dns("build-7.example.com"), .uri("spiffe://example.com/build"),
                .email("ci@example.com"), .address("192.0.2.7"), .address("2001:db8::7"),
            ])
        #expect(peer.fingerprint.count == 32)
        let other = try SessionPair.open(
            .server(clientCA: "ca"), .client(version, certificate: "nameless"))
        #expect(other.server.peerCertificate?.names == [])
        #expect(other.server.peerCertificate?.fingerprint != peer.fingerprint)
    }

    @Test func `names with a NUL and addresses of odd length are left out`() throws {
        let pair = try SessionPair.open(
            .server(clientCA: "ca"), .client(certificate: "odd-names"))
        #expect(pair.server.peerCertificate?.names == [.dns("ok")])
    }

    @Test(
        arguments: [TLSVersion.tls12, .tls13],
        [
            (nil, "none was sent"),
            ("client-expired", "certificate has expired"),
            ("client-other", "unable to get local issuer certificate"),
            ("server-only", "unsuitable certificate purpose"),
            ("below", "unable to get local issuer certificate"),
        ] as [(String?, String)])
    func `every other certificate is refused with its reason`(
        version: TLSVersion, bad: (name: String?, reason: String)
    ) throws {
        var pair = SessionPair(
            try .server(clientCA: "ca"), try .client(version, certificate: bad.name))
        let error = failure { () throws(TLSError) in try pair.exchange() }
        #expect(error == .clientCertificateRefused(reason: bad.reason))
        #expect(pair.server.peerCertificate == nil)
        // The alert tells the client.
        #expect(pair.server.outputCount > 0)
    }

    @Test func `a chain may come with the client or be cut at an intermediate authority`() throws {
        let whole = try SessionPair.open(
            .server(clientCA: "ca"), .client(certificate: "below-chain", key: "below"))
        #expect(whole.server.peerCertificate?.subject == "CN=below")
        let cut = try SessionPair.open(
            .server(clientCA: "intermediate"), .client(certificate: "below"))
        #expect(cut.server.peerCertificate?.subject == "CN=below")
    }

    @Test func `a chain may be four long and not five`() throws {
        #expect(TLSLimits.clientChainDepthMax == 4)
        _ = try SessionPair.open(
            .server(clientCA: "ca"), .client(certificate: "below4-chain", key: "below4"))
        var pair = SessionPair(
            try .server(clientCA: "ca"), try .client(certificate: "below5-chain", key: "below5"))
        let error = failure { () throws(TLSError) in try pair.exchange() }
        #expect(error == .clientCertificateRefused(reason: "certificate chain too long"))
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a client may send 32 KiB of certificates and not more`(version: TLSVersion) throws {
        #expect(TLSLimits.clientChainBytesMax == 32_768)
        let server = try TLSContext.server(clientCA: "ca")
        _ = try SessionPair.open(
            server, .client(version, certificate: "client-3-big", key: "client"))
        var pair = SessionPair(
            server, try .client(version, certificate: "client-4-big", key: "client"))
        let error = failure { () throws(TLSError) in try pair.exchange() }
        #expect(error == .handshakeFailed(reason: "excessive message size"))
    }

    @Test func `without clientCA a client's certificate is not asked for`() throws {
        let pair = try SessionPair.open(.server(), .client(certificate: "client"))
        #expect(pair.server.peerCertificate == nil)
    }
}
