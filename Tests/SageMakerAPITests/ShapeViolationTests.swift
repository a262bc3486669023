import SageMakerAPI
import Testing

@Suite struct ShapeViolationTests {
    private static let token = String(repeating: "t", count: 64)

    /// A request of the two required members and more.
    private func request(_ more: [RequestMember] = []) -> RequestValue {
        .structure(
            [
                RequestMember(name: "PipelineName", value: .string("churn")),
                RequestMember(name: "ClientRequestToken", value: .string(Self.token)),
            ] + more)
    }

    private func violations(_ name: String, _ value: RequestValue) -> [String] {
        StartPipelineExecution.violations(
            in: request([RequestMember(name: name, value: value)])
        ).map(\.description)
    }

    private func parameters(_ pairs: [(String, RequestValue)]) -> RequestValue {
        .list(
            pairs.map { name, value in
                .structure([
                    RequestMember(name: "Name", value: .string(name)),
                    RequestMember(name: "Value", value: value),
                ])
            })
    }

    private func textViolations(_ member: String, _ text: String) -> [ShapeViolation] {
        StartPipelineExecution.input.member(member)?.shape.violations(inText: text)
            ?? [ShapeViolation(path: member, message: "is missing from the model")]
    }

    @Test func `the required members alone are a request`() {
        #expect(StartPipelineExecution.violations(in: request()) == [])
    }

