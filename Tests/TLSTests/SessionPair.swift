import TLS
import Testing

/// A client and a server that hand their bytes to each other.
struct SessionPair {
    let server: TLSSession
    let client: TLSSession
    var serverPlaintext: [UInt8] = []
    var clientPlaintext: [UInt8] = []

    init(_ server: TLSContext, _ client: TLSContext, resuming ticket: ClientTicket? = nil) {
        self.server = TLSSession(server)
        self.client = TLSSession(client, resuming: ticket)
    }

    /// A pair whose handshake is done.
    static func open(
        _ server: TLSContext, _ client: TLSContext, resuming ticket: ClientTicket? = nil
    ) throws -> SessionPair {
        var pair = SessionPair(server, client, resuming: ticket)
        try pair.exchange()
        #expect(pair.server.state == .open)
        #expect(pair.client.state == .open)
        return pair
    }

    /// Carries bytes both ways until both sides are quiet.
    /// - Parameter piece: The most bytes handed over at once.
    mutating func exchange(piece: Int = .max) throws(TLSError) {
        while client.outputCount + server.outputCount > 0 {
            for part in client.takeOutput().pieces(of: piece) {
                serverPlaintext += try server.receive(part)
            }
            for part in server.takeOutput().pieces(of: piece) {
                clientPlaintext += try client.receive(part)
            }
        }
    }
}

extension TLSSession {
    /// As ``receive(_:into:)``, with room of its own.
    func receive(_ bytes: some Collection<UInt8>) throws(TLSError) -> [UInt8] {
        let bytes = Array(bytes)
        var room = [UInt8](repeating: 0, count: bytes.count + TLSLimits.recordBytesMax)
        var result = Result<Int, TLSError>.success(0)
        bytes.withUnsafeBytes { bytes in
            room.withUnsafeMutableBytes { room in
                do throws(TLSError) {
                    result = .success(try receive(bytes, into: room))
                } catch {
                    result = .failure(error)
                }
            }
        }
        return Array(room.prefix(try result.get()))
    }

    /// As ``write(_:)``.
    @discardableResult
    func write(_ bytes: some Collection<UInt8>) throws(TLSError) -> Int {
        var result = Result<Int, TLSError>.success(0)
        Array(bytes).withUnsafeBytes { bytes in
            do throws(TLSError) {
                result = .success(try write(bytes))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}

extension Array<UInt8> {
    func pieces(of count: Int) -> [ArraySlice<UInt8>] {
        guard count < self.count else { return isEmpty ? [] : [self[...]] }
        return stride(from: 0, to: self.count, by: count).map {
            self[$0..<Swift.min($0 + count, self.count)]
        }
    }
}

/// The error that something throws.
func failure(_ body: () throws(TLSError) -> Void) -> TLSError? {
    do throws(TLSError) {
        try body()
        return nil
    } catch {
        return error
    }
}
