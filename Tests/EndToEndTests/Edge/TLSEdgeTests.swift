import Foundation
import TestSupport
import Testing

/// TLS as clients see it that are not our own.
@Suite(.serialized, .timeLimit(.minutes(5))) struct TLSEdgeTests {
    /// Certificates in the gateway's folder: `server` and `renewed`, `client` and `stranger`.
    private static let script = #"""
        ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        for ca in ca other-ca; do
            openssl req -x509 $ec -keyout $ca.key -out $ca.crt -subj "/CN=$ca" -days 30 \
                -addext basicConstraints=critical,CA:TRUE
        done
        sign() { # NAME CA SUBJECT NAMES
            printf "basicConstraints=CA:FALSE\nsubjectAltName=$4\n" > $1.ext
            openssl req $ec -utf8 -keyout $1.key -out $1.csr -subj "$3"
            openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -days 30 -extfile $1.ext -out $1.crt
        }
        sign server ca /CN=localhost DNS:localhost
        sign renewed ca /CN=localhost DNS:localhost
        sign client ca /O=Acme/CN=build-7 DNS:build-7.acme.example,URI:spiffe://acme/build
        sign stranger other-ca /O=Acme/CN=build-7 DNS:build-7.acme.example
        """#

    private static func makeCertificates(_ fixture: GatewayFixture) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-euc", script]
        process.currentDirectoryURL = fixture.folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw HooklineProcess.Failure(description: "openssl could not make certificates")
        }
    }

    private final class Fixture {
        let gateway: OpenGateway
        let client: TLSClient

        init(
            tls: String = "", limits: String = "",
            prepare: (GatewayFixture) throws -> Void = { _ in }
        ) throws {
            gateway = try OpenGateway(
                limits: limits, extra: "tls: {certificate: server.crt, key: server.key\(tls)}"
            ) { fixture in
                try makeCertificates(fixture)
                try prepare(fixture)
            }
            client = try TLSClient()
        }

        func path(_ name: String) -> String {
            gateway.fixture.folder.appendingPathComponent(name).path
        }

        func open(_ name: String, _ more: [String: String] = [:]) throws -> TLSClient.Reply {
            var words = [
                "do": "open", "name": name, "port": "\(gateway.port)", "ca": path("ca.crt"),
            ]
            words.merge(more) { $1 }
            return try client.call(words)
        }

        /// - Parameter finish: Whether the client ends its side in the same segment.
        func exchange(_ text: String, finish: Bool = false) throws -> TLSClient.Reply {
            var words = [
                "do": "exchange", "port": "\(gateway.port)", "ca": path("ca.crt"), "text": text,
            ]
            if finish { words["finish"] = "yes" }
            return try client.call(words)
        }

        func open(_ name: String, as certificate: String) throws -> TLSClient.Reply {
            try open(
                name,
                ["certificate": path("\(certificate).crt"), "key": path("\(certificate).key")])
        }

        func status(
            _ name: String, _ text: String = OpenGateway.health
        ) throws -> Int? {
            let reply = try client.call(["do": "request", "name": name, "text": text])
            return reply.error == nil ? reply.response.map { Answer($0).status } : nil
        }

        func replaceCertificate(by name: String) throws {
            for kind in ["crt", "key"] {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path("\(name).\(kind)")))
                try bytes.write(to: URL(fileURLWithPath: path("server.\(kind)")), options: .atomic)
            }
        }

        func timesLoaded() -> Int {
            let log = gateway.fixture.gateway?.errors ?? ""
            return log.components(separatedBy: "loaded anew").count - 1
        }
    }

    @Test func `send reaches a gateway by a certificate that the system does not know`() throws {
        let fixture = try Fixture()
        let folder = fixture.gateway.fixture
        try folder.write(
            GatewayFixture.pushPayload(after: GatewayFixture.commit(1)), to: "push.json")
        let port = fixture.gateway.port
        for (host, certificate, status) in [
            ("localhost", "server.crt", 0), ("localhost", "ca.crt", 0),
            ("localhost", "other-ca.crt", 1), ("127.0.0.1", "server.crt", 1),
            ("localhost", "missing.crt", 1),
        ] {
            let process = try folder.run([
                "send", "--source", "open", "--event", "push", "--payload", "push.json",
                "--url", "https://\(host):\(port)/hooks/open", "--ca-certificate", certificate,
            ])
            #expect(try process.waitForExit() == status, "\(host) \(certificate)")
            if status == 0 { #expect(process.output.hasPrefix("200\n")) }
            let isTold = process.errors.contains("see --ca-certificate")
            #expect(isTold == (status != 0 && certificate != "missing.crt"), "\(process.errors)")
        }
    }

    @Test func `speaks TLS 1.2 and 1.3 and nothing older`() throws {
        let fixture = try Fixture()
        for version in ["TLSv1_2", "TLSv1_3"] {
            let opened = try fixture.open(version, ["min": version, "max": version])
            #expect(opened.version == version.replacing("_", with: "."), "\(opened)")
            #expect(try fixture.status(version) == 200)
            #expect(try fixture.status(version, OpenGateway.post()) == 200)
        }
        for version in ["TLSv1", "TLSv1_1"] {
            let refused = try fixture.open(version, ["min": version, "max": version])
            #expect(refused.version == nil)
            // The server's alert; not a client that does not dare to try.
            #expect(refused.error?.localizedCaseInsensitiveContains("alert") == true, "\(refused)")
        }
        #expect(try fixture.gateway.metric("hookline_tls_handshake_failures_total") == 2)
    }

    @Test func `agrees on http/1.1 by ALPN and on nothing else`() throws {
        let fixture = try Fixture()
        #expect(try fixture.open("a", ["alpn": "h2,http/1.1"]).alpn == "http/1.1")
        #expect(try fixture.status("a") == 200)
        let other = try fixture.open("b", ["alpn": "h2"])
        #expect(other.error != nil || other.alpn == nil, "\(other)")
        #expect(try fixture.open("c").alpn == nil)
        #expect(try fixture.status("c") == 200)
    }

    @Test func `a session is resumed by its ticket`() throws {
        let fixture = try Fixture()
        #expect(try fixture.open("a").reused == false)
        #expect(try fixture.status("a") == 200)
        #expect(try fixture.open("b", ["resume": "a"]).reused == true)
        #expect(try fixture.status("b") == 200)
    }

    @Test func `a client that has ended its side gets all its answers, and the end announced`()
        throws
    {
        let fixture = try Fixture()
        for (text, statuses) in [
            (OpenGateway.health, [200]), (OpenGateway.health + OpenGateway.post(), [200, 200]),
            (OpenGateway.post() + OpenGateway.post() + OpenGateway.health, [200, 200, 200]),
            (OpenGateway.health + "GET /cut", [200]), ("", []),
        ] {
            let reply = try fixture.exchange(text, finish: true)
            let answers = Responses(reply.response ?? "", omitsContent: false).all
            #expect(answers.map(\.status) == statuses, "\(text)")
            #expect(reply.notified == true, "\(text)")
        }
        #expect(try fixture.exchange(OpenGateway.lastHealth).notified == true)
    }

    @Test func `an idle connection's end is announced`() throws {
        let fixture = try Fixture(limits: "headerTimeout: 300ms, idleTimeout: 300ms")
        for text in ["", OpenGateway.health] {
            #expect(try fixture.exchange(text).notified == true)
        }
    }

    @Test func `plain HTTP at the port of TLS is told so`() throws {
        let fixture = try Fixture()
        let client = try fixture.gateway.client()
        client.send(OpenGateway.health)
        let answer = Answer(client.receiveAll())
        #expect(answer.status == 400)
        #expect(answer.has("Connection: close"))
        #expect(answer.content.contains("TLS"))
    }

    @Test func `a handshake that does not end is given up`() throws {
        let fixture = try Fixture(limits: "handshakeTimeout: 300ms, headerTimeout: 300s")
        // The beginning of a record with a ClientHello in it.
        for part in ["", "\u{16}\u{3}\u{1}\u{1}"] {
            let client = try fixture.gateway.client()
            client.send(part)
            #expect(client.receiveAll().isEmpty)
            #expect(client.wasEnded)
        }
        #expect(try fixture.open("a").error == nil)
        #expect(try fixture.status("a") == 200)
    }

    @Test func `what is no TLS is refused, and others are served`() throws {
        let fixture = try Fixture(limits: "handshakeTimeout: 500ms")
        for text in ["\u{16}\u{3}\u{1}\u{0}\u{2}ab", "\u{0}\u{1}", "SSH-2.0-x\r\n"] {
            let client = try fixture.gateway.client()
            client.send(text)
            _ = client.receiveAll()
            #expect(client.wasEnded, "\(text.debugDescription)")
        }
        #expect(try fixture.open("a").error == nil)
        #expect(try fixture.status("a") == 200)
    }

    @Test func `with clientCA only its clients are served, and rules know them`() throws {
        let fixture = try Fixture(tls: ", clientCA: ca.crt") { fixture in
            try fixture.startEmulator()
            try fixture.write(
                """
                rules:
                  - name: who
                    source: open
                    when: client.subject.contains("build-7") && client.address == "127.0.0.1"
                    start:
                      PipelineName: p
                      PipelineParameters:
                        Subject: ${client.subject}
                        Names: ${client.names.join(" ")}

                """, to: "rules/who.yaml")
        }
        for name in ["nobody", "stranger"] {
            let opened = try name == "nobody" ? fixture.open(name) : fixture.open(name, as: name)
            // A client of TLS 1.3 hears of its refusal with the first answer only (RFC 8446 §4.4.4).
            guard opened.error == nil else { continue }
            #expect(try fixture.status(name) == nil, "\(name)")
        }
        #expect(try fixture.open("client", as: "client").error == nil)
        let push = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        #expect(
            try fixture.status("client", OpenGateway.post(push, fields: Self.pushFields)) == 202)
        let gateway = fixture.gateway.fixture
        try waitUntil("the start") { try gateway.journal().executionsCreated == 1 }
        let parameters = try gateway.journal().requests.first?.parameters
        #expect(parameters?["Subject"]?.contains("CN=build-7") == true, "\(parameters ?? [:])")
        #expect(parameters?["Names"]?.contains("build-7.acme.example") == true)
        #expect(parameters?["Names"]?.contains("spiffe://acme/build") == true)
    }

    private static let pushFields = "X-GitHub-Event: push\r\nX-GitHub-Delivery: d\r\n"

    @Test func `certificates are replaced while connections stay, at a change and at SIGHUP`()
        throws
    {
        let fixture = try Fixture()
        let first = try fixture.open("first")
        #expect(try fixture.status("first") == 200)
        try fixture.replaceCertificate(by: "renewed")
        try waitUntil("the change") { fixture.timesLoaded() > 0 }
        // A change between the two files is told, and the next look finds both.
        try waitUntil("the renewed certificate") {
            try fixture.open("second").serial != first.serial
        }
        #expect(try fixture.status("second") == 200)
        #expect(try fixture.status("first") == 200)

        let loaded = fixture.timesLoaded()
        fixture.gateway.fixture.gateway?.send(SIGHUP)
        try waitUntil("SIGHUP") { fixture.timesLoaded() > loaded }
        #expect(try fixture.status("first") == 200)
        #expect(try fixture.status("second") == 200)
    }

    @Test func `a certificate that is none is refused at a reload, and the old one stays`() throws {
        let fixture = try Fixture()
        let first = try fixture.open("first")
        try fixture.gateway.fixture.write("no certificate", to: "server.crt")
        fixture.gateway.fixture.gateway?.send(SIGHUP)
        try waitUntil("the refusal") {
            fixture.gateway.fixture.gateway?.errors.contains("server.crt") == true
        }
        #expect(try fixture.open("second").serial == first.serial)
        #expect(try fixture.status("second") == 200)
        #expect(try fixture.status("first") == 200)
    }

    @Test func `a drain ends TLS in order`() throws {
        let fixture = try Fixture()
        #expect(try fixture.open("a").error == nil)
        #expect(try fixture.status("a") == 200)
        fixture.gateway.fixture.gateway?.send(SIGTERM)
        #expect(try fixture.gateway.fixture.gateway?.waitForExit() == 0)
    }
}
