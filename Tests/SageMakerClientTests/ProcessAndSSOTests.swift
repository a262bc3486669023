import EventPoll
import Foundation
import HTTPClient
import OpenSSLCrypto
import SageMakerClient
import Testing

@Suite struct ProcessCredentialTests {
    private let profile =
        "[profile ci]\ncredential_process = /bin/keys --for \"a b\" 'c\\d' e\\ f\n"

    private func resolve(_ fake: FakeTools) throws -> ResolvedCredentials {
        try CredentialChain(fake.tools, profile: "ci").resolve()
    }

    private func fake(_ output: String) -> FakeTools {
        let fake = FakeTools(environment: ["HOME": "/h"], files: ["/h/.aws/config": profile])
        fake.output(.success(Array(output.utf8)))
        return fake
    }

    @Test func `a program's words are parted without a shell`() throws {
        let fake = fake(
            #"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"s","SessionToken":"t","#
                + #""Expiration":"2026-11-26T12:30:00+00:00"}"#)
        let found = try resolve(fake)
        #expect(fake.commands == [["/bin/keys", "--for", "a b", "c\\d", "e f"]])
        #expect(found.credentials.accessKeyID == "P")
        #expect(found.credentials.sessionToken == Secret("t"))
        #expect(found.expiresAt == FakeTools.now + 1800)
    }

    @Test func `a program need not say when its credentials end`() throws {
        let found = try resolve(fake(#"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"s"}"#))
        #expect(found.expiresAt == nil)
        #expect(found.credentials.sessionToken == nil)
    }

    @Test(arguments: [
        #"{"Version":2,"AccessKeyId":"P","SecretAccessKey":"s"}"#,
        #"{"AccessKeyId":"P","SecretAccessKey":"s"}"#,
        #"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"s","Expiration":"soon"}"#,
        #"{"Version":1,"AccessKeyId":"P"}"#, "P s",
    ])
    func `another output is refused without being repeated`(output: String) {
        let error = #expect(throws: SageMakerClientError.self) { try resolve(fake(output)) }
        #expect(!"\(String(describing: error))".contains("P s"))
    }

    @Test(arguments: ["a 'b", "a \"b", "a \\"])
    func `an open quote is refused`(command: String) {
        let fake = FakeTools(
            environment: ["HOME": "/h"],
            files: ["/h/.aws/config": "[profile ci]\ncredential_process = \(command)\n"])
        #expect(throws: SageMakerClientError.self) { try resolve(fake) }
        #expect(fake.commands.isEmpty)
    }

    @Test func `a program's output is what it writes, and its environment is ours`() throws {
        let output = try runProcess(
            ["sh", "-c", "printf '%s' \"$GIVEN\"; echo secret >&2"],
            environment: ["GIVEN": "value", "PATH": "/usr/bin:/bin"])
        #expect(String(decoding: output, as: UTF8.self) == "value")
    }

    @Test func `a program that fails, is killed, is missing or writes too much is told`() {
        func reason(_ command: [String]) -> String {
            do {
                _ = try runProcess(command, environment: ["PATH": "/usr/bin:/bin"])
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(reason(["sh", "-c", "exit 3"]).hasSuffix("it ended with exit code 3"))
        #expect(reason(["sh", "-c", "kill -9 $$"]).hasSuffix("it was ended by signal 9"))
        #expect(reason(["/nonexistent/program"]).contains("No such file"))
        #expect(
            reason(["sh", "-c", "yes | head -c 70000"])
                .hasSuffix(
                    "it wrote more than \(SageMakerClientLimits.credentialReplyBytesMax) bytes"))
    }

    @Test func `an interrupt ends the wait for a program that stays, its output closed or not`()
        throws
    {
        for script in ["sleep 600", "exec >&-; sleep 600"] {
            let interrupt = try Wakeup()
            interrupt.signal()
            #expect(throws: SageMakerClientError.self) {
                try runProcess(
                    ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"],
                    interrupt: interrupt)
            }
        }
    }
}

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
}
