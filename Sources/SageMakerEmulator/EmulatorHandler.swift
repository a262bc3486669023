internal import HTTP1
internal import HTTPServer
internal import OpenSSLCrypto
internal import Synchronization

/// Answers the service's requests, `POST /`, and those for the emulator's own paths.
final class EmulatorHandler: RequestHandler {
    private let service: EmulatedService
    private let reader: CallReader
    /// The connection that has the slot of each, where it has carried a request to the service.
    private var used: [Int: ConnectionID] = [:]

    init(_ service: EmulatedService) {
        self.service = service
        reader = CallReader(
            options: service.options,
            signatures: SignatureCheck(
                keys: service.keys, isOn: service.options.checksSignatures))
    }

    func admit(_ head: RequestHead, peer: Peer) -> Admission {
        guard let path = EmulatorPath(head) else {
            let paths = EmulatorPath.allCases.map(\.rawValue).joined(separator: ", ")
            return .refuse(.problem(.notFound, "expected one of \(paths)"))
        }
        guard path.methods.contains(head.method) else {
            var response = Response.problem(.methodNotAllowed, "this path has other methods")
            response.fields.append(("Allow", path.methods.joined(separator: ", ")))
            return .refuse(response)
        }
        return .receive(contentBytesMax: path.contentBytesMax)
    }

    func respond(to request: Request, _ exchange: Exchange) -> Reply {
        // Admission let no other path pass.
        let path = EmulatorPath(request.head) ?? .service
        let reply = answer(path, request, exchange)
        guard service.options.clockOffset != 0, case .now(let response) = reply else {
            return reply
        }
        // The server's own Date would tell the machine's time.
        return .abort(.close(after: response.written(at: service.clock())))
    }

    private func answer(_ path: EmulatorPath, _ request: Request, _ exchange: Exchange) -> Reply {
        switch path {
        case .service where !request.isQueryProtocol: return answerService(request, exchange)
        case .service: return .now(service.answerSTS(request, signatures: reader.signatures))
        case .faults, .journal, .reset: return .now(service.control(path, request))
        case .ssoToken: return .now(service.renewToken(request))
        case .instanceToken, .instanceRoles, .instanceRole, .instanceRegion, .container, .ssoPortal:
            return .now(service.answerMetadata(path, request))
        }
    }

    private func answerService(_ request: Request, _ exchange: Exchange) -> Reply {
        let now = service.clock()
        var call = reader.read(request, at: now)
        let connection = exchange.connection
        call.trace.isOnReusedConnection =
            used.updateValue(connection, forKey: connection.slot) == connection
        let names = ServiceState.FreshNames(random: randomBytes(28))
        let answer = service.state.withLock { $0.answer(call, names, at: now) }
        switch answer {
        case .response(let response): return .now(response)
        case .delayed(let response, let delay):
            // With a clock of its own the reply has a Date of its own, too.
            let late =
                service.options.clockOffset == 0
                ? LateAnswer.response(response) : .bytes(response.written(at: now))
            service.timer.answer(exchange, late, after: delay)
            return .later
        case .drip(let response, let pause):
            service.timer.answer(
                exchange, .drip(response.written(at: now)[...], every: pause), after: pause)
            return .later
        case .cut(let response, let cut):
            return .abort(.close(after: response.written(until: cut, at: now)))
        case .abort(let abort): return .abort(abort)
        case .foreign(let reply): return .abort(.close(after: reply.bytes))
        }
    }
}

extension ServiceState.FreshNames {
    /// - Parameter random: 28 bytes.
    fileprivate init(random: [UInt8]) {
        precondition(random.count == 28, "16 bytes for the request, 12 for the execution")
        var uuid = Array(random[..<16])
        // The version and the variant of a random one (RFC 9562 §5.4).
        uuid[6] = uuid[6] & 0x0F | 0x40
        uuid[8] = uuid[8] & 0x3F | 0x80
        let digits = hexEncoded(uuid).utf8
        requestID = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
            .map {
                String(decoding: digits.dropFirst($0.lowerBound).prefix($0.count), as: UTF8.self)
            }
            .joined(separator: "-")
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let characters = random[16...].map { alphabet[Int($0) % alphabet.count] }
        executionID = String(decoding: characters, as: UTF8.self)
    }
}

extension Response {
    /// This response as it goes over the wire, the last of its connection.
    fileprivate func written(at now: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        let date = Array(HTTPDate.format(epochSeconds: now / 1000).utf8)
        ResponseWriter.append(self, date: date, closes: true, omitsContent: false, to: &bytes)
        return bytes
    }

    /// The front of this response as it goes over the wire.
    fileprivate func written(until cut: ScriptedFault.Cut, at now: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        let date = Array(HTTPDate.format(epochSeconds: now / 1000).utf8)
        ResponseWriter.append(self, date: date, closes: false, omitsContent: false, to: &bytes)
        switch cut {
        // Within the value of Content-Length, the last field.
        case .headers:
            return Array(bytes.prefix(bytes.count - content.count - "\r\n\r\n".utf8.count - 1))
        case .body: return Array(bytes.prefix(bytes.count - content.count / 2))
        }
    }
}
