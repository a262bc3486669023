import Foundation
import HTTPClient
import JSON
import OpenSSLCrypto
import SageMakerClient
import Testing

@Suite struct SSOTests {
    private let config = """
        [profile person]
        sso_session = team
        sso_account_id = 123456789012
        sso_role_name = Starter
        [sso-session team]
        sso_region = eu-central-1
        sso_start_url = https://team.awsapps.com/start
        [profile old]
        sso_start_url = https://team.awsapps.com/start
        sso_region = eu-central-1
        sso_account_id = 123456789012
        sso_role_name = Starter
        """
    private let token = #"{"accessToken":"sso-token","expiresAt":"2026-11-26T12:00:01Z"}"#
    private let portal = "https://portal.sso.eu-central-1.amazonaws.com/federation/credentials"

    private func fake(cacheKey: String, _ content: String) -> FakeTools {
        let name = hexEncoded(digest(.sha1, Array(cacheKey.utf8)))
        let fake = FakeTools(
            environment: ["HOME": "/h"],
            files: ["/h/.aws/config": config, "/h/.aws/sso/cache/\(name).json": content])
        fake.answer(
            portal,
            #"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","#
                + #""expiration":1795698000000}}"#)
        return fake
    }

    @Test func `SHA-1 is that of FIPS 180-4's example`() {
        #expect(
            hexEncoded(digest(.sha1, Array("abc".utf8)))
                == "a9993e364706816aba3e25717850c26c9cd0d89d")
    }

    @Test(arguments: [("person", "team"), ("old", "https://team.awsapps.com/start")])
    func `the login's token gives the role's credentials`(profile: String, key: String) throws {
        let fake = fake(cacheKey: key, token)
        let found = try CredentialChain(fake.tools, profile: profile).resolve()
        #expect(found.credentials.accessKeyID == "ASIASSO")
        #expect(found.expiresAt == FakeTools.now + 3600)
        let request = try #require(fake.requests.first)
        #expect(request.url == portal + "?role_name=Starter&account_id=123456789012")
        #expect(request.field("x-amz-sso_bearer_token") == "sso-token")
    }

