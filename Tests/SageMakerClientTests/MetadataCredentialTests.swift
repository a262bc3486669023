import HTTPClient
import OpenSSLCrypto
import SageMakerClient
import Testing

@Suite struct MetadataCredentialTests {
    private static let answer = """
        {"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t",
        "Expiration":"2026-11-26T18:00:00Z"}
        """

    private func resolve(_ fake: FakeTools) throws -> ResolvedCredentials {
        try CredentialChain(fake.tools).resolve()
    }

    // MARK: - Containers

    @Test func `a container's relative URI is at the address of ECS`() throws {
        let fake = FakeTools(environment: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x?id=1"])
        fake.answer("http://169.254.170.2/v2/x?id=1", Self.answer)
        let found = try resolve(fake)
        #expect(found.credentials.sessionToken == Secret("t"))
        #expect(found.expiresAt == FakeTools.now + 6 * 3600)
        #expect(fake.requests.last?.proxy == nil)
        #expect(fake.requests.last?.timeout == .seconds(2))
    }

    @Test func `a container's clock that is another one has its expiry read by ours`() throws {
        let fake = FakeTools(environment: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/"])
        fake.answer(
            "http://169.254.170.2/", fields: [("Date", "Thu, 26 Nov 2026 11:00:00 GMT")],
            Self.answer)
        #expect(try resolve(fake).expiresAt == FakeTools.now + 7 * 3600)
    }

    @Test func `the token's file is read each time and its line break is dropped`() throws {
        let fake = FakeTools(environment: [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "not this",
        ])
        fake.answer("http://169.254.170.23/v1/credentials", Self.answer)
        for token in ["one", "two"] {
            fake.write(token + "\n", to: "/token")
            _ = try resolve(fake)
            #expect(fake.requests.last?.field("Authorization") == token)
        }
    }

    @Test(arguments: [
        "http://169.254.170.2/a", "http://169.254.170.23/a", "http://[fd00:ec2::23]/a",
        "http://localhost/a", "http://127.0.0.1:8080/a", "http://127.9.9.9/a", "http://[::1]/a",
        "https://credentials.example.com/a",
    ])
    func `a full URI may be TLS or a near address`(url: String) throws {
        let fake = FakeTools(environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        fake.answer(url, Self.answer)
        #expect(try resolve(fake).credentials.accessKeyID == "ASIA1")
    }

    @Test(arguments: [
        "http://credentials.example.com/a", "http://169.254.169.254/a", "http://10.0.0.1/a",
        "http://127.0.0.1@evil.example/a", "http://localhost.evil.example/a", "ftp://localhost/a",
        "http://127.0.0.1.evil.example/a", "http:///a", "http://169.254.170.2\\@evil.example/",
        "http://127.1/a", "http://0177.0.0.1/a", "http://[::2]/a", "localhost",
    ])
    func `a full URI to anywhere else is refused before anything is sent`(url: String) {
        let fake = FakeTools(environment: [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": url,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "secret",
        ])
        #expect(throws: SageMakerClientError.self) { try resolve(fake) }
        #expect(fake.requests.isEmpty)
    }

    @Test(arguments: ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\u{0}b", "tökén"])
    func `a token with a line break or beyond ASCII is refused`(token: String) {
        let environment = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/a",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        ]
        let inVariable = FakeTools(environment: environment)
        var other = environment
        other["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/token"
        let inFile = FakeTools(environment: other, files: ["/token": token])
        for fake in [inVariable, inFile] {
            let error = #expect(throws: SageMakerClientError.self) { try resolve(fake) }
            #expect(!"\(String(describing: error))".contains("Evil"))
            #expect(fake.requests.isEmpty)
        }
    }

    @Test func `a container's service is asked three times, a second apart`() {
        let fake = FakeTools(environment: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"])
        fake.answer("http://169.254.170.2/x", status: 500, #"{"code":"Broken","message":"m"}"#)
        #expect(
            throws: SageMakerClientError.credentialsUnavailable(
                source: "the container's credentials", reason: "HTTP 500 m")
        ) { try resolve(fake) }
        #expect(fake.requests.count == 3)
        #expect(fake.paused == .seconds(2))
    }

    @Test(arguments: [
        ("", "expected a JSON object"), ("[]", "expected a JSON object"),
        ("{", "expected a JSON object"),
        (#"{"Code":"Failed"}"#, "the answer is Failed"),
    ])
    func `a reply that is no credentials is told without its content`(
        content: String, reason: String
    ) {
        let fake = FakeTools(environment: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"])
        fake.answer("http://169.254.170.2/x", content)
        #expect(
            throws: SageMakerClientError.credentialsUnavailable(
                source: "the container's credentials", reason: reason)
        ) { try resolve(fake) }
    }

    @Test(arguments: ["AccessKeyId", "SecretAccessKey"])
    func `half a pair in a reply is told`(part: String) {
        let fake = FakeTools(environment: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"])
        fake.answer("http://169.254.170.2/x", Self.answer.replacing("\"\(part)\"", with: "\"X\""))
        #expect(
            throws: SageMakerClientError.incompleteCredentials(
                source: "the container's credentials", missing: part)
        ) { try resolve(fake) }
    }

    // MARK: - Instances

    private func instance(_ environment: [String: String] = [:]) -> FakeTools {
        let fake = FakeTools(environment: environment)
        let base = "http://169.254.169.254/latest/"
        fake.answer(base + "api/token", method: .put, "TOKEN==")
        fake.answer(base + "meta-data/iam/security-credentials/", method: .get, "my-role\nother")
        fake.answer(base + "meta-data/iam/security-credentials/my-role", method: .get, Self.answer)
        fake.answer(base + "meta-data/placement/region", method: .get, "ap-south-1")
        return fake
    }

    @Test func `an instance's role is asked for under a token`() throws {
        let fake = instance()
        let found = try resolve(fake)
        #expect(found.credentials.accessKeyID == "ASIA1")
        #expect(found.provider == "the instance metadata service, role my-role")
        #expect(found.outlivesOutage)
        #expect(fake.requests.map(\.method) == [.put, .get, .get])
        #expect(fake.requests[0].field("X-aws-ec2-metadata-token-ttl-seconds") == "21600")
        #expect(fake.requests[1].field("X-aws-ec2-metadata-token") == "TOKEN==")
        #expect(fake.requests[2].field("X-aws-ec2-metadata-token") == "TOKEN==")
        #expect(fake.requests.allSatisfy { $0.timeout == .seconds(1) && $0.proxy == nil })
        #expect(InstanceCredentials(fake.tools).region() == "ap-south-1")
    }

    @Test func `the service can be switched off, moved, and asked more patiently`() throws {
        let off = instance(["AWS_EC2_METADATA_DISABLED": "true"])
        #expect(throws: SageMakerClientError.self) { try resolve(off) }
        #expect(InstanceCredentials(off.tools).region() == nil)
        #expect(off.requests.isEmpty)
        let six = FakeTools(environment: [
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6", "AWS_METADATA_SERVICE_TIMEOUT": "3",
            "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "2",
        ])
        #expect(throws: SageMakerClientError.self) { try resolve(six) }
        #expect(
            six.requests.map(\.url)
                == Array(
                    repeating: "http://[fd00:ec2::254]/latest/api/token", count: 2))
        #expect(six.requests.allSatisfy { $0.timeout == .seconds(3) })
        let moved = FakeTools(environment: [
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9/imds"
        ])
        #expect(throws: SageMakerClientError.self) { try resolve(moved) }
        #expect(moved.requests.map(\.url) == ["http://127.0.0.1:9/imds/latest/api/token"])
    }

    @Test func `version 1 of the service is not spoken`() {
        let fake = instance()
        fake.answer("http://169.254.169.254/latest/api/token", method: .put, status: 404, "")
        #expect(throws: SageMakerClientError.self) { try resolve(fake) }
        #expect(fake.requests.count == 1)
    }

    @Test(arguments: ["../../secret", "a b", "", "rôle"])
    func `a role's name that could be a path is refused`(name: String) {
        let fake = instance()
        fake.answer(
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/", method: .get, name)
        #expect(throws: SageMakerClientError.self) { try resolve(fake) }
        #expect(fake.requests.count == 2)
    }

    @Test func `an instance without a role has no credentials`() {
        let fake = instance()
        fake.answer(
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/", method: .get,
            status: 404, "")
        guard
            case .noCredentials(let places)? = #expect(
                throws: SageMakerClientError.self, performing: { try resolve(fake) })
        else {
            Issue.record("another error")
            return
        }
        #expect(places.last == "the instance metadata service (the instance has no role)")
    }
}
