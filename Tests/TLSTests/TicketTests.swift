import TLS
import Testing

@Suite struct TicketKeysTests {
    @Test func `keys rotate once a lifetime, whoever asks`() {
        let keys = TicketKeys(at: .seconds(100))
        #expect(TLSLimits.ticketLifetime == .seconds(3600))
        #expect(!keys.rotateIfDue(at: .seconds(3699)))
        #expect(keys.rotateIfDue(at: .seconds(3700)))
        #expect(!keys.rotateIfDue(at: .seconds(3700)))
        #expect(!keys.rotateIfDue(at: .seconds(7299)))
        #expect(keys.rotateIfDue(at: .seconds(7300)))
    }
}

@Suite(.enabled(if: TestCertificates.isPossible)) struct TicketTests {
    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a ticket resumes on any context with the same keys`(version: TLSVersion) throws {
        let keys = TicketKeys(at: .zero)
        let client = try TLSContext.client(version)
        let ticket = try ticket(.server(ticketKeys: keys), client)
        // A reload, with a renewed certificate.
        let again = try SessionPair.open(
            .server("renewed", ticketKeys: keys), client, resuming: ticket)
        #expect(again.server.isResumed)
        #expect(again.client.isResumed)
        let foreign = try SessionPair.open(.server(), client, resuming: ticket)
        #expect(!foreign.server.isResumed)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a ticket outlives one rotation and not two`(version: TLSVersion) throws {
        let keys = TicketKeys(at: .zero)
        let server = try TLSContext.server(ticketKeys: keys)
        let client = try TLSContext.client(version)
        let old = try ticket(server, client)
        keys.rotateIfDue(at: .seconds(3600))
        let renewed = try ticket(server, client, resuming: old, resumes: true)
        keys.rotateIfDue(at: .seconds(7200))
        _ = try ticket(server, client, resuming: old, resumes: false)
        _ = try ticket(server, client, resuming: renewed, resumes: true)
    }

    @Test func `after a long sleep no old key opens anything`() throws {
        let keys = TicketKeys(at: .zero)
        let server = try TLSContext.server(ticketKeys: keys)
        let client = try TLSContext.client()
        let old = try ticket(server, client)
        keys.rotateIfDue(at: .seconds(7200))
        _ = try ticket(server, client, resuming: old, resumes: false)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a resumed client is still who it was`(version: TLSVersion) throws {
        let keys = TicketKeys(at: .zero)
        let server = try TLSContext.server(clientCA: "ca", ticketKeys: keys)
        let client = try TLSContext.client(version, certificate: "client")
        let first = try SessionPair.open(server, client)
        let ticket = try #require(ClientTicket(of: first.client))
        let again = try SessionPair.open(server, client, resuming: ticket)
        #expect(again.server.isResumed)
        #expect(again.server.peerCertificate != nil)
        #expect(again.server.peerCertificate == first.server.peerCertificate)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `nobody resumes past a change of the clientCA`(version: TLSVersion) throws {
        let keys = TicketKeys(at: .zero)
        let client = try TLSContext.client(version, certificate: "client")
        let anonymous = try TLSContext.client(version)
        let open = try ticket(.server(ticketKeys: keys), anonymous)
        let known = try ticket(.server(clientCA: "ca", ticketKeys: keys), client)

        // mTLS was turned on: the anonymous session is worth nothing.
        var pair = SessionPair(
            try .server(clientCA: "ca", ticketKeys: keys), anonymous, resuming: open)
        let missing = failure { () throws(TLSError) in try pair.exchange() }
        #expect(missing == .clientCertificateRefused(reason: "none was sent"))

        // The authority was replaced: the full handshake refuses the old client.
        pair = SessionPair(
            try .server(clientCA: "other-ca", ticketKeys: keys), client, resuming: known)
        let stranger = failure { () throws(TLSError) in try pair.exchange() }
        #expect(
            stranger
                == .clientCertificateRefused(reason: "unable to get local issuer certificate"))
    }

    @Test func `many threads share one context and its keys while they rotate`() async throws {
        let keys = TicketKeys(at: .zero)
        let server = try TLSContext.server(clientCA: "ca", ticketKeys: keys)
        let client = try TLSContext.client(certificate: "client")
        try await withThrowingTaskGroup(of: Int.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    var ticket: ClientTicket?
                    var resumed = 0
                    for round in 0..<50 {
                        let pair = try SessionPair.open(server, client, resuming: ticket)
                        ticket = ClientTicket(of: pair.client)
                        resumed += pair.server.isResumed ? 1 : 0
                        if thread == 0 { keys.rotateIfDue(at: .seconds(60 * round)) }
                    }
                    return resumed
                }
            }
            // The keys rotate once, which costs no resumption.
            for try await resumed in group { #expect(resumed == 49) }
        }
    }

    @Test func `a damaged ticket only costs the full handshake`() throws {
        let keys = TicketKeys(at: .zero)
        let server = try TLSContext.server(ticketKeys: keys)
        let client = try TLSContext.client(.tls12)
        let ticket = try ticket(server, client)
        let pair = SessionPair(server, client, resuming: ticket)
        var hello = pair.client.takeOutput()
        // The ticket is the longest part of the hello; this is within its sealed bytes.
        hello[hello.count / 2] ^= 1
        _ = try pair.server.receive(hello)
        #expect(pair.server.state == .handshaking)
        // A resuming server would have sent its Finished; this one has sent its certificate.
        #expect(pair.server.outputCount > 400)
    }

    private func ticket(
        _ server: TLSContext, _ client: TLSContext, resuming ticket: ClientTicket? = nil,
        resumes: Bool = false
    ) throws -> ClientTicket {
        let pair = try SessionPair.open(server, client, resuming: ticket)
        #expect(pair.server.isResumed == resumes)
        return try #require(ClientTicket(of: pair.client))
    }
}
