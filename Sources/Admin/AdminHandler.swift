package import HTTP1
package import HTTPServer
internal import JSON
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
    /// What the bearer of any of these may see; empty where the listener is local.
    package let tokens: [Secret]
    package let metrics: @Sendable () -> PrometheusText
    package let readiness: @Sendable () -> [ReadinessCheck]

    package init(
        tokens: [Secret], metrics: @escaping @Sendable () -> PrometheusText,
        readiness: @escaping @Sendable () -> [ReadinessCheck]
    ) {
        self.tokens = tokens
        self.metrics = metrics
        self.readiness = readiness
    }
}

/// The admin listener's requests: `/healthz`, `/readyz`, `/metrics`.
package final class AdminHandler: RequestHandler {
    private enum Page: String, CaseIterable {
        case healthz = "/healthz"
        case readyz = "/readyz"
        case metrics = "/metrics"

        /// Probes have no way to carry a token, and tell nothing.
        var isOpen: Bool { self != .metrics }
    }

    private let context: AdminContext

    package init(_ context: AdminContext) { self.context = context }

    package func admit(_ head: RequestHead, peer: Peer) -> Admission {
        guard let page = page(head) else {
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
        switch page(request.head) {
        case .healthz: .now(.text(.ok, "ok\n"))
        case .readyz: .now(readiness(context.readiness()))
        case .metrics:
            .now(
                Response(
                    .ok, fields: [("Content-Type", PrometheusText.contentType)],
                    content: Array(context.metrics().text.utf8)))
        case nil: .now(.problem(.notFound, "there is nothing at this path"))
        }
    }

    private func page(_ head: RequestHead) -> Page? {
        Page.allCases.first { head.isPath($0.rawValue) }
    }

    /// RFC 6750 §2.1. Every token is compared, so that the time tells nothing.
    private func isAuthorized(_ head: RequestHead) -> Bool {
        guard !context.tokens.isEmpty else { return true }
        let fields = head.allFields("authorization")
        guard fields.count == 1, let field = fields.first,
            String(decoding: field.prefix(7), as: UTF8.self).lowercased() == "bearer "
        else { return false }
        let given = Secret(Array(field.dropFirst(7)))
        return context.tokens.filter { $0 == given }.count > 0
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
