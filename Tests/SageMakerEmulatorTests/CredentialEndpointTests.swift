import HTTPServer
import JSON
import OpenSSLCrypto
import SageMakerClient
import SageMakerEmulator
import TestSupport
import Testing

@Suite struct CredentialEndpointTests {
    private let role = "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fstarter"

    private func get(
        _ fixture: EmulatorFixture, _ method: String, _ path: String, _ fields: String = ""
    ) throws -> WireReply {
        let client = try fixture.client()
        client.send("\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(fields)Content-Length: 0\r\n\r\n")
        return client.receive()
    }

    /// A form to STS, signed for it unless it is to be unsigned.
    private func sts(
        _ fixture: EmulatorFixture, _ form: String, service: String? = "sts"
    ) throws -> WireReply {
        var fields = [
            (name: "Host", value: "127.0.0.1"),
            (name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8"),
        ]
        if let service {
            let credentials = try Credentials(
                accessKeyID: EmulatorOptions.demoAccessKeyID,
                secretAccessKey: Secret(EmulatorOptions.demoSecretAccessKey), from: "the test")
            var keys = SigningKeys()
            fields += SigV4.sign(
                SignableRequest(method: "POST", fields: fields),
                contentHash: hexEncoded(sha256(form)), credentials: credentials,
                region: "eu-west-1", service: service,
                at: SigningTime(epochSeconds: fixture.epochSeconds), keys: &keys)
        }
        let lines = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        let client = try fixture.client()
        client.send(
            "POST / HTTP/1.1\r\n\(lines)Content-Length: \(form.utf8.count)\r\n\r\n\(form)")
        return client.receive()
    }

    private func element(_ name: String, _ reply: WireReply) -> String? {
        guard let start = reply.content.firstRange(of: "<\(name)>")?.upperBound,
            let end = reply.content[start...].firstRange(of: "</\(name)>")?.lowerBound
        else { return nil }
        return String(reply.content[start..<end])
    }

    /// Starts a pipeline with credentials that were given.
    private func start(
        _ fixture: EmulatorFixture, _ keyID: String, _ secret: String, _ token: String
    ) throws -> WireReply {
        try fixture.send(
            TestRequest.start().with {
                $0.accessKeyID = keyID
                $0.secret = secret
                $0.sessionToken = token
            })
    }

    @Test func `a role's credentials are accepted until they end`() throws {
        let fixture = try EmulatorFixture()
        let reply = try sts(
            fixture,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=\(role)&RoleSessionName=hookline"
                + "&DurationSeconds=900")
        #expect(reply.status == 200)
        #expect(element("Expiration", reply) == "2026-11-21T04:15:00Z")
        let keyID = try #require(element("AccessKeyId", reply))
        let secret = try #require(element("SecretAccessKey", reply))
        let token = try #require(element("SessionToken", reply))
        #expect(try start(fixture, keyID, secret, token).status == 200)
        #expect(
            try start(fixture, keyID, secret, "another").code == "UnrecognizedClientException")
        fixture.pass(.seconds(899))
        #expect(try start(fixture, keyID, secret, token).status == 200)
        fixture.pass(.seconds(1))
        let late = try start(fixture, keyID, secret, token)
        #expect(late.status == 403)
        #expect(late.code == "ExpiredTokenException")
        // STS is not SageMaker: its requests are in the journal, but not counted.
        #expect(fixture.emulator.requestsSeen == 4)
        #expect(fixture.emulator.journal.first?.operation == "AssumeRole")
    }

