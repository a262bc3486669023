import JSON
import SageMakerAPI
import Testing

@Suite struct OperationReplyTests {
    private static let arn =
        "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/abcdefghijkl"

    private func read(
        _ body: String, status: Int = 200, _ operation: PipelineOperation, bytesMax: Int = 1 << 20
    ) -> OperationReply {
        OperationReply(
            ServiceReply(status: status, fields: [], body: Array(body.utf8)), to: operation,
            bytesMax: bytesMax)
    }

    private func fault(_ reply: OperationReply) -> String? {
        switch reply {
        case .done: nil
        case .refused(let code, let message): "refused \(code): \(message)"
        case .retry(let code, let message, let kind): "\(kind) \(code): \(message)"
        }
    }

    @Test func `a reply of the model's kinds is done, with what is new in it`() {
        let described =
            #"{"PipelineExecutionArn":"\#(Self.arn)","PipelineExecutionStatus":"BrandNew","#
            + #""CreationTime":1795233600.25,"LastModifiedTime":1795233600,"FailureReason":null,"#
            + #""SelectiveExecutionConfig":{"SelectedSteps":[{"StepName":"s"}]},"Tomorrow":[1]}"#
        guard case .done(let document) = read(described, .describePipelineExecution) else {
            Issue.record("it is not done")
            return
        }
        #expect(document.root["PipelineExecutionStatus"]?.string == "BrandNew")
    }

    @Test(arguments: [
        (#"{"PipelineExecutionSteps":{}}"#, "PipelineExecutionSteps"),
        (
            #"{"PipelineExecutionSteps":[{"StepName":"a"},{"StepName":7}]}"#,
            "PipelineExecutionSteps[1].StepName"
        ),
        (
            #"{"PipelineExecutionSteps":[{"StartTime":"now"}]}"#,
            "PipelineExecutionSteps[0].StartTime"
        ),
        (
            #"{"PipelineExecutionSteps":[{"Metadata":{"QualityCheck":{"SkipCheck":1}}}]}"#,
            "PipelineExecutionSteps[0].Metadata.QualityCheck.SkipCheck"
        ),
        (
            #"{"PipelineExecutionSteps":[{"Metadata":{"Lineage":{"ActionArns":{"a":[]}}}}]}"#,
            "PipelineExecutionSteps[0].Metadata.Lineage.ActionArns.a"
        ),
    ])
    func `a value of another kind is no reply, and is named`(body: String, path: String) {
        #expect(
            fault(read(body, .listPipelineExecutionSteps))
                == "unusableReply HTTP 200: \(path) is not what ListPipelineExecutionSteps replies")
    }

    @Test func `an operation that names an execution has not replied without its ARN`() {
        let operations: [PipelineOperation] = [
            .stopPipelineExecution, .retryPipelineExecution, .sendPipelineExecutionStepSuccess,
            .sendPipelineExecutionStepFailure, .startPipelineExecution, .describePipelineExecution,
        ]
        for operation in operations {
            #expect(fault(read(#"{"PipelineExecutionArn":"\#(Self.arn)"}"#, operation)) == nil)
            for body in ["{}", #"{"PipelineExecutionArn":null}"#, #"{"PipelineExecutionArn":"x"}"#]
            {
                #expect(
                    fault(read(body, operation))
                        == "unusableReply HTTP 200: the reply has no well-formed PipelineExecutionArn",
                    "\(operation.rawValue)")
            }
        }
        #expect(fault(read("{}", .listPipelineExecutions)) == nil)
    }

    @Test func `what is no JSON object within its bound is no reply`() {
        for body in ["", "[]", "{", "<html>", "null"] {
            #expect(
                fault(read(body, .listPipelineExecutions))
                    == "unusableReply HTTP 200: the reply is no JSON object", "\(body)")
        }
        let body = #"{"NextToken":"x"}"#
        #expect(fault(read(body, .listPipelineExecutions, bytesMax: body.utf8.count)) == nil)
        #expect(
            fault(read(body, .listPipelineExecutions, bytesMax: body.utf8.count - 1))
                == "unusableReply HTTP 200: the reply is longer than 16 bytes")
    }

    @Test func `errors are read as those of a start`() {
        #expect(
            fault(
                read(
                    #"{"__type":"ResourceNotFound","Message":"gone"}"#, status: 400,
                    .describePipeline)) == "refused ResourceNotFound: gone")
        #expect(
            fault(
                read(
                    #"{"__type":"ThrottlingException","message":"Rate exceeded"}"#, status: 400,
                    .describePipeline)) == "throttling ThrottlingException: Rate exceeded")
        #expect(fault(read("", status: 307, .describePipeline))?.hasPrefix("unusable") == true)
    }

    @Test func `a call gets a token where its operation has one and the caller gave none`() {
        let bare = RequestValue.structure([
            RequestMember(name: "PipelineExecutionArn", value: .string(Self.arn))
        ])
        let token = String(repeating: "t", count: 32)
        let filled = PipelineOperation.stopPipelineExecution.identified(bare, token: token)
        #expect(filled["ClientRequestToken"]?.text == token)
        #expect(PipelineOperation.stopPipelineExecution.violations(in: filled) == [])
        #expect(
            PipelineOperation.stopPipelineExecution.identified(filled, token: "other") == filled)
        #expect(PipelineOperation.describePipelineExecution.identified(bare, token: token) == bare)
    }
}