    @Test func `a portal's clock that is another one has its expiry read by ours`() throws {
        let fake = fake(cacheKey: "team", token)
        fake.answer(
            portal, fields: [("Date", "Thu, 26 Nov 2026 12:30:00 GMT")],
            #"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","#
                + #""expiration":1795698000000}}"#)
        let found = try CredentialChain(fake.tools, profile: "person").resolve()
        #expect(found.expiresAt == FakeTools.now + 1800)
    }

    @Test func `a missing, expired or broken login says how to log in, and no secret`() {
        for (content, expected) in [
            (#"{"accessToken":"sso-token","expiresAt":"2026-11-26T12:00:00Z"}"#, "aws sso login"),
            ("{}", "no usable token"), ("no", "expected a JSON object"),
            (#"{"accessToken":"a\r\nb","expiresAt":"2026-11-26T13:00:00Z"}"#, "no usable token"),
        ] {
            let fake = fake(cacheKey: "team", content)
            let error = #expect(throws: SageMakerClientError.self) {
                try CredentialChain(fake.tools, profile: "person").resolve()
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains(expected) && !text.contains("sso-token"), "\(text)")
            #expect(fake.requests.isEmpty)
        }
        let nobody = fake(cacheKey: "other", token)
        let error = #expect(throws: SageMakerClientError.self) {
            try CredentialChain(nobody.tools, profile: "person").resolve()
        }
        #expect(error.map { "\($0)" }?.contains("nobody has logged in") ?? false)
    }

    // MARK: - Renewing

    private static let cache =
        "/h/.aws/sso/cache/\(hexEncoded(digest(.sha1, Array("team".utf8)))).json"
    private static let oidc = "https://oidc.eu-central-1.amazonaws.com/token"

    /// A login's file whose token ends so many seconds from now.
    private func login(
        endsIn seconds: Int64, registered: String = "2027-01-01T00:00:00Z",
        without missing: String = ""
    ) -> String {
        let time = Date(timeIntervalSince1970: TimeInterval(FakeTools.now + seconds))
            .formatted(.iso8601)
        let members = [
            ("startUrl", "https://team.awsapps.com/start"), ("region", "eu-central-1"),
            ("accessToken", "old-token"), ("expiresAt", time), ("clientId", "client"),
            ("clientSecret", "client-secret"), ("registrationExpiresAt", registered),
            ("refreshToken", "refresh-token"),
        ]
        let text = members.filter { $0.0 != missing }.map { #""\#($0.0)":"\#($0.1)""# }
        return "{\(text.joined(separator: ","))}"
    }

    private func reason(_ fake: FakeTools, profile: String = "person") -> String {
        do {
            _ = try CredentialChain(fake.tools, profile: profile).resolve()
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [Int64(-3600), 0, 900])
    func `a token that has ended, or ends within a quarter of an hour, is renewed and kept`(
        seconds: Int64
    ) throws {
        let fake = fake(cacheKey: "team", login(endsIn: seconds))
        fake.answer(
            Self.oidc, method: .post,
            #"{"accessToken":"new-token","tokenType":"Bearer","expiresIn":28800,"refreshToken":"next"}"#
        )
        _ = try CredentialChain(fake.tools, profile: "person").resolve()
        #expect(fake.requests.count == 2)
        let renewal = try #require(fake.requests.first)
        #expect(renewal.url == Self.oidc)
        #expect(renewal.field("Content-Type") == "application/json")
        #expect(
            renewal.text
                == #"{"clientId":"client","clientSecret":"client-secret","#
                + #""grantType":"refresh_token","refreshToken":"refresh-token"}"#)
        #expect(fake.requests.last?.field("x-amz-sso_bearer_token") == "new-token")
        let kept = try JSONDocument(
            parsing: Array(try #require(fake.read(Self.cache)).utf8)
        ).root
        #expect(kept["accessToken"]?.string == "new-token")
        #expect(kept["refreshToken"]?.string == "next")
        #expect(kept["expiresAt"]?.string == "2026-11-26T20:00:00Z")
        #expect(kept["startUrl"]?.string == "https://team.awsapps.com/start")
        #expect(kept["clientSecret"]?.string == "client-secret")
        // The next look-up finds it and asks nobody for a token.
        _ = try CredentialChain(fake.tools, profile: "person").resolve()
        #expect(fake.requests.count == 3)
    }

    @Test func `a token with more time than that is used as it is`() throws {
        let fake = fake(cacheKey: "team", login(endsIn: 901))
        _ = try CredentialChain(fake.tools, profile: "person").resolve()
        #expect(fake.requests.count == 1)
        #expect(fake.requests.first?.field("x-amz-sso_bearer_token") == "old-token")
    }

    @Test func `a token that cannot be renewed is used while it is valid`() throws {
        for (status, content) in [(400, #"{"error":"invalid_grant"}"#), (200, "{}"), (503, "")] {
            let fake = fake(cacheKey: "team", login(endsIn: 1))
            fake.answer(Self.oidc, status: status, content)
            _ = try CredentialChain(fake.tools, profile: "person").resolve()
            #expect(fake.requests.last?.field("x-amz-sso_bearer_token") == "old-token")
            #expect(fake.read(Self.cache) == login(endsIn: 1))
        }
    }

    @Test func `what keeps an ended token from being renewed is said, and no secret`() {
        for (content, status, reply, expected) in [
            (login(endsIn: 0), 400, #"{"error":"invalid_grant"}"#, "HTTP 400"),
            (login(endsIn: 0), 503, "", "HTTP 503"),
            (login(endsIn: 0), 200, #"{"accessToken":"a b","expiresIn":1}"#, "no usable token"),
            (login(endsIn: 0), 200, #"{"accessToken":"x","expiresIn":0}"#, "no usable token"),
            (login(endsIn: 0), 200, #"{"accessToken":"x","expiresIn":99999999}"#, "no usable"),
            (
                login(endsIn: 0, registered: "2026-11-26T12:00:00Z"), 200, "",
                "so has the client that the login registered; run aws sso login --profile person"
            ),
            (login(endsIn: 0, without: "refreshToken"), 200, "", "left nothing to renew it with"),
            (login(endsIn: 0, without: "clientSecret"), 200, "", "left nothing to renew it with"),
        ] {
            let fake = fake(cacheKey: "team", content)
            fake.answer(Self.oidc, status: status, reply)
            let text = reason(fake)
            #expect(text.contains(expected), "\(text)")
            for secret in ["old-token", "refresh-token", "client-secret"] {
                #expect(!text.contains(secret))
            }
            // A person is asked for only where one is needed.
            #expect(
                text.contains("aws sso login") == !(status == 503 || reply.contains("expiresIn")))
        }
    }

    @Test func `a cache that cannot be written costs a request each time, and no credentials`()
        throws
    {
        let fake = fake(cacheKey: "team", login(endsIn: 0))
        fake.makeReadOnly()
        fake.answer(Self.oidc, #"{"accessToken":"new-token","expiresIn":28800}"#)
        for count in 1...2 {
            _ = try CredentialChain(fake.tools, profile: "person").resolve()
            #expect(fake.requests.count == 2 * count)
            #expect(fake.requests.last?.field("x-amz-sso_bearer_token") == "new-token")
        }
    }

    @Test func `a login without a session is not renewed`() {
        let fake = fake(cacheKey: "https://team.awsapps.com/start", login(endsIn: 0))
        #expect(reason(fake, profile: "old").contains("its token has expired; run aws sso login"))
        #expect(fake.requests.isEmpty)
    }

    @Test func `a file is replaced at once, for its owner alone`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "token.json").path
        for text in ["a longer one", "short", ""] {
            try replaceSharedFile(path, Array(text.utf8))
            #expect(try readSharedFile(path) == Array(text.utf8))
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["token.json"])
        #expect(throws: SageMakerClientError.self) {
            try replaceSharedFile(folder.appending(path: "none/token").path, [1])
        }
    }
}
