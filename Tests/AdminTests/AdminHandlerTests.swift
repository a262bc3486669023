import Admin
import HTTP1
import HTTPServer
import Metrics
import OpenSSLCrypto
import Synchronization
import TestSupport
import Testing

private final class Health: Sendable {
    let problem = Mutex<String?>(nil)
}

private final class Fixture {
    let health = Health()
    let server: RunningServer

    init(tokens: [String] = []) throws {
        let health = health
        let context = AdminContext(
            tokens: { tokens.map { Secret($0) } },
            metrics: {
                var text = PrometheusText()
                text.append(gauge: "g", help: "G.", 1)
                return text
            },
            readiness: {
                [ReadinessCheck(name: "store", problem: health.problem.withLock { $0 })]
            })
        server = try RunningServer([.tcp(host: "127.0.0.1", port: 0)]) { AdminHandler(context) }
    }

    deinit { server.drain() }

    func answer(_ line: String, fields: String = "") throws -> String {
        guard case .tcp(_, let port) = server.addresses[0] else { return "" }
        let client = try LoopbackClient(port: port)
        client.send("\(line) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(fields)\r\n")
        return client.receiveAll()
    }
}

@Suite struct AdminHandlerTests {
    @Test func `probes and metrics answer`() throws {
        let fixture = try Fixture()
        #expect(try fixture.answer("GET /healthz").hasPrefix("HTTP/1.1 200 "))
        #expect(
            try fixture.answer("GET /readyz").hasSuffix(#"{"ready":true,"checks":{"store":"ok"}}"#))
        let metrics = try fixture.answer("GET /metrics")
        #expect(metrics.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(metrics.hasSuffix("# HELP g G.\n# TYPE g gauge\ng 1\n"))
    }

    @Test func `readiness says what is wrong, liveness does not mind`() throws {
        let fixture = try Fixture()
        fixture.health.problem.withLock { $0 = "no \"disk\"" }
        let answer = try fixture.answer("GET /readyz")
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.hasSuffix(#"{"ready":false,"checks":{"store":"no \"disk\""}}"#))
        #expect(try fixture.answer("GET /healthz").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func `other paths and methods are refused`() throws {
        let fixture = try Fixture()
        #expect(try fixture.answer("GET /nothing").hasPrefix("HTTP/1.1 404 "))
        let answer = try fixture.answer("POST /metrics")
        #expect(answer.hasPrefix("HTTP/1.1 405 "))
        #expect(answer.contains("Allow: GET\r\n"))
        #expect(try fixture.answer("HEAD /healthz").hasSuffix("\r\n\r\n"))
    }

    @Test func `metrics need a token where there are tokens, probes never`() throws {
        let fixture = try Fixture(tokens: ["one", "two"])
        let refused = try fixture.answer("GET /metrics")
        #expect(refused.hasPrefix("HTTP/1.1 401 "))
        #expect(refused.contains("WWW-Authenticate: Bearer\r\n"))
        for fields in [
            "Authorization: Bearer three\r\n", "Authorization: Bearer on\r\n",
            "Authorization: Basic one\r\n", "Authorization: one\r\n",
            "Authorization: Bearer one\r\nAuthorization: Bearer one\r\n",
        ] {
            #expect(try fixture.answer("GET /metrics", fields: fields).hasPrefix("HTTP/1.1 401 "))
        }
        for token in ["one", "two"] {
            let fields = "Authorization: Bearer \(token)\r\n"
            #expect(try fixture.answer("GET /metrics", fields: fields).hasPrefix("HTTP/1.1 200 "))
        }
        #expect(try fixture.answer("GET /readyz").hasPrefix("HTTP/1.1 200 "))
    }
}
