import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isPossible)) struct DataTests {
    @Test(arguments: [TLSVersion.tls12, .tls13], [1000, 1460, 16_384, 1 << 20])
    func `a large transfer arrives through pieces of any size`(
        version: TLSVersion, piece: Int
    ) throws {
        var pair = try SessionPair.open(.server(), .client(version))
        let content = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 7) }
        var sent = 0
        while sent < content.count {
            sent += try pair.server.write(content[sent...].prefix(300_000))
            try pair.exchange(piece: piece)
        }
        #expect(pair.clientPlaintext == content)
    }

    @Test func `output is bounded, and goes on when it was taken`() throws {
        let pair = try SessionPair.open(.server(), .client())
        let content = [UInt8](repeating: 1, count: 500_000)
        let first = try pair.server.write(content)
        #expect(first == TLSLimits.writeAheadBytesMax)
        #expect(pair.server.outputCount >= TLSLimits.writeAheadBytesMax)
        #expect(pair.server.outputCount < TLSLimits.writeAheadBytesMax + (17 << 10))
        #expect(try pair.server.write(content) == 0)
        let taken = pair.server.takeOutput()
        #expect(try pair.server.write(content) > 0)
        #expect(try pair.client.receive(taken) == [UInt8](repeating: 1, count: first))
    }

    @Test func `output that was sent in part goes on where it stopped`() throws {
        let pair = try SessionPair.open(.server(), .client())
        try pair.server.write("one".utf8)
        var stream: [UInt8] = []
        pair.server.withOutput { bytes in
            stream += bytes.prefix(5)
            return 5
        }
        try pair.server.write("two".utf8)
        pair.server.withOutput { bytes in
            stream += bytes
            return bytes.count
        }
        #expect(pair.server.outputCount == 0)
        #expect(try pair.client.receive(stream) == Array("onetwo".utf8))
    }

    @Test func `one record of the largest size arrives whole`() throws {
        let pair = try SessionPair.open(.server(), .client())
        let content = [UInt8](repeating: 3, count: TLSLimits.recordBytesMax)
        #expect(try pair.client.write(content) == content.count)
        let record = pair.client.takeOutput()
        #expect(try pair.server.receive(record.dropLast()) == [])
        // All its plaintext comes with its last byte, more than that call brought.
        #expect(try pair.server.receive(record.suffix(1)) == content)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `an announced end is not a truncation, and we may still answer`(
        version: TLSVersion
    ) throws {
        let pair = try SessionPair.open(.server(), .client(version))
        try pair.client.write("last".utf8)
        pair.client.close()
        let stream = pair.client.takeOutput()
        #expect(try pair.server.receive(stream + [1, 2, 3]) == Array("last".utf8))
        #expect(pair.server.state == .peerClosed)
        #expect(try pair.server.receive([22, 3, 3, 0]) == [])
        try pair.server.receiveEnd()
        try pair.server.write("answer".utf8)
        pair.server.close()
        pair.server.close()
        #expect(try pair.client.receive(pair.server.takeOutput()) == Array("answer".utf8))
        #expect(pair.client.state == .peerClosed)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `an end without close_notify is a truncation`(version: TLSVersion) throws {
        let pair = try SessionPair.open(.server(), .client(version))
        try pair.client.write("half".utf8)
        _ = try pair.server.receive(pair.client.takeOutput().dropLast())
        #expect(failure { () throws(TLSError) in try pair.server.receiveEnd() } == .truncated)
        #expect(pair.server.state == .failed(.truncated))
        let young = TLSSession(try .server())
        #expect(failure { () throws(TLSError) in try young.receiveEnd() } == .truncated)
    }

    @Test func `closing within the handshake says nothing`() throws {
        let server = TLSSession(try .server())
        server.close()
        #expect(server.outputCount == 0)
    }

    @Test func `limits fit together`() {
        #expect(TLSLimits.recordBytesMax == 16_384)
        #expect(TLSLimits.clientChainBytesMax < TLSLimits.handshakeBytesMax)
        #expect(
            TLSLimits.writeAheadBytesMax + TLSLimits.chainBytesMax + 2 * TLSLimits.recordBytesMax
                < TLSLimits.outputBytesMax)
    }
}
