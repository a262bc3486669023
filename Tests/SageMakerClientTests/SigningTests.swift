import OpenSSLCrypto
import SageMakerAPI
import SageMakerClient
import Testing

@Suite struct SigningTests {
    private let secret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

    private func credentials(
        _ keyID: String = "AKIDEXAMPLE", _ secret: String = "secret", token: String? = nil
    ) throws -> Credentials {
        try Credentials(
            accessKeyID: keyID, secretAccessKey: Secret(secret),
            sessionToken: token.map(Secret.init(_:)), from: "the test")
    }

    @Test func `derives the signing key of AWS's documentation`() {
        // "Examples of how to derive a signing key for Signature Version 4", AWS General Reference.
        let scope = CredentialScope(date: "20120215", region: "us-east-1", service: "iam")
        let key = SigV4.signingKey(secret, scope: scope)
        #expect(
            hexEncoded(key.bytes)
                == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d")
        #expect("\(key)" == "<redacted>")
        #expect(scope.description == "20120215/us-east-1/iam/aws4_request")
    }

    @Test func `a signing key is derived once for its scope and secret`() throws {
        var keys = SigningKeys()
        let first = try credentials("A", "one")
        let renewed = try credentials("A", "two")
        let scope = CredentialScope(date: "20261121", region: "eu-west-1", service: "sagemaker")
        let tomorrow = CredentialScope(date: "20261122", region: "eu-west-1", service: "sagemaker")
        let key = keys.key(for: scope, of: first)
        #expect(keys.key(for: scope, of: first) == key)
        #expect(keys.count == 1)
        #expect(keys.key(for: tomorrow, of: first) != key)
        #expect(keys.count == 2)
        #expect(keys.key(for: scope, of: renewed) != key)
        #expect(keys.count == 1)
        #expect(keys.key(for: scope, of: renewed) == SigV4.signingKey(Secret("two"), scope: scope))
    }

    @Test func `no more signing keys are kept than the limit`() throws {
        var keys = SigningKeys()
        let credentials = try credentials()
        for day in 0..<SageMakerClientLimits.signingKeysMax {
            let scope = CredentialScope(date: "\(day)", region: "r", service: "s")
            _ = keys.key(for: scope, of: credentials)
        }
        #expect(keys.count == 64)
        _ = keys.key(
            for: CredentialScope(date: "x", region: "r", service: "s"), of: credentials)
        #expect(keys.count == 1)
    }

    @Test(
        arguments: [
            (0, "19700101T000000Z"), (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"), (951_868_800, "20000301T000000Z"),
            (1_440_938_160, "20150830T123600Z"), (1_709_164_800, "20240229T000000Z"),
            (1_735_689_599, "20241231T235959Z"), (1_735_689_600, "20250101T000000Z"),
            (4_107_542_399, "21000228T235959Z"), (4_107_542_400, "21000301T000000Z"),
            (253_402_300_799, "99991231T235959Z"),
        ] as [(Int64, String)])
    func `a time of signing goes both ways`(epochSeconds: Int64, stamp: String) {
        #expect(SigningTime(epochSeconds: epochSeconds).stamp == stamp)
        #expect(SigningTime(stamp)?.epochSeconds == epochSeconds)
        #expect(SigningTime(epochSeconds: epochSeconds).date == String(stamp.prefix(8)))
    }

    @Test func `every day of four centuries goes both ways`() {
        for day in stride(from: Int64(0), to: 146_097, by: 1) {
            let time = SigningTime(epochSeconds: day * 86_400 + 86_399)
            #expect(SigningTime(time.stamp) == time)
        }
    }

    @Test func `a time out of range is the nearest within`() {
        #expect(SigningTime(epochSeconds: -1).stamp == "19700101T000000Z")
        #expect(SigningTime(epochSeconds: .max).stamp == "99991231T235959Z")
    }

    @Test(arguments: [
        "", "20150830T123600", "20150830T123600ZZ", "20150830 123600Z", "2015-8-30T12360Z",
        "20150229T000000Z", "20150431T000000Z", "20151301T000000Z", "20150001T000000Z",
        "20150100T000000Z", "20150101T240000Z", "20150101T006000Z", "20150101T000060Z",
        "19691231T235959Z", "+0150830T123600Z", "２0150830T1236Z",
    ])
    func `refuses what is no time of signing`(stamp: String) {
        #expect(SigningTime(stamp) == nil)
    }

    @Test(
        arguments: [
            ("", "secret", nil, "access key id"), ("A/B", "secret", nil, "access key id"),
            ("A,B", "secret", nil, "access key id"), ("A B", "secret", nil, "access key id"),
            ("A=B", "secret", nil, "access key id"), ("A\n", "secret", nil, "access key id"),
            ("é", "secret", nil, "access key id"), ("A", "", nil, "secret access key"),
            ("A", "a b", nil, "secret access key"), ("A", "a\nb", nil, "secret access key"),
            ("A", "s", "", "session token"), ("A", "s", "t\r\nX: y", "session token"),
        ] as [(String, String, String?, String)])
    func `refuses credentials that cannot be sent`(
        keyID: String, secret: String, token: String?, part: String
    ) {
        #expect(throws: SageMakerClientError.invalidCredentials(source: "the test", part: part)) {
            try credentials(keyID, secret, token: token)
        }
    }

    @Test func `credentials are bounded in length`() throws {
        func text(_ count: Int) -> String { String(repeating: "a", count: count) }
        _ = try credentials(text(128), text(1024), token: text(16384))
        for (keyID, secret, token) in [
            (text(129), "s", "t"), ("A", text(1025), "t"), ("A", "s", text(16385)),
        ] {
            #expect(throws: SageMakerClientError.self) {
                try credentials(keyID, secret, token: token)
            }
        }
    }

    @Test func `credentials do not print their secrets`() throws {
        let credentials = try credentials("AKID", "hunter2", token: "tokentoken")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(text.contains("AKID"))
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("tokentoken"))
        }
    }
}
