package import HTTP1
package import HTTPServer
internal import JSON
package import Journal
package import Metrics
package import OpenSSLCrypto

/// One thing that must hold before traffic is sent here.
package struct ReadinessCheck: Sendable {
    package let name: String
    /// Nil when it holds, else what is wrong.
    package let problem: String?
    /// What an operator should know though it holds.
    package let note: String?

    package init(name: String, problem: String?, note: String? = nil) {
        self.name = name
        self.problem = problem
        self.note = note
    }
}

/// What the admin listener shows.
package struct AdminContext: Sendable {
    /// What the bearer of any of these may see, asked for each request; empty where the listener is
    /// local.
    package let tokens: @Sendable () -> [Secret]
    package let metrics: @Sendable () -> PrometheusText
    package let readiness: @Sendable () -> [ReadinessCheck]
    /// Reads the deliveries; nil where nothing is kept.
    package let history: JournalReader?

    package init(
        tokens: @escaping @Sendable () -> [Secret],
        metrics: @escaping @Sendable () -> PrometheusText,
        readiness: @escaping @Sendable () -> [ReadinessCheck], history: JournalReader? = nil
    ) {
        self.history = history
        self.tokens = tokens
        self.metrics = metrics
        self.readiness = readiness
    }
}

/// The admin listener's requests: `/healthz`, `/readyz`, `/metrics`, `/v1/deliveries` and what is
/// below it.
package final class AdminHandler: RequestHandler {
    private enum Page: Equatable {
        case healthz, readyz, metrics, deliveries
        case delivery(id: String)

        init?(_ head: RequestHead) {
            switch head.path {
            case "/healthz": self = .healthz
            case "/readyz": self = .readyz
            case "/metrics": self = .metrics
            case "/v1/deliveries": self = .deliveries
            case let path where path.hasPrefix("/v1/deliveries/"):
                let id = path.dropFirst("/v1/deliveries/".count)
                // An id has no slash, and is not longer than one can be.
                guard !id.isEmpty, !id.contains("/"), id.utf8.count <= 256 else { return nil }
                self = .delivery(id: String(id))
            default: return nil
            }
        }

        /// Probes have no way to carry a token, and tell nothing.
        var isOpen: Bool { self == .healthz || self == .readyz }
    }

    private let context: AdminContext

    package init(_ context: AdminContext) { self.context = context }

    package func admit(_ head: RequestHead, peer: Peer) -> Admission {
        guard let page = Page(head) else {
            return .refuse(.problem(.notFound, "there is nothing at this path"))
        }
        guard head.isMethod("GET") else {
            var response = Response.problem(.methodNotAllowed, "the method here is GET")
            response.fields.append(("Allow", "GET"))
            return .refuse(response)
        }
        guard page.isOpen || isAuthorized(head) else {
            var response = Response.problem(.unauthorized, "an admin token is needed")
            response.fields.append(("WWW-Authenticate", "Bearer"))
            return .refuse(response)
        }
        return .receive(contentBytesMax: 0)
    }

    package func respond(to request: Request, _ exchange: Exchange) -> Reply {
        switch Page(request.head) {
        case .healthz: .now(.text(.ok, "ok\n"))
        case .readyz: .now(readiness(context.readiness()))
        case .metrics:
            .now(
                Response(
                    .ok, fields: [("Content-Type", PrometheusText.contentType)],
                    content: Array(context.metrics().text.utf8)))
        case .deliveries: deliveries(request.head.query, exchange)
        case .delivery(let id): delivery(id, exchange)
        case nil: .now(.problem(.notFound, "there is nothing at this path"))
        }
    }

    private func deliveries(_ query: ArraySlice<UInt8>?, _ exchange: Exchange) -> Reply {
        do throws(QueryFault) {
            let query = try DeliveryQuery(parsing: query)
            return ask(exchange) { (history) throws(JournalError) in
                .json(.ok, try history.deliveries(query).encoded())
            }
        } catch {
            return .now(.problem(.badRequest, error.detail))
        }
    }

    private func delivery(_ id: String, _ exchange: Exchange) -> Reply {
        ask(exchange) { (history) throws(JournalError) in
            guard let delivery = try history.delivery(id: id) else {
                return .problem(.notFound, "there is no such delivery")
            }
            return .json(.ok, delivery.encoded())
        }
    }

    /// Answers later, with what the history says.
    private func ask(
        _ exchange: Exchange,
        _ answer: @escaping @Sendable (any JournalHistory) throws(JournalError) -> Response
    ) -> Reply {
        guard let reader = context.history else {
            return .now(.problem(.notFound, "no deliveries are kept here"))
        }
        let isAsked = reader.ask { history in
            do throws(JournalError) {
                exchange.complete(try answer(try history.get()))
            } catch {
                exchange.complete(.problem(.serviceUnavailable, "\(error)"))
            }
        }
        return isAsked ? .later : .now(.unavailable("too many questions wait"))
    }

    /// RFC 6750 §2.1. Every token is compared, so that the time tells nothing.
    private func isAuthorized(_ head: RequestHead) -> Bool {
        let tokens = context.tokens()
        guard !tokens.isEmpty else { return true }
        let fields = head.allFields("authorization")
        guard fields.count == 1, let field = fields.first,
            String(decoding: field.prefix(7), as: UTF8.self).lowercased() == "bearer "
        else { return false }
        let given = Secret(Array(field.dropFirst(7)))
        return tokens.filter { $0 == given }.count > 0
    }

    private func readiness(_ checks: [ReadinessCheck]) -> Response {
        let isReady = checks.allSatisfy { $0.problem == nil }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("ready")
        writer.bool(isReady)
        writer.name("checks")
        writer.beginObject()
        for check in checks { writer.member(check.name, check.problem ?? check.note ?? "ok") }
        writer.endObject()
        writer.endObject()
        return .json(isReady ? .ok : .serviceUnavailable, writer.bytes)
    }
}
