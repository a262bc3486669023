internal import HTTP1
internal import HTTPServer
internal import JSON
internal import Synchronization

// The emulator's own paths: what the service has seen, and what is to go wrong.

extension EmulatedService {
    func control(_ path: EmulatorPath, _ request: Request) -> Response {
        switch path {
        case .service, .container, .instanceToken, .instanceRoles, .instanceRole, .instanceRegion,
            .ssoPortal, .ssoToken:
            preconditionFailure("what is AWS's own is answered elsewhere")
        case .journal: return .json(.ok, journalJSON())
        case .reset:
            reset()
            return Response(.noContent)
        case .faults: return controlFaults(request)
        }
    }

    private func controlFaults(_ request: Request) -> Response {
        do throws(EmulatorError) {
            switch request.head.method {
            case "POST": try append(FaultScript(parsing: Array(request.content)))
            case "PUT": try replace(FaultScript(parsing: Array(request.content)))
            case "DELETE": replace(FaultScript())
            default: break
            }
        } catch {
            return .refusal(error)
        }
        return .json(.ok, state.withLock { $0.faults }.encoded())
    }

    func append(_ script: FaultScript) throws(EmulatorError) {
        try state.withLock { state throws(EmulatorError) in try state.faults.append(script) }
    }

    func replace(_ script: FaultScript) { state.withLock { $0.faults = script } }

    private func journalJSON() -> [UInt8] {
        let (seen, created, journal) = state.withLock {
            ($0.requestsSeen, $0.executionsCreated, $0.journal)
        }
        var writer = JSONWriter(capacity: 1024 + 512 * journal.entries.count)
        writer.beginObject()
        writer.name("requestsSeen")
        writer.int(seen)
        writer.name("executionsCreated")
        writer.int(created)
        writer.name("requests")
        writer.beginArray()
        for entry in journal.entries { entry.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension Response {
    /// A problem (RFC 9457) whose detail may quote the request.
    fileprivate static func refusal(_ error: EmulatorError) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("title", HTTPStatus.badRequest.reasonPhrase)
        writer.name("status")
        writer.int(HTTPStatus.badRequest.rawValue)
        writer.member("detail", error.description)
        writer.endObject()
        return Response(
            .badRequest, fields: [("Content-Type", "application/problem+json")],
            content: writer.bytes)
    }
}
