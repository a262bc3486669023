import Foundation
import OpenSSLCrypto
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct AWSTests {
    /// The token of the start that the rule `retrain` makes of a delivery.
    private func token(_ delivery: String, rule: String = "retrain") -> String {
        hexEncoded(sha256("github\u{0}\(delivery)\u{0}0\u{0}\(rule)"))
    }

    private func script(_ fixture: GatewayFixture, _ faults: [String]) throws {
        let content = #"{"faults":[\#(faults.joined(separator: ","))]}"#
        let answer = try fixture.request(
            "POST /emulator/faults HTTP/1.1\r\nHost: x\r\nContent-Length: \(content.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(content)", port: fixture.emulatorPort)
        #expect(answer.status == 200, "\(answer.content)")
    }

    private func push(_ fixture: GatewayFixture, _ delivery: String) throws {
        let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        #expect(try fixture.push(payload, delivery: delivery).status == 202)
    }

    /// What goes wrong once with a start that comes to its one execution all the same, and how many
    /// requests reach the service for it.
    private static let passing: [(fault: String, more: String, requests: Int)] = [
        ("throttle", "", 2), ("429", "", 2), ("429", #","empty":true"#, 2), ("500", "", 2),
        ("503", "", 2), ("503", #","empty":true"#, 2),
        ("503", #","retryAfterMilliseconds":200"#, 2), ("clockSkew", "", 2), ("html", "", 2),
        ("redirect", "", 2), ("resetBefore", "", 2), ("closeBefore", "", 2), ("resetAfter", "", 2),
        ("closeAfter", "", 2), ("slow", #","delayMilliseconds":300"#, 1), ("drip", "", 1),
        ("halfReply", "", 2),
        ("halfReply", #","cut":"headers""#, 2), ("noARN", "", 2), ("wrongJSON", "", 2),
        // These wait for the job's next attempt.
        ("hugeReply", "", 2), ("expiredToken", "", 2), ("unknownClient", "", 2),
        ("badSignature", "", 2),
    ]

    @Test func `whatever goes wrong once, one execution is created`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        let deliveries = Self.passing.indices.map { "d\($0)" }
        try script(
            fixture,
            zip(deliveries, Self.passing).map { delivery, fault in
                #"{"fault":"\#(fault.fault)","token":"\#(token(delivery))"\#(fault.more)}"#
            })
        for delivery in deliveries { try push(fixture, delivery) }
        try waitUntil("all starts") {
            try fixture.get("/metrics", port: fixture.adminPort).content.contains(
                #"hookline_starts_total{rule="retrain",state="started"} \#(deliveries.count)"#
                    + "\n")
        }
        let journal = try fixture.journal()
        #expect(journal.executionsCreated == deliveries.count)
        for (delivery, fault) in zip(deliveries, Self.passing) {
            let requests = journal.requests.filter { $0.token == token(delivery) }
            // A reset of a connection that was used before has libcurl send once more by itself.
            #expect(requests.count >= fault.requests, "\(fault)")
            #expect(Set(requests.compactMap(\.executionArn)).count == 1, "\(fault)")
        }
    }

    @Test(arguments: ["resetReused", "closeReused"])
    func `a connection that was let go under a start costs it nothing`(fault: String) throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        try script(fixture, [#"{"fault":"\#(fault)"}"#])
        for number in 1...3 {
            try push(fixture, "d\(number)")
            try waitUntil("the start") { try fixture.journal().executionsCreated == number }
        }
        let journal = try fixture.journal()
        #expect(journal.executionsCreated == 3)
        #expect(journal.requests.count { $0.fault == fault } == 1)
        #expect(journal.requestsSeen == 4)
    }

    @Test func `a reply that never comes holds up no other start, and is asked for again`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        try script(fixture, [#"{"fault":"never","token":"\#(token("lost"))"}"#])
        try push(fixture, "lost")
        try waitUntil("the request") { try fixture.journal().requestsSeen == 1 }
        for number in 1...20 { try push(fixture, "d\(number)") }
        try waitUntil("the others") { try fixture.journal().executionsCreated == 21 }
        // Two requests of one token: the time-out is a minute.
        try waitUntil("the second request", seconds: 120) {
            try fixture.journal().requests.count { $0.token == token("lost") } == 2
        }
        try waitUntil("the start") {
            try fixture.get("/metrics", port: fixture.adminPort).content.contains(
                #"hookline_starts_total{rule="retrain",state="started"} 21"# + "\n")
        }
        let lost = try fixture.journal().requests.filter { $0.token == token("lost") }
        #expect(Set(lost.compactMap(\.executionArn)).count == 1)
        #expect(try fixture.journal().executionsCreated == 21)
    }

    @Test func `a region that does not answer holds up no other`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        for (rule, region) in [("hanging", "us-east-1"), ("well", "eu-west-1")] {
            try fixture.write(
                """
                rules:
                  - name: \(rule)
                    source: github
                    region: \(region)
                    on: {push: {branches: [\(rule)]}}
                    start: {PipelineName: \(rule)-training}

                """, to: "rules/\(rule).yaml")
        }
        try fixture.writeConfiguration()
        try fixture.startGateway()
        try script(fixture, [#"{"fault":"never","times":1000,"pipeline":"hanging-training"}"#])
        func push(_ rule: String, _ number: Int) throws {
            let payload = GatewayFixture.pushPayload(
                branch: rule, after: GatewayFixture.commit(number))
            #expect(try fixture.push(payload, delivery: "\(rule)-\(number)").status == 202)
        }
        // More than there is room for in memory.
        for number in 1...300 { try push("hanging", number) }
        for number in 1...5 { try push("well", number) }
        // Long before the first time-out, which is a minute after the first request.
        try waitUntil("the other region's starts", seconds: 40) {
            try fixture.journal().requests.count { $0.region == "eu-west-1" } == 5
        }
        let hanging = try fixture.journal().requests.filter { $0.region == "us-east-1" }
        #expect(Set(hanging.compactMap(\.token)).count == hanging.count)
    }

    @Test func `a permanent answer ends a start, and creates nothing`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        let faults = ["accessDenied", "validation", "notFound", "conflict"]
        try script(
            fixture,
            faults.map { #"{"fault":"\#($0)","times":9,"token":"\#(token($0))"}"# })
        for fault in faults { try push(fixture, fault) }
        try waitUntil("the refusals") {
            try fixture.get("/metrics", port: fixture.adminPort).content.contains(
                #"hookline_starts_total{rule="retrain",state="refused"} 4"# + "\n")
        }
        let journal = try fixture.journal()
        #expect(journal.executionsCreated == 0)
        #expect(journal.requestsSeen == 4)
        let log = fixture.gateway?.errors ?? ""
        for code in ["AccessDeniedException", "ValidationException", "ResourceNotFound"] {
            #expect(log.contains(code))
        }
        // AWS's messages may quote a payload.
        #expect(!log.contains("as the fault script says"))
    }

    @Test func `a used-up quota waits and is asked once`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator(with: ["--concurrent-executions", "0"])
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        try push(fixture, "d")
        try waitUntil("the attempt") {
            try fixture.get("/metrics", port: fixture.adminPort).content
                .contains(#"hookline_start_attempts_total{outcome="retried"} 1"#)
        }
        #expect(try fixture.journal().requestsSeen == 1)
        #expect(try fixture.journal().executionsCreated == 0)
        #expect(
            try fixture.get("/metrics", port: fixture.adminPort).content
                .contains("hookline_queued_starts 1\n"))
    }

    @Test(arguments: [3600, -3600])
    func `a clock that is an hour off is corrected by the service's Date`(offset: Int) throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator(with: ["--clock-offset=\(offset)"])
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        for number in 1...3 {
            try push(fixture, "d\(number)")
            try waitUntil("the start") { try fixture.journal().executionsCreated == number }
        }
        let journal = try fixture.journal()
        #expect(journal.executionsCreated == 3)
        // Only the first signature was made with the wrong time.
        #expect(journal.requests.map(\.status) == [403, 200, 200, 200])
    }

    @Test func `the answer says which rules' starts are another's by their own token`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        let token = String(repeating: "t", count: 40)
        func rules(_ names: [String]) -> String {
            "rules:\n"
                + names.map {
                    "  - {name: \($0), source: github, start: {PipelineName: \($0)-training, "
                        + "ClientRequestToken: \(token)}}\n"
                }.joined()
        }
        try fixture.write(rules(["first", "second"]), to: "rules/tokens.yaml")
        try fixture.writeConfiguration()
        try fixture.startGateway()
        let payload = GatewayFixture.pushPayload(after: GatewayFixture.commit(1))
        let start = "~" + hexEncoded(sha256(token)).prefix(32)
        let note =
            #""notes":["rule second, event 0: nothing more is started, as its ClientRequestToken is "#
            + #"that of rule first's start \#(start)"]}"#
        let answer = try fixture.push(payload, delivery: "d")
        #expect(answer.status == 202)
        #expect(answer.content.hasSuffix(#""errors":[],\#(note)"#), "\(answer.content)")
        let again = try fixture.push(payload, delivery: "e")
        #expect(again.status == 200)
        #expect(
            again.content.hasSuffix(#""errors":[],"duplicate":true,\#(note)"#),
            "\(again.content)")
        try waitUntil("the start") { try fixture.journal().executionsCreated == 1 }
        #expect(try fixture.journal().requests.compactMap(\.token) == [token])
    }

    @Test(arguments: ["1200", "-7200"])
    func `with a wrong clock a role is assumed all the same`(offset: String) throws {
        let fixture = try GatewayFixture()
        // Two words: a number below zero is no option.
        try fixture.startEmulator(with: ["--clock-offset", offset])
        fixture.environment["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:\(fixture.emulatorPort)"
        try fixture.write(
            """
            rules:
              - name: retrain
                source: github
                roleArn: arn:aws:iam::210987654321:role/starter
                start: {PipelineName: churn-training}

            """, to: "rules/retrain.yaml")
        try fixture.writeConfiguration()
        let check = try fixture.run(["check", "--aws"])
        #expect(try check.waitForExit() == 0, "\(check.errors)")
        try fixture.startGateway()
        try push(fixture, "d")
        try waitUntil("the start") { try fixture.journal().executionsCreated == 1 }
        let journal = try fixture.journal()
        #expect(
            journal.requests.map { "\($0.operation ?? "") \($0.status ?? 0)" } == [
                "AssumeRole 403", "AssumeRole 200", "DescribePipeline 403", "DescribePipeline 200",
                "AssumeRole 403", "AssumeRole 200", "StartPipelineExecution 403",
                "StartPipelineExecution 200",
            ])
        #expect(
            journal.requests.last?.executionArn?.hasPrefix(
                "arn:aws:sagemaker:eu-west-1:210987654321:pipeline/churn-training/") == true)
    }

    @Test func `a role that nobody may assume holds up no other`() throws {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        fixture.environment["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:\(fixture.emulatorPort)"
        for role in ["denied-starter", "starter"] {
            try fixture.write(
                """
                rules:
                  - name: \(role)
                    source: github
                    roleArn: arn:aws:iam::123456789012:role/\(role)
                    start: {PipelineName: churn-training}

                """, to: "rules/\(role).yaml")
        }
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        for number in 0..<20 { try push(fixture, "d\(number)") }
        try waitUntil("the starts") { try fixture.journal().executionsCreated == 40 }
        let journal = try fixture.journal()
        let started = journal.requests.filter { $0.operation == "StartPipelineExecution" }
        #expect(started.allSatisfy { $0.status == 200 })
        // Our own key, and the role's.
        #expect(Set(started.compactMap(\.accessKeyId)).count == 2)
        let assumed = journal.requests.filter { $0.operation == "AssumeRole" }
        #expect(assumed.count { $0.status == 200 } == 1)
        #expect(assumed.contains { $0.status == 403 })
        let log = fixture.gateway?.errors ?? ""
        #expect(log.contains("AccessDenied") && log.contains("role/denied-starter"))
    }

    @Test(arguments: [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "/emulator/container-credentials"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", ""),
    ])
    func `credentials that end after seconds are renewed in time`(variable: String, path: String)
        throws
    {
        let fixture = try GatewayFixture()
        try fixture.startEmulator(with: ["--credential-seconds", "20"])
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            fixture.environment[name] = nil
        }
        fixture.environment[variable] = "http://127.0.0.1:\(fixture.emulatorPort)\(path)"
        try fixture.writeRule()
        try fixture.writeConfiguration()
        try fixture.startGateway()
        var number = 0
        // Until three different keys have signed.
        try waitUntil("three keys", seconds: 120) {
            try push(fixture, "d\(number)")
            number += 1
            usleep(200_000)
            return try Set(fixture.journal().requests.compactMap(\.accessKeyId)).count >= 3
        }
        #expect(try fixture.journal().requests.allSatisfy { $0.status == 200 })
    }

    // MARK: - check --aws

    @Test func `check --aws says where credentials are from, and compares each rule's pipeline`()
        throws
    {
        let fixture = try GatewayFixture()
        try fixture.write(
            #"""
            {"pipelines": [{"name": "churn-training", "definition": {"Parameters": [
              {"Name": "GitCommit", "Type": "String"},
              {"Name": "Epochs", "Type": "Integer", "DefaultValue": 10},
              {"Name": "Mode", "Type": "String", "EnumValues": ["fast", "full"], "DefaultValue": "fast"}]}}]}
            """#, to: "pipelines.json")
        try fixture.startEmulator(with: ["--pipelines", "pipelines.json"])
        try fixture.writeRule()
        try fixture.writeConfiguration()
        let right = try fixture.run(["check", "--aws"])
        #expect(try right.waitForExit() == 0)
        #expect(right.output.contains("aws: credentials from the environment\n"))
        #expect(right.output.contains("takes its 2 of 3 parameters"))
        try fixture.write(
            """
            rules:
              - name: wrong
                source: github
                start: {PipelineName: churn-training, PipelineParameters: {GitComit: x, Epochs: many, Mode: slow}}
              - name: gone
                source: github
                start: {PipelineName: missing-pipeline}

            """, to: "rules/wrong.yaml")
        let wrong = try fixture.run(["check", "--aws"])
        #expect(try wrong.waitForExit() == 1)
        for line in [
            "rules/wrong.yaml:2:11: pipeline churn-training in eu-west-1: there is no parameter GitComit; "
                + "did you mean \"GitCommit\"?",
            "parameter Epochs: must be of type Integer, is \"many\"",
            "parameter Mode: must be one of fast, full, is \"slow\"",
            "parameter GitCommit has no default value and is not given",
            "rules/wrong.yaml:5:11: pipeline missing-pipeline in eu-west-1: there is none",
        ] {
            #expect(wrong.errors.contains(line), "\(line)")
        }
        try fixture.write(
            """
            rules:
              - name: omitting
                source: github
                emptyParameters: omit
                start: {PipelineName: churn-training, PipelineParameters: {GitCommit: "", Epochs: "0x10"}}
              - name: aliased
                source: github
                start: {PipelineName: churn-training, PipelineVersionAlias: nope, PipelineParameters: {GitCommit: x}}

            """, to: "rules/wrong.yaml")
        let omitting = try fixture.run(["check", "--aws"])
        #expect(try omitting.waitForExit() == 1)
        for line in [
            "rules/wrong.yaml:2:11: pipeline churn-training in eu-west-1: parameter GitCommit has no default "
                + "value and is not given, as it is empty and emptyParameters is omit",
            "parameter Epochs: must be of type Integer, is \"0x10\"",
            "rules/wrong.yaml:6:11: pipeline churn-training in eu-west-1: ResourceNotFound: Pipeline "
                + "'churn-training' has no version with the alias 'nope'.",
        ] {
            #expect(omitting.errors.contains(line), "\(line)")
        }
        fixture.environment["AWS_ACCESS_KEY_ID"] = nil
        fixture.environment["AWS_SECRET_ACCESS_KEY"] = nil
        fixture.environment["AWS_EC2_METADATA_DISABLED"] = "true"
        let nobody = try fixture.run(["check", "--aws"])
        #expect(try nobody.waitForExit() == 1)
        #expect(nobody.errors.contains("aws: no AWS credentials; looked at the environment"))
    }

    @Test func `credentials that have ended are told by check --aws and with each attempt`() throws
    {
        let fixture = try GatewayFixture()
        try fixture.startEmulator()
        try fixture.write(
            #"""
            [default]
            credential_process = /bin/echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"2020-11-26T00:00:00Z"}'

            """#, to: "aws-config")
        fixture.environment["AWS_CONFIG_FILE"] =
            fixture.folder.appendingPathComponent("aws-config").path
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            fixture.environment[name] = nil
        }
        try fixture.writeRule()
        try fixture.writeConfiguration()
        let told =
            "no AWS credentials from the credential_process of profile default: those it gives "
            + "ended at 2020-11-26T00:00:00Z, and it is "
        let check = try fixture.run(["check", "--aws"])
        #expect(try check.waitForExit() == 1)
        #expect(check.errors.contains("aws: \(told)"), "\(check.errors)")
        try fixture.startGateway()
        try push(fixture, "d")
        try waitUntil("the attempt") { fixture.gateway?.errors.contains(told) ?? false }
        #expect(try fixture.journal().requestsSeen == 0)
    }
}
