import Foundation
import HTTP1
import HTTPClient
import OpenSSLCrypto
import SageMakerClient
import Testing

@Suite struct RoleCredentialTests {
    private let role = "arn:aws:iam::123456789012:role/starter"
    private let sts = "https://sts.eu-west-1.amazonaws.com/"

    private func fake(_ config: String, _ environment: [String: String] = [:]) -> FakeTools {
        let fake = FakeTools(
            environment: environment.merging(["HOME": "/h"]) { first, _ in first },
            files: ["/h/.aws/config": config])
        fake.answer(sts, FakeTools.stsReply())
        return fake
    }

    private func config(_ more: String) -> String {
        """
        [profile ci]
        role_arn = \(role)
        \(more)
        [profile base]
        aws_access_key_id = BASE
        aws_secret_access_key = base-secret
        """
    }

    private func resolve(_ fake: FakeTools, profile: String? = "ci") throws -> ResolvedCredentials {
        try CredentialChain(fake.tools, profile: profile).resolve()
    }

    @Test func `a profile's role is assumed with its source profile's keys`() throws {
        let fake = fake(
            config("source_profile = base\nexternal_id = x:1/2\nrole_session_name = ada@ci"))
        let found = try resolve(fake)
        #expect(found.credentials.accessKeyID == "ASIAROLE")
        #expect(found.credentials.secretAccessKey == Secret("role/secret"))
        #expect(found.credentials.sessionToken == Secret("role-token"))
        #expect(found.expiresAt == FakeTools.now + 3600)
        #expect(found.provider.contains("profile ci") && found.provider.contains("profile base"))
        let request = try #require(fake.requests.first)
        #expect(request.url == sts)
        #expect(
            request.text
                == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole"
                + "%2Fstarter&RoleSessionName=ada%40ci&DurationSeconds=3600&ExternalId=x%3A1%2F2")
        let authorization = try #require(request.field("Authorization"))
        #expect(
            authorization.hasPrefix(
                "AWS4-HMAC-SHA256 Credential=BASE/20261126/eu-west-1/sts/aws4_request, "
                    + "SignedHeaders=content-type;host;x-amz-date, Signature="))
    }

    @Test func `source profiles may lead to further roles`() throws {
        let fake = fake(
            """
            [profile ci]
            role_arn = \(role)
            source_profile = middle
            [profile middle]
            role_arn = arn:aws:iam::123456789012:role/middle
            source_profile = base
            [profile base]
            aws_access_key_id = BASE
            aws_secret_access_key = base-secret
            """)
        _ = try resolve(fake)
        #expect(fake.requests.map { $0.text.contains("role%2Fmiddle") } == [true, false])
        #expect(fake.requests[1].field("Authorization")?.contains("Credential=ASIAROLE/") ?? false)
        #expect(fake.requests[1].field("X-Amz-Security-Token") == "role-token")
    }

    @Test func `a circle of source profiles is told, and a profile may name itself with keys`()
        throws
    {
        let circle = """
            [profile ci]
            role_arn = \(role)
            source_profile = other
            [profile other]
            role_arn = \(role)
            source_profile = ci
            """
        #expect(
            throws: SageMakerClientError.unusableProfile(
                name: "other", reason: "source_profile leads in a circle: ci → other → ci")
        ) { try resolve(fake(circle)) }
        let own = config(
            "source_profile = ci\naws_access_key_id = OWN\naws_secret_access_key = own")
        let itself = fake(own)
        _ = try resolve(itself)
        #expect(itself.requests[0].field("Authorization")?.contains("Credential=OWN/") ?? false)
    }

    @Test(arguments: [
        ("", "role_arn needs one of source_profile and credential_source"),
        (
            "source_profile = base\ncredential_source = Environment",
            "role_arn needs one of source_profile and credential_source"
        ),
        (
            "credential_source = Elsewhere",
            "expected credential_source as Environment, EcsContainer or Ec2InstanceMetadata"
        ),
        (
            "source_profile = base\nmfa_serial = arn:aws:iam::1:mfa/x",
            "mfa_serial needs a person, and a server has none"
        ),
        (
            "source_profile = base\nduration_seconds = 899",
            "expected a duration of 900 to 43200 s"
        ),
        (
            "source_profile = base\nduration_seconds = 43201",
            "expected a duration of 900 to 43200 s"
        ),
        (
            "source_profile = base\nrole_session_name = a b",
            "expected a role_session_name of 2 to 64 letters, digits and _+=,.@-"
        ),
        (
            "source_profile = base\nexternal_id = x",
            "expected an external_id of 2 to 1224 letters, digits and _+=,.@:/-"
        ),
    ])
    func `a role that cannot be assumed is told with the setting`(more: String, reason: String) {
        #expect(throws: SageMakerClientError.unusableProfile(name: "ci", reason: reason)) {
            try resolve(fake(config(more)))
        }
    }

    @Test func `a source profile must exist`() {
        #expect(
            throws: SageMakerClientError.noProfile(
                name: "gone", files: ["/h/.aws/credentials", "/h/.aws/config"])
        ) { try resolve(fake(config("source_profile = gone"))) }
    }

    @Test func `a role may be assumed with the environment's keys`() throws {
        let fake = fake(
            config("credential_source = Environment"),
            [
                "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "env",
                "AWS_SESSION_TOKEN": "env-token",
            ])
        _ = try resolve(fake)
        #expect(fake.requests[0].field("Authorization")?.contains("Credential=ENV/") ?? false)
        #expect(fake.requests[0].field("X-Amz-Security-Token") == "env-token")
    }

    @Test func `what STS refuses is told with its code, and a throttle is asked again`() throws {
        let fake = fake(config("source_profile = base"))
        fake.answer(
            sts, status: 403,
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error>"
                + "</ErrorResponse>")
        let error = #expect(throws: SageMakerClientError.self) { try resolve(fake) }
        #expect("\(error.map { "\($0)" } ?? "")".hasSuffix(": HTTP 403 AccessDenied: not you"))
        #expect(fake.requests.count == 1)
        fake.answer(
            sts, status: 400,
            "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>")
        #expect(throws: SageMakerClientError.self) { try resolve(fake) }
        #expect(fake.requests.count == 4)
    }

    /// An STS whose clock is ahead of ours, and which takes no signature that is a quarter of an hour
    /// from it.
    private func skewed(by offset: Int64, _ fake: FakeTools) {
        let now = FakeTools.now + offset
        let date = [(name: "Date", value: HTTPDate.format(epochSeconds: now))]
        fake.answer(sts) { request in
            let signedAt = request.field("X-Amz-Date").flatMap { SigningTime($0) }?.epochSeconds
            // A web identity is not signed.
            guard let age = signedAt.map({ now - $0 }), abs(age) > 900 else {
                let end = Date(timeIntervalSince1970: Double(now + 3600)).formatted(.iso8601)
                return ClientReply(
                    status: 200, fields: date,
                    content: Array(FakeTools.stsReply(expiration: end).utf8))
            }
            let what = age > 0 ? "Signature expired" : "Signature not yet current"
            return ClientReply(
                status: 403, fields: date,
                content: Array(
                    ("<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>\(what): by "
                        + "\(age) s</Message></Error></ErrorResponse>").utf8))
        }
    }

    @Test(arguments: [1200, -1200, 3600, -3600, 90_000, -90_000] as [Int64])
    func `a clock that is wrong is corrected by the Date of STS, and its expiry read by ours`(
        offset: Int64
    ) throws {
        let fake = fake(config("source_profile = base"))
        skewed(by: offset, fake)
        let found = try resolve(fake)
        #expect(found.credentials.accessKeyID == "ASIAROLE")
        #expect(
            fake.requests.map { $0.field("X-Amz-Date") } == [
                SigningTime(epochSeconds: FakeTools.now).stamp,
                SigningTime(epochSeconds: FakeTools.now + offset).stamp,
            ])
        #expect(found.expiresAt == FakeTools.now + 3600)
    }

    @Test func `a web identity is not signed, and its credentials' end is read by our clock, too`()
        throws
    {
        let fake = fake(
            "", ["AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": role])
        fake.write("token", to: "/token")
        skewed(by: -7200, fake)
        #expect(try resolve(fake, profile: nil).expiresAt == FakeTools.now + 3600)
        #expect(fake.requests.count == 1)
    }

    @Test(arguments: [(299, 299), (300, 0), (-299, -299), (-300, 0)] as [(Int64, Int64)])
    func `a difference of less than five minutes is none of the clocks`(
        offset: Int64, left: Int64
    ) throws {
        let fake = fake(config("source_profile = base"))
        fake.answer(
            sts,
            fields: [("Date", HTTPDate.format(epochSeconds: FakeTools.now + offset))],
            FakeTools.stsReply())
        #expect(
            try resolve(fake).expiresAt == FakeTools.now + 3600 + left - offset)
    }

    @Test func `a signature that stays too old is told after three requests`() {
        let fake = fake(config("source_profile = base"))
        fake.answer(
            sts, status: 403, fields: [("Date", HTTPDate.format(epochSeconds: 0))],
            "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired: x"
                + "</Message></Error></ErrorResponse>")
        let error = #expect(throws: SageMakerClientError.self) { try resolve(fake) }
        let told = error.map { "\($0)" } ?? ""
        #expect(told.hasSuffix("SignatureDoesNotMatch: Signature expired: x"))
        #expect(fake.requests.count == 3)
        // Without a Date there is nothing to correct by, and a wrong key is wrong at any time.
        for (fields, message) in [
            ([], "Signature expired: x"), ([("Date", "Thu, 26 Nov 2026 13:00:00 GMT")], "no match"),
        ] as [([(name: String, value: String)], String)] {
            let other = self.fake(config("source_profile = base"))
            other.answer(
                sts, status: 403, fields: fields,
                "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>\(message)"
                    + "</Message></Error></ErrorResponse>")
            #expect(throws: SageMakerClientError.self) { try resolve(other) }
            #expect(other.requests.count == 1)
        }
    }

    @Test func `a reply of STS without all of the credentials is none`() {
        for part in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] {
            let fake = fake(config("source_profile = base"))
            fake.answer(sts, FakeTools.stsReply().replacing("<\(part)>", with: "<X>"))
            #expect(throws: SageMakerClientError.self, "\(part)") { try resolve(fake) }
        }
    }

    // MARK: - Web identity

    @Test func `a web identity comes before the shared keys, and its token is read each time`()
        throws
    {
        let fake = fake(
            "[default]\naws_access_key_id = A\naws_secret_access_key = s\n",
            [
                "AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": role,
                "AWS_ROLE_SESSION_NAME": "pod",
            ])
        let chain = CredentialChain(fake.tools)
        for token in ["first.jwt", "second.jwt"] {
            fake.write(token + "\n", to: "/token")
            let found = try chain.resolve()
            #expect(found.credentials.accessKeyID == "ASIAROLE")
            let request = try #require(fake.requests.last)
            #expect(
                request.text
                    == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
                    + "123456789012%3Arole%2Fstarter&RoleSessionName=pod&WebIdentityToken=\(token)")
            // The token is the proof; there is nothing to sign with.
            #expect(request.field("Authorization") == nil)
        }
        fake.answer(
            sts, status: 400,
            "<ErrorResponse><Error><Code>IDPCommunicationError</Code></Error></ErrorResponse>")
        #expect(throws: SageMakerClientError.self) { try chain.resolve() }
        #expect(fake.requests.count == 5)
    }

    @Test func `a web identity needs its role and its token`() {
        #expect(
            throws: SageMakerClientError.incompleteCredentials(
                source: "the web identity of the environment", missing: "AWS_ROLE_ARN")
        ) { try resolve(fake("", ["AWS_WEB_IDENTITY_TOKEN_FILE": "/token"]), profile: nil) }
        let missing = fake(
            "", ["AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": role])
        #expect(throws: SageMakerClientError.self) { try resolve(missing, profile: nil) }
        #expect(missing.requests.isEmpty)
    }

    @Test func `a profile's web identity is its own`() throws {
        let fake = fake("[profile ci]\nrole_arn = \(role)\nweb_identity_token_file = /mine\n")
        fake.write("mine.jwt", to: "/mine")
        _ = try resolve(fake)
        #expect(fake.requests[0].text.hasSuffix("WebIdentityToken=mine.jwt"))
    }

    @Test func `without a region the global service is asked`() throws {
        let fake = FakeTools(
            environment: ["HOME": "/h"],
            files: ["/h/.aws/config": config("source_profile = base")], region: nil)
        fake.answer("https://sts.amazonaws.com/", FakeTools.stsReply())
        _ = try resolve(fake)
        #expect(fake.requests[0].field("Authorization")?.contains("/us-east-1/sts/") ?? false)
    }
}