    @Test func `STS refuses what is unsigned, signed for another service, denied or no role`()
        throws
    {
        let fixture = try EmulatorFixture()
        let form = "Action=AssumeRole&RoleArn=\(role)&RoleSessionName=hookline"
        #expect(
            element("Code", try sts(fixture, form, service: nil)) == "MissingAuthenticationToken")
        #expect(
            element("Code", try sts(fixture, form, service: "sagemaker")) == "SignatureDoesNotMatch"
        )
        let denied = try sts(fixture, form.replacing("starter", with: "denied-starter"))
        #expect(denied.status == 403)
        #expect(element("Code", denied) == "AccessDenied")
        for wrong in [
            "Action=AssumeRole&RoleArn=starter&RoleSessionName=hookline",
            "Action=AssumeRole&RoleArn=\(role)&RoleSessionName=h", "Action=AssumeRole",
        ] {
            #expect(element("Code", try sts(fixture, wrong)) == "ValidationError", "\(wrong)")
        }
        #expect(
            element("Code", try sts(fixture, "Action=GetFederationToken"))
                == "UnknownOperationException")
    }

    @Test func `a web identity is exchanged without a signature`() throws {
        let fixture = try EmulatorFixture()
        let form =
            "Action=AssumeRoleWithWebIdentity&RoleArn=\(role)&RoleSessionName=pod&WebIdentityToken="
        let reply = try sts(fixture, form + "a.b.c", service: nil)
        #expect(element("Expiration", reply) == "2026-11-21T05:00:00Z")
        #expect(element("Code", try sts(fixture, form, service: nil)) == "ValidationError")
        #expect(
            element("Code", try sts(fixture, form + "expired", service: nil))
                == "ExpiredTokenException")
    }

    @Test func `an instance gives its role's credentials and its region under a token alone`()
        throws
    {
        let fixture = try EmulatorFixture { $0.instanceRegion = "ap-south-1" }
        let roles = "/latest/meta-data/iam/security-credentials/"
        #expect(try get(fixture, "PUT", "/latest/api/token").status == 400)
        let token = try get(
            fixture, "PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n"
        ).content
        let field = "X-aws-ec2-metadata-token: \(token)\r\n"
        #expect(try get(fixture, "GET", roles).status == 401)
        #expect(try get(fixture, "GET", roles, "X-aws-ec2-metadata-token: x\r\n").status == 401)
        let role = try get(fixture, "GET", roles, field).content
        let reply = try get(fixture, "GET", roles + role, field)
        #expect(reply.string("Code") == "Success")
        #expect(
            try start(
                fixture, reply.string("AccessKeyId") ?? "", reply.string("SecretAccessKey") ?? "",
                reply.string("Token") ?? ""
            ).status == 200)
        #expect(
            try get(fixture, "GET", "/latest/meta-data/placement/region", field).content
                == "ap-south-1")
    }

    @Test func `a container's service and the SSO portal give credentials`() throws {
        let fixture = try EmulatorFixture { $0.credentialSeconds = 7 }
        let container = try get(fixture, "GET", "/emulator/container-credentials")
        #expect(container.string("Expiration") == "2026-11-21T04:00:07Z")
        let path = "/federation/credentials?role_name=a&account_id=1"
        #expect(try get(fixture, "GET", path).status == 401)
        let sso = try get(fixture, "GET", path, "x-amz-sso_bearer_token: t\r\n")
        let document = try JSONDocument(parsing: Array(sso.content.utf8))
        #expect(document.root.at("roleCredentials", "expiration")?.int == 1_795_233_607_250)
    }

    // MARK: - The clock

    @Test func `a clock of its own is told by Date and decides over signatures`() throws {
        let fixture = try EmulatorFixture { $0.clockOffset = 3600 }
        let refused = try fixture.start()
        #expect(refused.status == 403)
        #expect(refused.code == "InvalidSignatureException")
        #expect(refused.message?.hasPrefix("Signature expired") ?? false)
        #expect(refused.field("Date") == "Sat, 21 Nov 2026 05:00:00 GMT")
        #expect(try fixture.send(TestRequest.start().with { $0.skew = 3600 }).status == 200)
    }
}

@Suite struct MoreOperationTests {
    private let definition =
        #"{\"Parameters\":[{\"Name\":\"A\"},{\"Name\":\"B\",\"DefaultValue\":1}]}"#

