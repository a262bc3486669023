import OpenSSLCrypto
import SageMakerClient
import SageMakerEmulator
import Testing

@Suite struct SignatureTests {
    /// What a test does to the signature of a good request, and what comes of it.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: String
        let message: String
        let change: @Sendable (inout TestRequest) -> Void

        init(
            _ name: String, _ code: String, _ message: String,
            _ change: @escaping @Sendable (inout TestRequest) -> Void
        ) {
            testDescription = name
            self.code = code
            self.message = message
            self.change = change
        }
    }

    static let refused = [
        Case("no signature", "MissingAuthenticationToken", "Missing") { $0.isSigned = false },
        Case("another scheme", "IncompleteSignature", "AWS4-HMAC-SHA256") {
            $0.replacing = ("Authorization", "Bearer abc")
        },
        Case("a malformed credential", "IncompleteSignature", "Credential=") {
            $0.replacing = (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE, SignedHeaders=host, "
                    + "Signature=\(String(repeating: "0", count: 64))"
            )
        },
        Case("no date", "IncompleteSignature", "X-Amz-Date") {
            $0.replacing = ("X-Amz-Date", nil)
        },
        Case("a date that is none", "IncompleteSignature", "X-Amz-Date") {
            $0.replacing = ("X-Amz-Date", "yesterday")
        },
        Case("a field that must be signed", "InvalidSignatureException", "'x-amz-more'") {
            $0.replacing = ("X-Amz-More", "1")
        },
        Case("a changed target", "InvalidSignatureException", "does not match") {
            $0.replacing = ("X-Amz-Target", "SageMaker.DescribePipeline")
        },
        Case("an unknown access key", "UnrecognizedClientException", "security token") {
            $0.accessKeyID = "AKIDOTHER"
        },
        Case("a session token nobody gave", "UnrecognizedClientException", "security token") {
            $0.sessionToken = "made-up"
        },
        Case("a wrong secret", "InvalidSignatureException", "does not match") {
            $0.secret = "another"
        },
        Case("a tampered body", "InvalidSignatureException", "does not match") {
            $0.signedContent = TestRequest.start("other").content
        },
        Case("another service", "InvalidSignatureException", "sagemaker/aws4_request") {
            $0.service = "s3"
        },
        Case("a region that is none", "InvalidSignatureException", "valid region") {
            $0.region = "Eu_West"
        },
        Case("an old date", "InvalidSignatureException", "Signature expired") { $0.skew = -901 },
        Case("an early date", "InvalidSignatureException", "Signature not yet current") {
            $0.skew = 901
        },
    ]

    @Test(arguments: refused)
    func `a request that is not signed well is forbidden and creates nothing`(wrong: Case) throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.send(TestRequest.start().with(wrong.change))
        #expect(reply.status == 403)
        #expect(reply.code == wrong.code)
        #expect(reply.string("message")?.contains(wrong.message) == true)
        #expect(reply.field("x-amzn-RequestId") != nil)
        #expect(fixture.emulator.requestsSeen == 1)
        #expect(fixture.emulator.executionsCreated == 0)
        let entry = try #require(fixture.emulator.journal.first)
        #expect(entry.status == 403)
        #expect(entry.error == wrong.code)
        #expect(entry.parameters.isEmpty)
    }

    @Test(arguments: [Int64(-900), 900])
    func `a clock may be a quarter of an hour off`(skew: Int64) throws {
        let fixture = try EmulatorFixture()
        #expect(try fixture.send(.start().with { $0.skew = skew }).status == 200)
    }

    @Test func `temporary credentials need their session token`() throws {
        let fixture = try EmulatorFixture {
            $0.credentials["ASIATEMPORARY"] = Secret("temporary")
            $0.sessionTokens["ASIATEMPORARY"] = Secret("the-token")
        }
        for (token, status) in [("the-token", 200), ("another", 403), (nil, 403)] {
            let request = TestRequest.start().with {
                $0.accessKeyID = "ASIATEMPORARY"
                $0.secret = "temporary"
                $0.sessionToken = token
            }
            #expect(try fixture.send(request).status == status)
        }
        #expect(try fixture.start(token: String(repeating: "d", count: 32)).status == 200)
        #expect(
            fixture.emulator.journal.map(\.accessKeyID)
                == ["ASIATEMPORARY", "ASIATEMPORARY", "ASIATEMPORARY", "AKIDEXAMPLE"])
    }

    @Test func `credentials that no client could send are refused at the start`() {
        #expect(throws: SageMakerClientError.self) {
            try EmulatorFixture { $0.credentials = ["AKIDEXAMPLE": Secret("")] }
        }
    }

    @Test(arguments: ["", "12345678901", "1234567890123", "12345678901x"])
    func `an account that is none is refused at the start`(account: String) {
        #expect(
            throws: EmulatorError.unusableValue(path: "accountID", expected: "twelve digits")
        ) {
            try EmulatorFixture { $0.accountID = account }
        }
    }

    @Test func `without the check a request needs no signature, and one still names its region`()
        throws
    {
        let fixture = try EmulatorFixture { $0.checksSignatures = false }
        let unsigned = try fixture.send(.start().with { $0.isSigned = false })
        #expect(unsigned.executionARN?.hasPrefix("arn:aws:sagemaker:us-east-1:") == true)
        let wrong = try fixture.send(
            .start().with {
                $0.region = "eu-central-1"
                $0.secret = "another"
            })
        #expect(wrong.executionARN?.hasPrefix("arn:aws:sagemaker:eu-central-1:") == true)
    }
}
