import OpenSSLCrypto
import SageMakerAPI
import SageMakerClient
import Testing

@Suite struct SageMakerClientTests {
    private func client(
        _ keyID: String, _ secret: String, token: String? = nil, endpoint: String? = nil
    ) throws -> SageMakerClient {
        SageMakerClient(
            credentials: try Credentials(
                accessKeyID: keyID, secretAccessKey: Secret(secret),
                sessionToken: token.map(Secret.init(_:)), from: "the test"),
            endpoints: try EndpointResolver(configured: endpoint, environment: [:], shared: nil))
    }

    private let body = Array(
        #"{"PipelineName":"churn-training","ClientRequestToken":"0123456789abcdef0123456789abcdef"}"#
            .utf8)

    private func field(_ name: String, _ request: SignedRequest) -> String? {
        request.fields.first { $0.name == name }?.value
    }

    // The three signatures were made with botocore 1.43.11: SigV4Auth(credentials, "sagemaker",
    // region).add_auth on an AWSRequest with Content-Type, X-Amz-Target and the body, its clock
    // set to the time given here.
    @Test func `signs as botocore does`() throws {
        var client = try client("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        let request = try client.request(body: body, region: "eu-west-1", at: 1_795_226_400)
        #expect(request.method == "POST")
        #expect(request.url == "https://api.sagemaker.eu-west-1.amazonaws.com/")
        #expect(request.body == body)
        #expect(
            request.fields.map { "\($0.name): \($0.value)" } == [
                "Host: api.sagemaker.eu-west-1.amazonaws.com",
                "Content-Type: application/x-amz-json-1.1",
                "X-Amz-Target: SageMaker.StartPipelineExecution",
                "X-Amz-Date: 20261121T020000Z",
                "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/sagemaker/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=36a66236efb9096c003cbc5440640a0084d2fc350eacefffe0546e7a8958408d",
            ])
    }

    @Test func `signs a session token as botocore does`() throws {
        var client = try client(
            "ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            token: "FwoGZXIvYXdzEXAMPLE/token+with==")
        let body = Array(
            #"{"PipelineName":"churn","ClientRequestToken":"0123456789abcdef0123456789abcdef","PipelineExecutionDescription":"é 😀"}"#
                .utf8)
        let request = try client.request(body: body, region: "us-gov-west-1", at: 1_795_226_400)
        #expect(field("X-Amz-Security-Token", request) == "FwoGZXIvYXdzEXAMPLE/token+with==")
        #expect(
            field("Authorization", request)
                == "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261121/us-gov-west-1/sagemaker/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=76867f00c960765486bb048a60396996214334aa1f1bbadf57b90a421461891c"
        )
    }