    /// - Parameter token: A letter, of which the token is made.
    private func create(
        _ fixture: EmulatorFixture, token: String = "c", definition: String? = nil,
        more: String = ""
    ) throws -> WireReply {
        try fixture.send(
            TestRequest(
                "CreatePipeline",
                #"{"PipelineName":"mine","#
                    + #""ClientRequestToken":"\#(String(repeating: token, count: 32))","#
                    + #""RoleArn":"arn:aws:iam::123456789012:role/pipelines","#
                    + #""PipelineDefinition":"\#(definition ?? self.definition)"\#(more)}"#))
    }

    @Test func `the same creation again is the same pipeline, and another with its token is none`()
        throws
    {
        let fixture = try EmulatorFixture()
        let first = try create(fixture)
        #expect(first.status == 200)
        #expect(try create(fixture).content == first.content)
        let other = try create(fixture, more: #","PipelineDescription":"d""#)
        #expect(other.code == "ConflictException")
        #expect(other.message?.contains("pipeline/mine") == true)
    }

    @Test func `a creation's members are described`() throws {
        let fixture = try EmulatorFixture()
        let more =
            #","PipelineDisplayName":"Mine","PipelineDescription":"ü","PipelineVersionAliases":["a"]"#
        #expect(try create(fixture, more: more).status == 200)
        let described = try fixture.send(
            TestRequest("DescribePipeline", #"{"PipelineName":"mine"}"#))
        #expect(described.string("PipelineDisplayName") == "Mine")
        #expect(described.string("PipelineDescription") == "ü")
        #expect(described.string("RoleArn") == "arn:aws:iam::123456789012:role/pipelines")
        #expect(described.content.contains(#""PipelineVersionAliases":["a"]"#))
        let unknown = try fixture.send(
            TestRequest("DescribePipeline", #"{"PipelineName":"other"}"#))
        #expect(unknown.string("RoleArn") == "arn:aws:iam::123456789012:role/emulated")
    }

    @Test(arguments: ["{", "[]", "5", "x"])
    func `a definition that is no JSON object is refused`(definition: String) throws {
        let fixture = try EmulatorFixture()
        let reply = try create(fixture, definition: definition)
        #expect(reply.code == "ValidationException")
        #expect(reply.message?.contains("PipelineDefinition: must be a JSON object") == true)
    }

    @Test
    func `a pipeline that was created describes itself, and starts with its parameters alone`()
        throws
    {
        let fixture = try EmulatorFixture()
        #expect(try create(fixture).status == 200)
        #expect(try create(fixture, token: "y").code == "ValidationException")
        let described = try fixture.send(
            TestRequest("DescribePipeline", #"{"PipelineName":"mine"}"#))
        #expect(
            described.string("PipelineDefinition")
                == #"{"Parameters":[{"Name":"A"},{"Name":"B","DefaultValue":1}]}"#)
        for (parameters, status) in [
            ([], 400), ([("B", "1")], 400), ([("A", "x"), ("C", "y")], 400), ([("A", "x")], 200),
        ] as [([(String, String)], Int)] {
            #expect(try fixture.start("mine", parameters: parameters).status == status)
        }
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test func `a file's pipelines are there from the beginning, after a reset too`() throws {
        let text = #"{"pipelines":[{"name":"mine","definition":{"Parameters":[{"Name":"A"}]}}]}"#
        let fixture = try EmulatorFixture {
            $0.pipelines = (try? PipelineSeeds(parsing: Array(text.utf8))) ?? PipelineSeeds()
        }
        #expect(try fixture.start("mine").code == "ValidationException")
        fixture.emulator.reset()
        #expect(try fixture.start("mine").code == "ValidationException")
        #expect(try fixture.start("mine", parameters: [("A", "x")]).status == 200)
        #expect(try create(fixture).code == "ValidationException")
    }

    @Test(arguments: [
        ("", "the file is "), ("[]", "pipelines: expected a list"),
        (#"{"pipelines":[{}]}"#, "pipelines[0].name: expected a pipeline's name"),
        (
            #"{"pipelines":[{"name":"a","definition":"b"}]}"#,
            "pipelines[0].definition: expected an object"
        ),
        (
            #"{"pipelines":[{"name":"a","definition":{}},{"name":"a","definition":{}}]}"#,
            "pipelines[1].name: expected a name that is not there yet"
        ),
    ])
    func `a file of pipelines is refused with what was expected`(text: String, expected: String) {
        let error = #expect(throws: EmulatorError.self) {
            try PipelineSeeds(parsing: Array(text.utf8))
        }
        #expect(error?.description.hasPrefix(expected) ?? false, "\(error?.description ?? "")")
    }

    @Test func `executions are listed by their pipeline, in pages`() throws {
        let fixture = try EmulatorFixture()
        var arns: [String] = []
        for number in 0..<3 {
            arns.append(
                try #require(
                    try fixture.start(token: String(repeating: "\(number)", count: 32)).executionARN
                ))
            fixture.pass(.seconds(1))
        }
        try fixture.start("other", token: String(repeating: "x", count: 32))
        func list(_ more: String) throws -> (found: [String], next: String?) {
            let reply = try fixture.send(
                TestRequest("ListPipelineExecutions", #"{"PipelineName":"churn-training"\#(more)}"#)
            )
            let root = try JSONDocument(parsing: Array(reply.content.utf8)).root
            let found = root["PipelineExecutionSummaries"]?.elements
                .compactMap { $0["PipelineExecutionArn"]?.string }
            return (found ?? [], root["NextToken"]?.string)
        }
        #expect(try list("").found == arns.reversed())
        let first = try list(#","SortOrder":"Ascending","MaxResults":2"#)
        #expect(first.found == [arns[0], arns[1]])
        let next = try #require(first.next)
        let second = try list(#","SortOrder":"Ascending","MaxResults":2,"NextToken":"\#(next)""#)
        #expect(second.found == [arns[2]] && second.next == nil)
    }

    @Test func `executions are listed by their moment, their version and the order of their ARNs`()
        throws
    {
        let fixture = try EmulatorFixture()
        var arns: [String] = []
        for number in 0..<8 {
            let alias = number == 3 ? #","PipelineVersionAlias":"prod""# : ""
            arns.append(
                try #require(
                    try fixture.send(
                        .start(token: String(repeating: "\(number)", count: 32), more: alias)
                    ).executionARN))
            fixture.pass(.seconds(1))
        }
        func list(_ more: String) throws -> WireReply {
            try fixture.send(
                TestRequest(
                    "ListPipelineExecutions", #"{"PipelineName":"churn-training",\#(more)}"#))
        }
        func found(_ more: String) throws -> [String] {
            let reply = try list(more)
            #expect(reply.status == 200, "\(reply.content)")
            let root = try JSONDocument(parsing: Array(reply.content.utf8)).root
            let found = root["PipelineExecutionSummaries"]?.elements
                .compactMap { $0["PipelineExecutionArn"]?.string }
            return found ?? []
        }
        // The first is created at 1795233600.25.
        for (more, numbers) in [
            (#""CreatedAfter":1795233604.25,"SortOrder":"Ascending""#, [5, 6, 7]),
            (#""CreatedAfter":1795233604.249999,"SortOrder":"Ascending""#, [4, 5, 6, 7]),
            (#""CreatedBefore":1795233602.25"#, [1, 0]),
            (#""CreatedBefore":1.79523360225001e9"#, [2, 1, 0]),
            (#""CreatedAfter":1795233604,"CreatedBefore":1795233606"#, [5, 4]),
            (#""PipelineVersionAlias":"prod""#, [3]), (#""PipelineVersionAlias":"other""#, []),
        ] {
            #expect(try found(more) == numbers.map { arns[$0] }, "\(more)")
        }
        #expect(try list(#""PipelineVersionAlias":"missing-one""#).code == "ResourceNotFound")
        let byARN = #""SortBy":"PipelineExecutionArn","SortOrder":"#
        #expect(try found(byARN + #""Ascending""#) == arns.sorted())
        #expect(try found(byARN + #""Descending""#) == arns.sorted().reversed())
        #expect(try found(#""SortBy":"CreationTime","SortOrder":"Ascending""#) == arns)
    }

    @Test func `a failed or stopped execution can be retried, and one that runs cannot`() throws {
        let fixture = try EmulatorFixture()
        let arn = try #require(try fixture.start("failing-training").executionARN)
        func retry(_ token: String) throws -> WireReply {
            try fixture.send(
                TestRequest(
                    "RetryPipelineExecution",
                    #"{"PipelineExecutionArn":"\#(arn)","ClientRequestToken":"\#(token)"}"#))
        }
        func status() throws -> String? {
            try fixture.send(
                TestRequest("DescribePipelineExecution", #"{"PipelineExecutionArn":"\#(arn)"}"#)
            ).string("PipelineExecutionStatus")
        }
        #expect(try retry(TestRequest.token).code == "ConflictException")
        fixture.pass(.seconds(10))
        #expect(try status() == "Failed")
        #expect(try retry(TestRequest.token).executionARN == arn)
        #expect(try status() == "Executing")
        // The same token again is the same retry.
        #expect(try retry(TestRequest.token).executionARN == arn)
        fixture.pass(.seconds(10))
        #expect(try status() == "Succeeded")
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test(arguments: [
        (EmulatorOptions.TokenReuse.conflict, "ConflictException"),
        (.validation, "ValidationException"),
    ])
    func `a used token with another request is refused as the options say`(
        reuse: EmulatorOptions.TokenReuse, code: String
    ) throws {
        let fixture = try EmulatorFixture { $0.tokenReuse = reuse }
        #expect(try fixture.start("a").status == 200)
        #expect(try fixture.start("b").code == code)
    }

    @Test func `a used token can stand for its first execution whatever comes with it`() throws {
        let fixture = try EmulatorFixture { $0.tokenReuse = .replay }
        let arn = try fixture.start("a").executionARN
        #expect(try fixture.start("b").executionARN == arn)
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test func `a fault can let requests through first`() throws {
        var fault = ScriptedFault(.throttle)
        fault.skip = 2
        let fixture = try EmulatorFixture { $0.faults = FaultScript([fault]) }
        let statuses = try (0..<4).map { _ in try fixture.start().status }
        #expect(statuses == [200, 200, 400, 200])
        let text =
            #"{"faults":[{"fault":"throttle","times":1,"skip":2,"operation":"StartPipelineExecution"}]}"#
        #expect(String(decoding: FaultScript([fault]).encoded(), as: UTF8.self) == text)
        #expect(try FaultScript(parsing: Array(text.utf8)) == FaultScript([fault]))
    }

    @Test func `replies that are not the service's are a proxy's page and a redirect`() throws {
        let fixture = try EmulatorFixture {
            $0.faults = FaultScript([ScriptedFault(.html), ScriptedFault(.redirect)])
        }
        let page = try fixture.start()
        #expect(page.status == 502 && page.content.hasPrefix("<html>"))
        let redirect = try fixture.start()
        #expect(redirect.status == 307)
        #expect(redirect.field("Location") == "http://sagemaker.invalid/")
        #expect(fixture.emulator.journal.map(\.status) == [502, 307])
        #expect(fixture.emulator.executionsCreated == 0)
    }

    @Test func `wrong and huge contents come from an execution all the same`() throws {
        let fixture = try EmulatorFixture {
            $0.faults = FaultScript([ScriptedFault(.wrongJSON), ScriptedFault(.hugeReply)])
        }
        #expect(try fixture.start().content == #"{"PipelineExecutionArn":["none"]}"#)
        #expect(try fixture.start().content.utf8.count > 10_000_000)
        #expect(fixture.emulator.executionsCreated == 1)
    }
}
