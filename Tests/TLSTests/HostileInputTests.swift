import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isPossible)) struct HostileInputTests {
    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a handshake split at every byte is the same`(version: TLSVersion) throws {
        let server = try TLSContext.server(clientCA: "ca")
        let client = try TLSContext.client(version, certificate: "client")
        var offset = 0
        var splits = 0
        // One handshake for each offset, over both flights of the client.
        while true {
            let pair = SessionPair(server, client)
            var left = offset
            var reached = false
            while pair.client.outputCount > 0 {
                let flight = pair.client.takeOutput()
                if (1..<flight.count).contains(left) {
                    reached = true
                    _ = try pair.server.receive(flight[..<left])
                    _ = try pair.server.receive(flight[left...])
                } else {
                    _ = try pair.server.receive(flight)
                }
                left -= flight.count
                _ = try pair.client.receive(pair.server.takeOutput())
            }
            #expect(pair.server.state == .open, "split at \(offset)")
            #expect(pair.server.peerCertificate != nil)
            if reached { splits += 1 } else if offset > 0, left >= 0 { break }
            offset += 1
        }
        #expect(splits > 800)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `bytes one at a time are the same`(version: TLSVersion) throws {
        var pair = SessionPair(
            try .server(clientCA: "ca"), try .client(version, certificate: "client"))
        try pair.exchange(piece: 1)
        try pair.client.write([UInt8](repeating: 5, count: 40_000))
        try pair.exchange(piece: 1)
        #expect(pair.serverPlaintext == [UInt8](repeating: 5, count: 40_000))
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `records split at every byte give the same plaintext`(version: TLSVersion) throws {
        let pair = try SessionPair.open(.server(), .client(version))
        let message = Array("a webhook".utf8)
        var offset = 0
        while true {
            try pair.client.write(message)
            try pair.client.write(message)
            let records = pair.client.takeOutput()
            guard offset <= records.count else { break }
            let first = try pair.server.receive(records[..<offset])
            let second = try pair.server.receive(records[offset...])
            #expect(first + second == message + message)
            offset += 1
        }
        #expect(offset > 60)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a changed handshake byte fails or is harmless, and never traps`(
        version: TLSVersion
    ) throws {
        let server = try TLSContext.server(clientCA: "ca")
        let client = try TLSContext.client(version, certificate: "client")
        var random = SplitMix(state: 42)
        var refused = 0
        for round in 0..<1500 {
            let pair = SessionPair(server, client)
            var flights = 0
            let broken = round % 2
            do throws(TLSError) {
                while pair.client.outputCount > 0 {
                    var flight = pair.client.takeOutput()
                    if flights == broken { random.damage(&flight) }
                    flights += 1
                    _ = try pair.server.receive(flight)
                    // The client may be the one that notices.
                    do throws(TLSError) {
                        _ = try pair.client.receive(pair.server.takeOutput())
                    } catch {}
                }
                #expect(flights == 1 || pair.server.state != .failed(.truncated))
            } catch {
                refused += 1
                #expect(pair.server.state == .failed(error))
            }
        }
        #expect(refused > 900)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `a changed record never gives plaintext`(version: TLSVersion) throws {
        let server = try TLSContext.server()
        let client = try TLSContext.client(version)
        for position in 0..<40 {
            let pair = try SessionPair.open(server, client)
            try pair.client.write("a webhook's content".utf8)
            var record = pair.client.takeOutput()
            guard position < record.count else { continue }
            record[position] ^= 0x10
            var plaintext: [UInt8] = []
            let error = failure { () throws(TLSError) in
                plaintext = try pair.server.receive(record)
                try pair.server.receiveEnd()
            }
            #expect(plaintext == [])
            #expect(error != nil, "position \(position)")
        }
    }

    @Test func `seeded garbage is refused`() throws {
        let context = try TLSContext.server()
        var random = SplitMix(state: 7)
        for _ in 0..<2000 {
            let server = TLSSession(context)
            let count = Int(random.next() % 600) + 11
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let error = failure { () throws(TLSError) in
                _ = try server.receive(bytes)
                try server.receiveEnd()
            }
            #expect(error != nil)
            #expect(server.state == error.map { .failed($0) })
        }
    }

    @Test func `an error stays, for every later call`() throws {
        let server = TLSSession(try .server())
        let first = failure { () throws(TLSError) in _ = try server.receive([9, 9, 9, 9, 9, 9, 9]) }
        let reason = try #require(first)
        #expect(failure { () throws(TLSError) in _ = try server.receive([22]) } == reason)
        #expect(failure { () throws(TLSError) in try server.write([1]) } == reason)
        #expect(failure { () throws(TLSError) in try server.receiveEnd() } == reason)
        server.close()
        #expect(server.state == .failed(reason))
    }

    @Test func `a handshake of the largest size waits, one byte more fails`() throws {
        // A ClientHello that says it has 120,000 bytes, in records of 16 KiB.
        let server = TLSSession(try .server())
        var stream: [UInt8] = []
        var message: [UInt8] = [1, 0x01, 0xD4, 0xC0] + [UInt8](repeating: 0, count: 120_000)
        message[4...5] = [3, 3]
        for part in message.pieces(of: TLSLimits.recordBytesMax) {
            stream += [22, 3, 1, UInt8(part.count >> 8), UInt8(part.count & 0xFF)] + part
        }
        _ = try server.receive(stream[..<TLSLimits.handshakeBytesMax])
        #expect(server.state == .handshaking)
        let error = failure { () throws(TLSError) in
            _ = try server.receive(
                stream[TLSLimits.handshakeBytesMax...TLSLimits.handshakeBytesMax])
        }
        #expect(error == .handshakeTooLarge(limit: 65_536))
    }

    @Test func `a peer that asks for new keys without end and never reads is stopped`() throws {
        let pair = try SessionPair.open(.server(), .client(.tls13))
        var error: TLSError?
        var updates = 0
        while error == nil, updates < 100_000 {
            pair.client.requestNewKeys()
            updates += 1
            error = failure { () throws(TLSError) in
                _ = try pair.server.receive(pair.client.takeOutput())
            }
            #expect(pair.server.outputCount <= TLSLimits.outputBytesMax)
        }
        #expect(error == .outputTooLarge(limit: 262_144))
    }

    @Test func `a client of 1.2 cannot renegotiate`() throws {
        let pair = try SessionPair.open(.server(), .client(.tls12))
        pair.client.requestNewKeys()
        let hello = pair.client.takeOutput()
        #expect(hello.count > 100)
        #expect(try pair.server.receive(hello) == [])
        // RFC 5246 §7.2.2: the answer is a warning, and the connection goes on if the client likes.
        #expect(pair.server.state == .open)
        #expect(pair.server.outputCount < 50)
        let error = failure { () throws(TLSError) in
            _ = try pair.client.receive(pair.server.takeOutput())
        }
        #expect(error == .recordRefused(reason: "no renegotiation"))
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Changes, removes or repeats a few bytes.
    mutating func damage(_ bytes: inout [UInt8]) {
        let position = Int(next() % UInt64(bytes.count))
        switch next() % 4 {
        case 0: bytes[position] ^= 1 << UInt8(next() % 8)
        case 1: bytes.remove(at: position)
        case 2: bytes.insert(UInt8(truncatingIfNeeded: next()), at: position)
        default: bytes[position] = UInt8(truncatingIfNeeded: next())
        }
    }
}