    @Test func `every required member that is missing is told`() {
        #expect(
            StartPipelineExecution.violations(in: .structure([])) == [
                ShapeViolation(path: "PipelineName", message: "is required"),
                ShapeViolation(path: "ClientRequestToken", message: "is required"),
            ])
        #expect(
            violations("ParallelismConfiguration", .structure([]))
                == ["ParallelismConfiguration.MaxParallelExecutionSteps: is required"])
        #expect(
            violations("PipelineParameters", .list([.structure([])])) == [
                "PipelineParameters[0].Name: is required",
                "PipelineParameters[0].Value: is required",
            ])
    }

    // The limits are those of the API reference, API_StartPipelineExecution.
    @Test(arguments: [
        ("PipelineName", 1, 256), ("ClientRequestToken", 32, 128),
        ("PipelineExecutionDisplayName", 1, 82), ("PipelineExecutionDescription", 0, 3072),
        ("MlflowExperimentName", 1, 256), ("PipelineVersionAlias", 1, 128),
    ])
    func `a text is refused one character below and above its limits`(
        member: String, least: Int, most: Int
    ) {
        func text(_ count: Int) -> String { String(repeating: "a", count: count) }
        #expect(textViolations(member, text(least)) == [])
        #expect(textViolations(member, text(most)) == [])
        #expect(textViolations(member, text(most + 1)) != [])
        if least > 0 { #expect(textViolations(member, text(least - 1)) != []) }
    }

    @Test func `a text is measured in Unicode code points`() {
        // A family of five code points that Swift counts as one character.
        let family = "👨‍👩‍👦"
        #expect(textViolations("MlflowExperimentName", String(repeating: family, count: 51)) == [])
        #expect(
            textViolations("MlflowExperimentName", String(repeating: family, count: 52)) == [
                ShapeViolation(path: "", message: "must have 1 to 256 characters, has 260")
            ])
        #expect(textViolations("ClientRequestToken", String(repeating: "é", count: 128)) == [])
        #expect(
            textViolations("ClientRequestToken", String(repeating: "😀", count: 31)) == [
                ShapeViolation(path: "", message: "must have 32 to 128 characters, has 31")
            ])
        #expect(textViolations("ClientRequestToken", String(repeating: "😀", count: 32)) == [])
    }

    @Test(arguments: [
        ("PipelineName", "a-b"),
        ("PipelineName", "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn"),
        ("PipelineName", "arn:aws-cn:sagemaker:cn-north-1:aws:pipeline/churn"),
        ("PipelineExecutionDisplayName", "main-0a1b--2"),
        ("PipelineExecutionDescription", "pushed by é 😀"),
        ("PipelineVersionAlias", "blue_1.2-x"),
        ("RoleArn", "arn:aws:iam::123456789012:role/path/Name+=,.@-_"),
    ])
    func `a text that matches as a whole passes`(member: String, text: String) {
        #expect(textViolations(member, text) == [])
    }

    @Test(arguments: [
        ("PipelineName", "-a"), ("PipelineName", "a-"), ("PipelineName", "a_b"),
        ("PipelineName", "a\n"), ("PipelineName", "x/arn:aws:sagemaker:::pipeline/a"),
        ("PipelineName", "arn:aws:sagemaker:eu-west-1:12345678901:pipeline/churn"),
        ("PipelineExecutionDisplayName", "a b"), ("PipelineExecutionDisplayName", "a/b"),
        ("PipelineExecutionDisplayName", "é"), ("PipelineVersionAlias", "a/b"),
        ("RoleArn", "arn:aws:iam::12345678901:role/Name"),
        ("RoleArn", "xarn:aws:iam::123456789012:role/Name"),
    ])
    func `a text that matches in part is refused`(member: String, text: String) {
        #expect(textViolations(member, text).map(\.message).contains { $0.hasPrefix("must match") })
    }

    @Test func `the longest names match without running out of memory`() {
        let name = "a" + String(repeating: "-----a", count: 255)
        #expect(textViolations("PipelineName", name) == [])
        #expect(textViolations("PipelineName", name + "a") != [])
    }

    @Test func `a parameter's value is a text and nothing else`() {
        for value: RequestValue in [
            .integer(108), .number(1.5), .boolean(true), .list([]), .structure([]),
        ] {
            #expect(
                violations("PipelineParameters", parameters([("A", .string("1")), ("B", value)]))
                    == ["PipelineParameters[1].Value: must be a string, is \(value.kindName)"])
        }
    }

    @Test func `parameters are bounded in number, name and value`() {
        func count(_ count: Int) -> RequestValue {
            parameters((0..<count).map { ("P\($0)", .string("v")) })
        }
        #expect(violations("PipelineParameters", count(0)) == [])
        #expect(violations("PipelineParameters", count(200)) == [])
        #expect(
            violations("PipelineParameters", count(201))
                == ["PipelineParameters: must have at most 200 elements, has 201"])
        func value(_ count: Int) -> RequestValue {
            parameters([("A", .string(String(repeating: "v", count: count)))])
        }
        #expect(violations("PipelineParameters", value(0)) == [])
        #expect(violations("PipelineParameters", value(1024)) == [])
        #expect(
            violations("PipelineParameters", value(1025))
                == ["PipelineParameters[0].Value: must have at most 1024 characters, has 1025"])
        func name(_ name: String) -> [String] {
            violations("PipelineParameters", parameters([(name, .string("v"))]))
        }
        #expect(name(String(repeating: "n", count: 256)) == [])
        #expect(
            name(String(repeating: "n", count: 257))
                == ["PipelineParameters[0].Name: must have 1 to 256 characters, has 257"])
        #expect(name("") == ["PipelineParameters[0].Name: must have 1 to 256 characters, has 0"])
        #expect(
            name("a.b") == ["PipelineParameters[0].Name: must match [A-Za-z0-9\\-_]* as a whole"])
    }

    @Test func `a text of one line is refused with its line break named`() {
        #expect(textViolations("PipelineExecutionDescription", "fix") == [])
        #expect(
            textViolations("PipelineExecutionDescription", "fix\n\nmore") == [
                ShapeViolation(path: "", message: "must have no line break")
            ])
    }

    @Test func `integers have a range`() {
        func steps(_ number: Int64) -> [String] {
            violations(
                "ParallelismConfiguration",
                .structure([
                    RequestMember(name: "MaxParallelExecutionSteps", value: .integer(number))
                ]))
        }
        #expect(steps(1) == [])
        #expect(steps(Int64(Int32.max)) == [])
        let path = "ParallelismConfiguration.MaxParallelExecutionSteps"
        #expect(steps(0) == ["\(path): must be 1 to 2147483647, is 0"])
        #expect(steps(Int64(Int32.max) + 1) == ["\(path): must be 1 to 2147483647, is 2147483648"])
        #expect(violations("PipelineVersionId", .integer(1)) == [])
        #expect(violations("PipelineVersionId", .integer(.max)) == [])
        #expect(
            violations("PipelineVersionId", .integer(0))
                == ["PipelineVersionId: must be at least 1, is 0"])
        #expect(
            violations("PipelineVersionId", .string("1"))
                == ["PipelineVersionId: must be an integer, is a string"])
        #expect(
            textViolations("PipelineVersionId", "1").map(\.message) == [
                "must be an integer, is a string"
            ])
    }

    @Test func `steps to execute are bounded in number`() {
        func config(_ count: Int) -> RequestValue {
            let step = RequestMember(name: "StepName", value: .string("train"))
            return .structure([
                RequestMember(
                    name: "SelectedSteps",
                    value: .list(Array(repeating: .structure([step]), count: count)))
            ])
        }
        #expect(violations("SelectiveExecutionConfig", config(1)) == [])
        #expect(violations("SelectiveExecutionConfig", config(50)) == [])
        let path = "SelectiveExecutionConfig.SelectedSteps"
        #expect(
            violations("SelectiveExecutionConfig", config(0))
                == ["\(path): must have 1 to 50 elements, has 0"])
        #expect(
            violations("SelectiveExecutionConfig", config(51))
                == ["\(path): must have 1 to 50 elements, has 51"])
    }

    @Test func `an unknown member is told with the nearest name`() {
        #expect(
            violations("PipelineParameter", .list([])) == [
                "PipelineParameter: is no member of StartPipelineExecutionRequest; did you mean PipelineParameters?"
            ])
        #expect(
            violations("parallelismconfiguration", .structure([])) == [
                "parallelismconfiguration: is no member of StartPipelineExecutionRequest; did you mean ParallelismConfiguration?"
            ])
        #expect(
            violations("Zzz", .string("")) == [
                "Zzz: is no member of StartPipelineExecutionRequest"
            ])
    }

    @Test func `a foreign name is printed on one line and shortened`() {
        #expect(
            violations("a\u{1B}[2J\nb\u{202E}", .string("")) == [
                "a\\u{1b}[2J\\u{a}b\\u{202e}: is no member of StartPipelineExecutionRequest"
            ])
        let long = String(repeating: "x", count: 65)
        #expect(violations(long, .string(""))[0].hasPrefix("\(long.dropLast())…: "))
    }

    @Test func `a member given twice is told once`() {
        #expect(violations("PipelineName", .string("b")) == ["PipelineName: is given twice"])
    }

    @Test func `wrong kinds are told with both`() {
        #expect(
            StartPipelineExecution.violations(in: .list([])).map(\.description)
                == ["must be a structure, is a list"])
        #expect(
            violations("PipelineParameters", .structure([]))
                == ["PipelineParameters: must be a list, is a structure"])
        #expect(
            violations("ParallelismConfiguration", .integer(4))
                == ["ParallelismConfiguration: must be a structure, is an integer"])
        #expect(
            violations("PipelineExecutionDisplayName", .boolean(true))
                == ["PipelineExecutionDisplayName: must be a string, is a boolean"])
    }

    @Test func `all violations are told, and no more than the limit`() {
        let bad = parameters((0..<150).map { ("P\($0)", .integer(1)) })
        let found = violations("PipelineParameters", bad)
        #expect(found.count == SageMakerAPILimits.violationsMax)
        #expect(found[99] == "PipelineParameters[99].Value: must be a string, is an integer")
        let few = parameters((0..<5).map { ("P\($0)", .integer(1)) })
        #expect(violations("PipelineParameters", few).count == 5)
    }

    @Test func `a path given from outside goes in front`() {
        let shape = StartPipelineExecution.input
        let value = RequestValue.structure([
            RequestMember(name: "PipelineName", value: .integer(1)),
            RequestMember(name: "ClientRequestToken", value: .string(Self.token)),
        ])
        #expect(
            shape.violations(in: value, at: "start").map(\.path) == ["start.PipelineName"])
        #expect(shape.violations(in: .list([]), at: "start").map(\.path) == ["start"])
        #expect(
            shape.member("PipelineName")?.shape.violations(inText: "-", at: "x").map(\.path)
                == ["x"])
    }
}
