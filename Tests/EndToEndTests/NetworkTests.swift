import Foundation
import OpenSSLCrypto
import Testing

/// How AWS is reached through what companies put before it, and where credentials are fetched.
@Suite(.serialized, .timeLimit(.minutes(5))) struct NetworkTests {
    private func push(_ fixture: GatewayFixture, _ delivery: String = "d") throws {
        let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        #expect(try fixture.push(payload, delivery: delivery).status == 202)
    }

    /// Starts one pipeline with a gateway of the fixture's configuration.
    private func start(_ fixture: GatewayFixture) throws {
        try fixture.startGateway()
        try push(fixture)
        try waitUntil("the start; \(fixture.gateway?.errors ?? "")") {
            try fixture.journal().executionsCreated == 1
        }
        try fixture.killGateway()
    }

    private func fixture() throws -> GatewayFixture {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.writeRule()
        return fixture
    }

    @Test(arguments: [true, false])
    func `a private endpoint's certificate is trusted by AWS_CA_BUNDLE or ca_bundle`(
        byVariable: Bool
    ) throws {
        let fixture = try fixture()
        let relay = try Relay.tls(to: fixture.emulatorPort, in: fixture.folder)
        try fixture.writeConfiguration(endpoint: "https://127.0.0.1:\(relay.port)")
        let bundle = fixture.folder.appendingPathComponent("relay.crt").path
        if byVariable {
            fixture.environment["AWS_CA_BUNDLE"] = bundle
        } else {
            fixture.environment["AWS_CONFIG_FILE"] = "aws-config"
            try fixture.write("[default]\nca_bundle = \(bundle)\n", to: "aws-config")
        }
        try start(fixture)
        #expect(relay.lines == ["tls"])
    }

    @Test func `a certificate that no authority vouches for is spoken to by nobody`() throws {
        let fixture = try fixture()
        let relay = try Relay.tls(to: fixture.emulatorPort, in: fixture.folder)
        try fixture.writeConfiguration(endpoint: "https://127.0.0.1:\(relay.port)")
        try fixture.startGateway()
        try push(fixture)
        try waitUntil("the attempt") {
            try fixture.get("/metrics", port: fixture.adminPort).content
                .contains(#"hookline_start_attempts_total{outcome="retried"} 1"#)
        }
        #expect(try fixture.journal().requestsSeen == 0)
        #expect(relay.lines.allSatisfy { $0.hasPrefix("refused by the client") })
        #expect(fixture.gateway?.errors.contains("certificate") ?? false)
    }

    @Test(arguments: ["missing.crt", "empty.crt"])
    func `a bundle that is missing or holds no certificate is told`(name: String) throws {
        let fixture = try fixture()
        try fixture.writeConfiguration(endpoint: "https://127.0.0.1:1")
        try fixture.write("", to: "empty.crt")
        let path = fixture.folder.appendingPathComponent(name).path
        fixture.environment["AWS_CA_BUNDLE"] = path
        let process = try fixture.run(["check", "--aws"])
        #expect(try process.waitForExit() != 0)
        #expect(process.errors.contains(path), "\(process.errors)")
    }

    @Test(arguments: ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
    func `AWS is reached through the proxy of the environment`(variable: String) throws {
        let fixture = try fixture()
        let relay = try Relay.tls(to: fixture.emulatorPort, in: fixture.folder)
        let proxy = try Relay.proxy(in: fixture.folder)
        try fixture.writeConfiguration(endpoint: "https://127.0.0.1:\(relay.port)")
        fixture.environment["AWS_CA_BUNDLE"] =
            fixture.folder.appendingPathComponent("relay.crt").path
        fixture.environment[variable] = "http://127.0.0.1:\(proxy.port)"
        try start(fixture)
        #expect(proxy.lines == ["CONNECT 127.0.0.1:\(relay.port)"])
    }

    @Test func `a proxy that says no is told with its answer`() throws {
        let fixture = try fixture()
        let proxy = try Relay.proxy(in: fixture.folder, denies: true)
        try fixture.writeConfiguration(endpoint: "https://127.0.0.1:1")
        fixture.environment["https_proxy"] = "http://127.0.0.1:\(proxy.port)"
        try fixture.startGateway()
        try push(fixture)
        try waitUntil("the attempt; \(fixture.gateway?.errors ?? "")") {
            fixture.gateway?.errors.contains("the proxy answered 403") ?? false
        }
        #expect(proxy.lines.allSatisfy { $0 == "CONNECT 127.0.0.1:1" })
    }

    @Test func `plain http goes through http_proxy, and what no_proxy names through none`() throws {
        let plain = try fixture()
        let proxy = try Relay.proxy(in: plain.folder)
        try plain.writeConfiguration()
        plain.environment["http_proxy"] = "http://127.0.0.1:\(proxy.port)"
        try start(plain)
        #expect(proxy.lines == ["POST http://127.0.0.1:\(plain.emulatorPort)/"])
        let direct = try fixture()
        try direct.writeConfiguration()
        // Nobody listens there.
        direct.environment["http_proxy"] = "http://127.0.0.1:1"
        direct.environment["no_proxy"] = "example.com,127.0.0.1"
        try start(direct)
    }

    @Test(arguments: [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "/emulator/container-credentials"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", ""),
    ])
    func `metadata services are asked directly, and the rest through the proxy`(
        variable: String, path: String
    ) throws {
        let fixture = try fixture()
        let proxy = try Relay.proxy(in: fixture.folder)
        try fixture.writeConfiguration()
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            fixture.environment[name] = nil
        }
        fixture.environment[variable] = "http://127.0.0.1:\(fixture.emulatorPort)\(path)"
        fixture.environment["http_proxy"] = "http://127.0.0.1:\(proxy.port)"
        try start(fixture)
        #expect(proxy.lines == ["POST http://127.0.0.1:\(fixture.emulatorPort)/"])
    }

    @Test func `an SSO session's token is renewed, and the renewed one kept`() throws {
        let fixture = try fixture()
        try fixture.writeConfiguration()
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            fixture.environment[name] = nil
        }
        fixture.environment["AWS_EC2_METADATA_DISABLED"] = "true"
        for name in ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"] {
            fixture.environment[name] = "http://127.0.0.1:\(fixture.emulatorPort)"
        }
        let cache = fixture.folder.appendingPathComponent(".aws/sso/cache")
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        try fixture.write(
            """
            [default]
            sso_session = team
            sso_account_id = 123456789012
            sso_role_name = Starter
            [sso-session team]
            sso_region = eu-west-1
            sso_start_url = https://team.awsapps.com/start

            """, to: ".aws/config")
        let file = ".aws/sso/cache/\(hexEncoded(digest(.sha1, Array("team".utf8)))).json"
        func login(refreshToken: String) throws {
            try fixture.write(
                #"{"accessToken":"old","expiresAt":"2026-01-01T00:00:00Z","clientId":"c","#
                    + #""clientSecret":"s","registrationExpiresAt":"2099-01-01T00:00:00Z","#
                    + #""refreshToken":"\#(refreshToken)"}"#, to: file)
        }
        try login(refreshToken: "r")
        try start(fixture)
        let operations = try fixture.journal().requests.compactMap(\.operation)
        #expect(operations == ["CreateToken", "StartPipelineExecution"])
        let kept = try String(
            contentsOf: fixture.folder.appendingPathComponent(file), encoding: .utf8)
        #expect(!kept.contains(#""accessToken":"old""#) && kept.contains(#""clientSecret":"s""#))
        // One that the service does not take any more asks for a person.
        try login(refreshToken: "denied-r")
        let check = try fixture.run(["check", "--aws"])
        #expect(try check.waitForExit() == 1)
        #expect(check.errors.contains("run aws sso login --profile default"))
        #expect(!check.errors.contains("denied-r"))
    }

    @Test(arguments: ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
    func `the emulator listens where this machine alone reaches it`(address: String) throws {
        let fixture = try GatewayFixture()
        let process = try fixture.run(["emulator", "--listen", address])
        #expect(try process.waitForExit() == 2)
        #expect(process.errors.contains("--listen \(address): expected loopback or a unix socket"))
    }
}
