import Rules
import Testing

@Suite struct StartOutlineTests {
    private func outline(_ start: String, _ more: String = "") throws -> StartOutline {
        try #require(try ruleSet(rule(start, more)).rules.first).outline
    }

    @Test func `what is written out is known before any event, and expressions are not`() throws {
        let known = try outline(
            """
            PipelineName: churn
            PipelineVersionId: 7
            PipelineParameters: {Epochs: 20, GitCommit: "${event.after}"}
            """)
        #expect(known.pipelineName == "churn")
        #expect(known.pipelineVersionID == 7)
        #expect(known.pipelineVersionAlias == nil)
        #expect(
            known.parameters == [
                .init(name: "Epochs", value: "20"), .init(name: "GitCommit", value: nil),
            ])
        let expression = try outline("PipelineName: ${event.after}")
        #expect(expression.pipelineName == nil)
        #expect(expression.parameters == [])
    }

    @Test func `a list's parameters are known unless a name is an expression`() throws {
        let list = try outline(
            """
            PipelineName: churn
            PipelineVersionAlias: live
            PipelineParameters: [{Name: A, Value: x}, {Name: B, Value: "${event.after}"}]
            """)
        #expect(list.pipelineVersionAlias == "live")
        #expect(list.parameters == [.init(name: "A", value: "x"), .init(name: "B", value: nil)])
        let unknown = try outline(
            """
            PipelineName: churn
            PipelineParameters: [{Name: "${event.after}", Value: x}]
            """)
        #expect(unknown.parameters == nil)
        let literal = try outline(
            """
            PipelineName: churn
            PipelineParameters: [{Name: A, Value: x}]
            """)
        #expect(literal.parameters == [.init(name: "A", value: "x")])
    }

    @Test(arguments: [
        "PipelineParameters: {A: \"\", B: x, C: \"${event.after}\"}",
        "PipelineParameters: [{Name: A, Value: \"\"}, {Name: B, Value: x}, "
            + "{Name: C, Value: \"${event.after}\"}]",
    ])
    func `a parameter that is left out for being empty is told from those that are sent`(
        parameters: String
    ) throws {
        let start = "PipelineName: churn\n\(parameters)"
        let omitting = try outline(start, "    emptyParameters: omit")
        #expect(
            omitting.parameters == [.init(name: "B", value: "x"), .init(name: "C", value: nil)])
        #expect(omitting.omittedParameters == ["A"])
        let sending = try outline(start, "    emptyParameters: send")
        #expect(sending.parameters?.map(\.name) == ["A", "B", "C"])
        #expect(sending.omittedParameters == [])
    }

    @Test func `the role of a managed pipeline is checked at load unless it is an expression`() {
        let managed = "PipelineName: arn:aws:sagemaker:eu-west-1:aws:pipeline/churn"
        let own = "PipelineName: arn:aws:sagemaker:eu-west-1:123456789012:pipeline/churn"
        let role = "\nRoleArn: arn:aws:iam::123456789012:role/runner"
        #expect(problems(rule(managed + role)) == [])
        #expect(problems(rule(managed + "\nRoleArn: \"${event.after}\"")) == [])
        #expect(problems(rule(own)) == [])
        #expect(
            problems(rule(managed))
                == ["r.yaml:5:7: RoleArn: is required, as AWS manages the pipeline"])
        #expect(
            problems(rule(own + role)) == [
                "r.yaml:6:16: RoleArn: must be left out, as the pipeline is no managed one of AWS "
                    + "and has a role of its own"
            ])
    }

    @Test func `a rule's role goes with its starts, and must be one`() throws {
        let arn = "arn:aws:iam::123456789012:role/path/starter"
        let text = rule("PipelineName: p", "    roleArn: \(arn)")
        #expect(try ruleSet(text).rules.first?.roleARN == arn)
        guard case .start(let start)? = try outcomes(text).first else {
            Issue.record("no start")
            return
        }
        #expect(start.roleARN == arn)
        for wrong in ["starter", "arn:aws:iam::12:role/x", "arn:aws:iam::123456789012:user/x"] {
            #expect(
                problems(rule("PipelineName: p", "    roleArn: \(wrong)")) == [
                    "r.yaml:4:14: expected a role such as arn:aws:iam::123456789012:role/starter, "
                        + "not \"\(wrong)\""
                ])
        }
    }
}