    @Test func `signs for an endpoint with a port and a path as botocore does`() throws {
        var plain = try client(
            "AKIDEXAMPLE", "k", token: "t", endpoint: "http://127.0.0.1:5000")
        let request = try plain.request(body: body, region: "us-east-1", at: 1_709_164_799)
        #expect(request.url == "http://127.0.0.1:5000/")
        #expect(
            field("Authorization", request)?.hasSuffix(
                "Signature=a94d137fcd532aa3f42aa1579acffc301cee160d2fe5a8b81f0ec92f1fce5bc8")
                == true)
        var withPath = try client("AKIDEXAMPLE", "k", endpoint: "http://[::1]:5000/base")
        let other = try withPath.request(body: [], region: "us-east-1", at: 1_709_164_799)
        #expect(other.url == "http://[::1]:5000/base/")
        #expect(field("Host", other) == "[::1]:5000")
        #expect(
            field("Authorization", other)?.hasSuffix(
                "Signature=90c99a5937fe4f8846e33c8897d77cc436d36ec3661b1ccd52e95a2d8e890517")
                == true)
    }

    @Test func `another operation has another target`() throws {
        var client = try client("A", "s")
        let request = try client.request(
            target: "SageMaker.DescribePipelineExecution", body: [], region: "eu-west-1", at: 0)
        #expect(field("X-Amz-Target", request) == "SageMaker.DescribePipelineExecution")
    }

    @Test func `renewed credentials sign the next request`() throws {
        var renewed = try client("A", "one")
        let before = try renewed.request(body: body, region: "eu-west-1", at: 0)
        renewed.credentials = try Credentials(
            accessKeyID: "B", secretAccessKey: Secret("two"), from: "the test")
        let after = try renewed.request(body: body, region: "eu-west-1", at: 0)
        var fresh = try client("B", "two")
        let expected = try fresh.request(body: body, region: "eu-west-1", at: 0)
        #expect(field("Authorization", after) == field("Authorization", expected))
        #expect(field("Authorization", after) != field("Authorization", before))
    }

    @Test func `what one request leaves prepared serves none of another kind`() throws {
        var used = try client("A", "s", token: "t")
        let kinds: [(target: String, body: [UInt8], region: String, at: Int64)] = [
            ("SageMaker.A", body, "eu-west-1", 0), ("SageMaker.A", [], "eu-west-1", 0),
            ("SageMaker.B", body, "eu-west-1", 0), ("SageMaker.B", body, "us-east-1", 0),
            ("SageMaker.B", body, "us-east-1", 1), ("SageMaker.B", body, "us-east-1", 86_400),
        ]
        var seen: Set<String> = []
        for kind in kinds + kinds.reversed() {
            var fresh = try client("A", "s", token: "t")
            let request = try used.request(
                target: kind.target, body: kind.body, region: kind.region, at: kind.at)
            let expected = try fresh.request(
                target: kind.target, body: kind.body, region: kind.region, at: kind.at)
            #expect(request.url == expected.url)
            #expect(request.fields.map(\.name) == expected.fields.map(\.name))
            #expect(request.fields.map(\.value) == expected.fields.map(\.value))
            seen.insert(try #require(field("Authorization", request)))
        }
        #expect(seen.count == kinds.count)
        used.credentials = nil
        #expect(throws: SageMakerClientError.noCredentials(lookedAt: [])) {
            try used.request(target: "SageMaker.A", body: body, region: "eu-west-1", at: 0)
        }
    }

    @Test func `a client that has signed prints no session token`() throws {
        var client = try client("A", "s", token: "tokentoken")
        _ = try client.request(body: body, region: "eu-west-1", at: 0)
        var dumped = ""
        dump(client, to: &dumped)
        for text in ["\(client)", String(reflecting: client), dumped] {
            #expect(!text.contains("tokentoken"))
        }
    }

    @Test(arguments: ["", "eu west", "eu-west-1.evil.example/", "EU-WEST-1", "-a", "a-"])
    func `refuses a region that would be another host`(region: String) throws {
        var client = try client("A", "s")
        #expect(throws: SageMakerClientError.invalidRegion(source: "region")) {
            try client.request(body: body, region: region, at: 0)
        }
    }

    @Test func `a signed request prints neither its fields nor its body`() throws {
        var client = try client("A", "s", token: "tokentoken")
        let request = try client.request(body: body, region: "eu-west-1", at: 0)
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] {
            #expect(text.contains("https://api.sagemaker"))
            #expect(!text.contains("tokentoken"))
            #expect(!text.contains("Signature"))
        }
    }

    private func reply(
        _ code: String, message: String = "m", date: String?
    ) -> ServiceReply {
        ServiceReply(
            status: 403, fields: date.map { [("date", $0)] } ?? [],
            body: Array(#"{"__type":"\#(code)","message":"\#(message)"}"#.utf8))
    }

    @Test(arguments: [
        ("RequestTimeTooSkewed", "m"), ("RequestExpired", "m"),
        ("InvalidSignatureException", "Signature expired: 20261121T010000Z is now earlier"),
    ])
    func `learns the service's time from a reply that refuses ours`(
        code: String, message: String
    ) throws {
        var client = try client("A", "s")
        let outcome = client.outcome(
            of: reply(code, message: message, date: "Sat, 21 Nov 2026 02:00:00 GMT"),
            at: 1_795_226_400 - 3600)
        #expect(outcome == .retry(code: code, message: message, kind: .clock))
        #expect(client.clockOffset == 3600)
        let request = try client.request(
            body: body, region: "eu-west-1", at: 1_795_226_405 - 3600)
        #expect(field("X-Amz-Date", request) == "20261121T020005Z")
        // The clock was set right meanwhile, so the service refuses again.
        _ = client.outcome(
            of: reply(code, message: message, date: "Sat, 21 Nov 2026 02:01:00 GMT"),
            at: 1_795_226_460)
        #expect(client.clockOffset == 0)
    }

    @Test func `learns no time from any other reply`() throws {
        var client = try client("A", "s")
        let date = "Sat, 21 Nov 2026 02:00:00 GMT"
        for code in ["ThrottlingException", "AccessDeniedException", "SignatureDoesNotMatch"] {
            _ = client.outcome(of: reply(code, date: date), at: 0)
            #expect(client.clockOffset == 0)
        }
    }

    @Test(arguments: [
        nil, "", "Sat, 21 Nov 2026 02:00:00", "Sat, 21 Nov 2026 02:00:00 UTC",
        "Sat, 31 Nov 2026 02:00:00 GMT", "Sat, 21 nov 2026 02:00:00 GMT",
        "Saturday, 21-Nov-26 02:00:00 GMT", "Sat Nov 21 02:00:00 2026 GMTGM",
        "Sat, 21 Nov 2026 02-00-00 GMT", "Sat, 21 Nov 2026 25:00:00 GMT",
    ])
    func `learns no time from a Date field that is none`(date: String?) throws {
        var client = try client("A", "s")
        _ = client.outcome(of: reply("RequestTimeTooSkewed", date: date), at: 0)
        #expect(client.clockOffset == 0)
    }

    @Test func `a success is told as it is`() throws {
        var client = try client("A", "s")
        let arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn/execution/abc"
        let reply = ServiceReply(
            status: 200, fields: [], body: Array(#"{"PipelineExecutionArn":"\#(arn)"}"#.utf8))
        #expect(client.outcome(of: reply, at: 0) == .started(executionARN: arn))
    }
}
