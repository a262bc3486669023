import JSON
import SageMakerEmulator
import Testing

@Suite struct ControlTests {
    @Test func `the journal tells each request, newest last`() throws {
        let fixture = try EmulatorFixture {
            $0.faults = FaultScript([ScriptedFault(.resetAfter)])
        }
        try fixture.start(parameters: [("GitCommit", "abc")])
        fixture.pass(.seconds(61))
        try fixture.send(TestRequest.start().with { $0.isSigned = false })
        let reply = try fixture.control("GET", "/emulator/journal")
        #expect(reply.field("Content-Type") == "application/json")
        let root = try JSONDocument(parsing: Array(reply.content.utf8)).root
        #expect(root["requestsSeen"]?.int == 2)
        #expect(root["executionsCreated"]?.int == 1)
        let requests = try #require(root["requests"]).elements.map { $0 }
        #expect(requests.count == 2)
        #expect(
            requests[0].members.map { $0.name.string } == [
                "at", "requestId", "operation", "region", "accessKeyId", "token", "pipeline",
                "parameters", "fault", "status", "error", "executionArn",
            ])
        #expect(requests[0]["at"]?.string == "2026-11-21T04:00:00.250Z")
        #expect(requests[0]["operation"]?.string == "StartPipelineExecution")
        #expect(requests[0]["region"]?.string == "eu-west-1")
        #expect(requests[0]["accessKeyId"]?.string == "AKIDEXAMPLE")
        #expect(requests[0]["token"]?.string == TestRequest.token)
        #expect(requests[0]["pipeline"]?.string == "churn-training")
        #expect(requests[0].at("parameters", "GitCommit")?.string == "abc")
        #expect(requests[0]["fault"]?.string == "resetAfter")
        #expect(requests[0]["status"]?.isNull == true)
        #expect(
            requests[0]["executionArn"]?.string == fixture.emulator.journal[0].executionARN)
        #expect(requests[1]["at"]?.string == "2026-11-21T04:01:01.250Z")
        #expect(requests[1]["status"]?.int == 403)
        #expect(requests[1]["error"]?.string == "MissingAuthenticationToken")
        #expect(requests[1]["accessKeyId"]?.isNull == true)
    }

    @Test func `faults are shown, appended, replaced and cleared`() throws {
        let fixture = try EmulatorFixture()
        let path = "/emulator/faults"
        let one = #"{"fault":"throttle","times":1,"operation":"StartPipelineExecution"}"#
        let two = #"{"fault":"503","times":2,"operation":"StartPipelineExecution"}"#
        #expect(try fixture.control("GET", path).content == #"{"faults":[]}"#)
        #expect(
            try fixture.control("POST", path, #"{"faults":[{"fault":"throttle"}]}"#).content
                == #"{"faults":[\#(one)]}"#)
        #expect(
            try fixture.control("POST", path, #"{"faults":[{"fault":"503","times":2}]}"#).content
                == #"{"faults":[\#(one),\#(two)]}"#)
        #expect(try fixture.start().code == "ThrottlingException")
        #expect(try fixture.control("GET", path).content == #"{"faults":[\#(two)]}"#)
        #expect(
            try fixture.control("PUT", path, #"{"faults":[{"fault":"throttle"}]}"#).content
                == #"{"faults":[\#(one)]}"#)
        #expect(try fixture.control("DELETE", path).content == #"{"faults":[]}"#)
        #expect(try fixture.start().status == 200)
    }

    @Test func `a script that cannot be read changes nothing and is told why`() throws {
        let fixture = try EmulatorFixture {
            $0.faults = FaultScript([ScriptedFault(.throttle)])
        }
        for method in ["POST", "PUT"] {
            let reply = try fixture.control(
                method, "/emulator/faults", #"{"faults":[{"fault":"a\"b"}]}"#)
            #expect(reply.status == 400)
            #expect(reply.field("Content-Type") == "application/problem+json")
            let detail = try #require(reply.string("detail"))
            #expect(detail.hasPrefix("faults[0].fault: expected one of throttle, 429,"))
            #expect(detail.hasSuffix(#"found a"b"#))
        }
        #expect(fixture.emulator.faults.faults.map(\.kind) == [.throttle])
    }

    @Test func `a reset forgets everything`() throws {
        let fixture = try EmulatorFixture {
            $0.faults = FaultScript([ScriptedFault(.throttle, times: 5)])
        }
        try fixture.start()
        #expect(try fixture.control("POST", "/emulator/reset").status == 204)
        #expect(fixture.emulator.requestsSeen == 0)
        #expect(fixture.emulator.journal.isEmpty)
        let first = try fixture.start()
        #expect(first.status == 200)
        #expect(try fixture.control("POST", "/emulator/reset").status == 204)
        #expect(fixture.emulator.executionsCreated == 0)
        let second = try fixture.start()
        #expect(second.status == 200)
        #expect(second.executionARN != first.executionARN)
        #expect(fixture.emulator.executionsCreated == 1)
    }

    @Test(arguments: [
        ("GET", "/"), ("PUT", "/emulator/journal"), ("PATCH", "/emulator/faults"),
        ("GET", "/emulator/reset"),
    ])
    func `a path has its methods only`(method: String, path: String) throws {
        let fixture = try EmulatorFixture()
        let reply = try fixture.control(method, path)
        #expect(reply.status == 405)
        #expect(reply.field("Allow")?.contains(method) == false)
        #expect(fixture.emulator.requestsSeen == 0)
    }

    @Test func `another path is not found`() throws {
        let fixture = try EmulatorFixture()
        #expect(try fixture.control("POST", "/other").status == 404)
        #expect(try fixture.control("GET", "/emulator/").status == 404)
    }

    @Test func `says where clients find it`() throws {
        let fixture = try EmulatorFixture()
        #expect(fixture.emulator.endpoint == "http://127.0.0.1:\(fixture.port)")
    }
}
