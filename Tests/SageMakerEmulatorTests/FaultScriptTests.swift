import SageMakerEmulator
import Testing

@Suite struct FaultScriptTests {
    private func parse(_ text: String) throws(EmulatorError) -> FaultScript {
        try FaultScript(parsing: Array(text.utf8))
    }

    @Test func `reads every kind by its word`() throws {
        for kind in FaultKind.allCases {
            let delay = kind == .slow ? #","delayMilliseconds":1"# : ""
            let script = try parse(#"{"faults":[{"fault":"\#(kind.rawValue)"\#(delay)}]}"#)
            #expect(script.faults.map(\.kind) == [kind])
            #expect(script.faults.map(\.times) == [1])
            #expect(script.faults.map(\.operation) == [.start])
        }
        #expect(
            FaultKind.allCases.map(\.rawValue) == [
                "throttle", "429", "500", "503", "resourceLimit", "accessDenied", "expiredToken",
                "unknownClient", "badSignature", "clockSkew", "validation", "notFound", "conflict",
                "html", "redirect", "resetBefore", "closeBefore", "resetReused", "closeReused",
                "resetAfter", "closeAfter", "slow", "drip", "halfReply",
                "noARN", "wrongJSON", "hugeReply", "never",
            ])
    }

    @Test func `what is written is read again`() throws {
        let text =
            #"{"faults":[{"fault":"throttle","times":3,"operation":"StopPipelineExecution","#
            + #""token":"t","pipeline":"p","retryAfterMilliseconds":250,"empty":true},"#
            + #"{"fault":"slow","times":1,"operation":"StartPipelineExecution","#
            + #""delayMilliseconds":3600000},"#
            + #"{"fault":"halfReply","times":1000000,"operation":"StartPipelineExecution","#
            + #""cut":"headers"}]}"#
        let script = try parse(text)
        #expect(String(decoding: script.encoded(), as: UTF8.self) == text)
        let throttle = script.faults[0]
        #expect(throttle.times == 3)
        #expect(throttle.operation == .stop)
        #expect(throttle.token == "t")
        #expect(throttle.pipeline == "p")
        #expect(throttle.retryAfter == .milliseconds(250))
        #expect(throttle.isEmpty)
        #expect(script.faults[1].delay == .seconds(3600))
        #expect(script.faults[2].cut == .headers)
        #expect(try parse(#"{"faults":[]}"#) == FaultScript())
    }

    @Test(arguments: [
        ("[]", "the script"), ("{}", "faults"), (#"{"faults":{}}"#, "faults"),
        (#"{"faults":[3]}"#, "faults[0]"), (#"{"faults":[{}]}"#, "faults[0].fault"),
        (#"{"faults":[{"fault":"trottle"}]}"#, "faults[0].fault"),
        (#"{"faults":[{"fault":429}]}"#, "faults[0].fault"),
        (#"{"faults":[{"fault":"429","times":0}]}"#, "faults[0].times"),
        (#"{"faults":[{"fault":"429","times":1000001}]}"#, "faults[0].times"),
        (#"{"faults":[{"fault":"429","times":"1"}]}"#, "faults[0].times"),
        (#"{"faults":[{"fault":"429"},{"fault":"429","token":1}]}"#, "faults[1].token"),
        (#"{"faults":[{"fault":"429","pipeline":null}]}"#, "faults[0].pipeline"),
        (#"{"faults":[{"fault":"429","operation":"Start"}]}"#, "faults[0].operation"),
        (#"{"faults":[{"fault":"slow"}]}"#, "faults[0].delayMilliseconds"),
        (
            #"{"faults":[{"fault":"slow","delayMilliseconds":3600001}]}"#,
            "faults[0].delayMilliseconds"
        ),
        (#"{"faults":[{"fault":"slow","delayMilliseconds":-1}]}"#, "faults[0].delayMilliseconds"),
        (#"{"faults":[{"fault":"429","delayMilliseconds":1}]}"#, "faults[0].delayMilliseconds"),
        (#"{"faults":[{"fault":"429","cut":"body"}]}"#, "faults[0].cut"),
        (#"{"faults":[{"fault":"halfReply","cut":"tail"}]}"#, "faults[0].cut"),
        (
            #"{"faults":[{"fault":"noARN","retryAfterMilliseconds":1}]}"#,
            "faults[0].retryAfterMilliseconds"
        ),
        (#"{"faults":[{"fault":"noARN","empty":true}]}"#, "faults[0].empty"),
        (#"{"faults":[{"fault":"429","empty":1}]}"#, "faults[0].empty"),
    ])
    func `says where a value cannot be used`(text: String, path: String) {
        let error = #expect(throws: EmulatorError.self) { try parse(text) }
        guard case .unusableValue(path, let expected) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description == "\(path): expected \(expected)")
    }

    @Test func `says which member is unknown and which there are`() {
        let error = #expect(throws: EmulatorError.self) {
            try parse(#"{"faults":[{"fault":"429","probability":1}]}"#)
        }
        #expect(
            error?.description == "faults[0].probability: unknown; expected fault, times, "
                + "skip, operation, token, pipeline, delayMilliseconds, cut, retryAfterMilliseconds, "
                + "empty")
        #expect(throws: EmulatorError.unknownMember(path: "fault", expected: "faults")) {
            try parse(#"{"fault":"429"}"#)
        }
    }

    @Test(arguments: ["", "{", "throttle"])
    func `refuses what is no JSON`(text: String) {
        let error = #expect(throws: EmulatorError.self) { try parse(text) }
        #expect(error?.description.hasPrefix("the file is not valid JSON") == true)
    }

    @Test func `has at most a thousand entries`() throws {
        let entry = #"{"fault":"429"}"#
        let thousand = Array(repeating: entry, count: 1000).joined(separator: ",")
        var script = try parse(#"{"faults":[\#(thousand)]}"#)
        #expect(script.faults.count == 1000)
        #expect(throws: EmulatorError.tooManyFaults(limit: 1000)) {
            try parse(#"{"faults":[\#(thousand),\#(entry)]}"#)
        }
        try script.append(FaultScript())
        #expect(throws: EmulatorError.tooManyFaults(limit: 1000)) {
            try script.append(FaultScript([ScriptedFault(.throttle)]))
        }
        #expect(script.faults.count == 1000)
    }
}
