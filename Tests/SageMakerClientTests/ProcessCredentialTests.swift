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

    @Test(arguments: [("2026-11-26T12:00:00Z", true), ("2026-11-26T12:00:01Z", false)])
    func `credentials that have ended are none, and it is told whose and when`(
        expiration: String, hasEnded: Bool
    ) throws {
        let fake = fake(
            #"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"s","Expiration":"\#(expiration)"}"#)
        guard hasEnded else {
            #expect(try resolve(fake).credentials.accessKeyID == "P")
            return
        }
        let error = SageMakerClientError.credentialsUnavailable(
            source: "the credential_process of profile ci",
            reason: "those it gives ended at \(expiration), and it is 2026-11-26T12:00:00Z")
        #expect(throws: error) { try resolve(fake) }
        let store = CredentialStore(fake.tools, profile: "ci")
        var answer = CredentialStore.Answer.pending
        while answer == .pending {
            answer = store.credentials(for: .own)
            usleep(100)
        }
        #expect(answer == .failed(error))
        store.stop()
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
