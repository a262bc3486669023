import Foundation
import OpenSSLCrypto
import SageMakerClient
import Testing

@Suite struct CredentialTests {
    private func chain(
        _ environment: [String: String] = [:], profile: String? = nil,
        files: [String: String] = [:]
    ) -> CredentialChain {
        CredentialChain(FakeTools(environment: environment, files: files).tools, profile: profile)
    }

    private func expected(
        _ keyID: String, _ secret: String, token: String? = nil
    ) throws -> Credentials {
        try Credentials(
            accessKeyID: keyID, secretAccessKey: Secret(secret),
            sessionToken: token.map(Secret.init(_:)), from: "the test")
    }

    private let file = """
        [default]
        aws_access_key_id = DEFAULT
        aws_secret_access_key = default+/secret=
        [ci]
        aws_access_key_id=CI
        aws_secret_access_key=ci-secret
        aws_session_token = ci-token
        """

    @Test func `the environment comes before the files`() throws {
        let environment = [
            "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "env-secret", "HOME": "/home/u",
            "AWS_PROFILE": "ci",
        ]
        let files = ["/home/u/.aws/credentials": file]
        #expect(
            try chain(environment, files: files).credentials() == expected("ENV", "env-secret"))
        var temporary = environment
        temporary["AWS_SESSION_TOKEN"] = "env-token"
        #expect(
            try chain(temporary, files: files).credentials()
                == expected("ENV", "env-secret", token: "env-token"))
        // A profile that the configuration asks for comes before the environment.
        #expect(
            try chain(environment, profile: "default", files: files).credentials()
                == expected("DEFAULT", "default+/secret="))
    }

    @Test func `a profile is the configuration's, else AWS_PROFILE's, else the default`() throws {
        let files = ["/home/u/.aws/credentials": file]
        #expect(
            try chain(["HOME": "/home/u"], files: files).credentials()
                == expected("DEFAULT", "default+/secret="))
        #expect(
            try chain(["HOME": "/home/u", "AWS_PROFILE": "ci"], files: files).credentials()
                == expected("CI", "ci-secret", token: "ci-token"))
        #expect(
            try chain(
                ["HOME": "/home/u", "AWS_PROFILE": "ci"], profile: "default", files: files
            ).credentials() == expected("DEFAULT", "default+/secret="))
    }

    @Test func `the files are where the variables say`() throws {
        let files = ["/etc/keys": file, "/home/u/mine": file]
        #expect(
            try chain(["AWS_SHARED_CREDENTIALS_FILE": "/etc/keys"], files: files).credentials()
                == expected("DEFAULT", "default+/secret="))
        #expect(
            try chain(
                ["HOME": "/home/u", "AWS_SHARED_CREDENTIALS_FILE": "~/mine"], files: files
            ).credentials() == expected("DEFAULT", "default+/secret="))
    }

    @Test func `the config file's keys count where the credentials file has none`() throws {
        let config = """
            [default]
            aws_access_key_id = WRONG
            aws_secret_access_key = wrong
            [profile default]
            aws_access_key_id = CONFIG
            aws_secret_access_key = config-secret
            [profile other]
            aws_access_key_id = OTHER
            aws_secret_access_key = other-secret
            [bare]
            aws_access_key_id = BARE
            aws_secret_access_key = bare-secret
            """
        let home = ["HOME": "/h"]
        let onlyConfig = ["/h/.aws/config": config]
        #expect(
            try chain(home, files: onlyConfig).credentials() == expected("CONFIG", "config-secret"))
        #expect(
            try chain(home, profile: "other", files: onlyConfig).credentials()
                == expected("OTHER", "other-secret"))
        #expect(throws: SageMakerClientError.self) {
            try chain(home, profile: "bare", files: onlyConfig).credentials()
        }
        let both = ["/h/.aws/config": config, "/h/.aws/credentials": file]
        #expect(
            try chain(home, files: both).credentials() == expected("DEFAULT", "default+/secret="))
    }

    @Test func `keys that are renewed in the file are seen`() throws {
        let path = NSTemporaryDirectory() + "hookline-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var tools = FakeTools(environment: ["AWS_SHARED_CREDENTIALS_FILE": path]).tools
        tools.read = readSharedFile
        let chain = CredentialChain(tools)
        #expect(throws: SageMakerClientError.self) { try chain.credentials() }
        for keyID in ["FIRST", "SECOND"] {
            let text = "[default]\naws_access_key_id=\(keyID)\naws_secret_access_key=s\n"
            try Data(text.utf8).write(to: URL(filePath: path))
            #expect(try chain.credentials() == expected(keyID, "s"))
        }
    }

    @Test func `half a pair is an error that names the other half`() {
        let id = "AWS_ACCESS_KEY_ID"
        let secret = "AWS_SECRET_ACCESS_KEY"
        #expect(
            throws: SageMakerClientError.incompleteCredentials(
                source: "the environment", missing: secret)
        ) { try chain([id: "A"]).credentials() }
        #expect(
            throws: SageMakerClientError.incompleteCredentials(
                source: "the environment", missing: id)
        ) { try chain([secret: "s", id: ""]).credentials() }
        #expect(
            throws: SageMakerClientError.incompleteCredentials(
                source: "profile default", missing: "aws_secret_access_key")
        ) {
            try chain(
                ["HOME": "/h"], files: ["/h/.aws/credentials": "[default]\naws_access_key_id=A"]
            )
            .credentials()
        }
    }

    @Test func `missing credentials are told with every place`() {
        #expect(
            throws: SageMakerClientError.noCredentials(lookedAt: [
                "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)",
                "the web identity of the environment (AWS_WEB_IDENTITY_TOKEN_FILE)",
                "profile default in /h/.aws/credentials, /h/.aws/config",
                "the container's credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
                "the instance metadata service (no answer, or AWS_EC2_METADATA_DISABLED)",
            ])
        ) { try chain(["HOME": "/h"]).credentials() }
        #expect(
            throws: SageMakerClientError.noCredentials(lookedAt: [
                "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)",
                "the web identity of the environment (AWS_WEB_IDENTITY_TOKEN_FILE)",
                "profile default in no file, as HOME is not set",
                "the container's credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
                "the instance metadata service (no answer, or AWS_EC2_METADATA_DISABLED)",
            ])
        ) { try chain().credentials() }
        #expect(
            SageMakerClientError.noCredentials(lookedAt: ["a", "b"]).description
                == "no AWS credentials; looked at a, b")
    }

    @Test func `a profile of a kind that is not read is told so`() {
        #expect(
            throws: SageMakerClientError.unusableProfile(
                name: "person", reason: "login_session is not supported")
        ) {
            try chain(
                ["HOME": "/h"], profile: "person",
                files: ["/h/.aws/config": "[profile person]\nlogin_session = x\n"]
            ).credentials()
        }
    }

    @Test func `a profile that was asked for must exist`() {
        let error = SageMakerClientError.noProfile(
            name: "nobody", files: ["/h/.aws/credentials", "/h/.aws/config"])
        let files = ["/h/.aws/credentials": file]
        #expect(throws: error) {
            try chain(["HOME": "/h"], profile: "nobody", files: files).credentials()
        }
        #expect(throws: error) {
            try chain(["HOME": "/h", "AWS_PROFILE": "nobody"], files: files).credentials()
        }
    }

    @Test func `a file that cannot be read is an error and one that is missing is none`() throws {
        let folder = NSTemporaryDirectory()
        #expect(
            throws: SageMakerClientError.unreadableFile(path: folder, reason: "Is a directory")
        ) { try readSharedFile(folder) }
        #expect(try readSharedFile("/nonexistent/credentials") == nil)
        #expect(try readSharedFile("/dev/null") == [])
        #expect(try readSharedFile("/dev/null/x") == nil)
        // A FIFO would be waited for; a device never ends.
        #expect(
            throws: SageMakerClientError.unreadableFile(
                path: "/dev/zero", reason: "it is a device; expected a regular file")
        ) { try readSharedFile("/dev/zero") }
    }

    @Test func `a file is read to its limit and a byte more, which is refused`() throws {
        let limit = SageMakerClientLimits.fileBytesMax
        let long = FileManager.default.temporaryDirectory
            .appending(path: "hookline-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: long) }
        try Data(repeating: 0x0A, count: limit + 2).write(to: long)
        #expect(try readSharedFile(long.path)?.count == limit + 1)
        let longest = [UInt8](repeating: 0x0A, count: limit)
        #expect(try INIFile(parsing: longest, path: "f").sections.isEmpty)
        #expect(throws: SageMakerClientError.fileTooLarge(path: "f", limit: limit)) {
            try INIFile(parsing: longest + [0x0A], path: "f")
        }
    }
}
