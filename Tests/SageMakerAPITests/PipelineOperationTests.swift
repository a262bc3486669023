import Foundation
import JSON
import SageMakerAPI
import Testing

@Suite struct PipelineOperationTests {
    private func violations(_ operation: PipelineOperation, _ json: String) throws -> [String] {
        let document = try JSONDocument(parsing: Array(json.utf8))
        return operation.violations(in: try RequestValue(json: document.root), region: "eu-west-1")
            .map(\.description)
    }

    private let arn = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/abcdefghijkl"
    private let token = String(repeating: "t", count: 32)

    @Test func `a target names an operation and an operation its target`() {
        for operation in PipelineOperation.allCases {
            #expect(PipelineOperation(target: operation.target) == operation)
        }
        #expect(PipelineOperation.stopPipelineExecution.target == "SageMaker.StopPipelineExecution")
        #expect(PipelineOperation(target: "StopPipelineExecution") == nil)
        #expect(PipelineOperation(target: "SageMaker.DeletePipeline") == nil)
    }

    @Test func `each operation asks for its members and no more`() throws {
        #expect(
            try violations(.describePipelineExecution, "{}") == [
                "PipelineExecutionArn: is required"
            ])
        #expect(
            try violations(.stopPipelineExecution, #"{"PipelineExecutionArn":"\#(arn)"}"#)
                == ["ClientRequestToken: is required"])
        #expect(
            try violations(
                .retryPipelineExecution,
                #"{"PipelineExecutionArn":"\#(arn)","ClientRequestToken":"\#(token)"}"#) == [])
        #expect(
            try violations(.describePipeline, #"{"PipelineName":"p","PipelineNam":"q"}"#)
                == [
                    "PipelineNam: is no member of DescribePipelineRequest; "
                        + "did you mean PipelineName?"
                ])
        #expect(try violations(.listPipelineExecutionSteps, "{}") == [])
    }

    @Test func `bounds, words and moments of the neighbours are checked`() throws {
        #expect(
            try violations(.listPipelineExecutions, #"{"PipelineName":"p","SortOrder":"Up"}"#)
                == ["SortOrder: must be one of Ascending, Descending"])
        #expect(
            try violations(
                .listPipelineExecutions,
                #"{"PipelineName":"p","SortOrder":"Descending","SortBy":"CreationTime","#
                    + #""MaxResults":100,"CreatedAfter":1795694400}"#) == [])
        #expect(
            try violations(.listPipelineExecutions, #"{"PipelineName":"p","MaxResults":101}"#)
                == ["MaxResults: must be 1 to 100, is 101"])
        for (token, isRight) in [("abcdefghij", true), ("abcdefghi", false), ("abcdefghi_", false)]
        {
            let found = try violations(
                .sendPipelineExecutionStepSuccess, #"{"CallbackToken":"\#(token)"}"#)
            #expect(found.isEmpty == isRight, "\(token)")
        }
        let outputs = (0...50).map { #"{"Name":"n\#($0)","Value":""}"# }.joined(separator: ",")
        #expect(
            try violations(
                .sendPipelineExecutionStepSuccess,
                #"{"CallbackToken":"abcdefghij","OutputParameters":[\#(outputs)]}"#)
                == ["OutputParameters: must have at most 50 elements, has 51"])
        #expect(
            try violations(
                .sendPipelineExecutionStepFailure,
                #"{"CallbackToken":"abcdefghij","FailureReason":"\#(String(repeating: "x", count: 257))"}"#
            ) == ["FailureReason: must have at most 256 characters, has 257"])
    }

    @Test(arguments: [
        ("1795694400", ""), ("1795627774.710317", ""), ("1.7e9", ""), ("-1", ""),
        ("-62135596800", ""), ("253402300799.5", ""),
        ("-62135596801", " within the years 1 to 9999, is -62135596801.0"),
        ("253402300800", " within the years 1 to 9999, is 253402300800.0"),
        ("\"2026-01-01T00:00:00Z\"", ", is a string"), ("true", ", is a boolean"),
    ])
    func `a moment is seconds since 1970, with or without a fraction`(
        value: String, fault: String
    ) throws {
        for member in ["CreatedAfter", "CreatedBefore"] {
            let found = try violations(
                .listPipelineExecutions, #"{"PipelineName":"p","\#(member)":\#(value)}"#)
            let expected = "\(member): must be a timestamp in seconds since 1970\(fault)"
            #expect(found == (fault.isEmpty ? [] : [expected]))
        }
    }

    @Test func `an integer has no fraction and no more than 64 bits`() throws {
        for (operation, members) in [
            (PipelineOperation.listPipelineExecutions, #""MaxResults":1.5"#),
            (.startPipelineExecution, #""PipelineVersionId":9223372036854775808"#),
        ] {
            let found = try violations(
                operation,
                #"{"PipelineName":"p","ClientRequestToken":"\#(token)",\#(members)}"#)
            #expect(
                found.contains {
                    $0.hasSuffix("must be an integer, is a number that is no integer of 64 bits")
                }, "\(found)")
        }
    }

    @Test func `a resource name of another region and two names of a version are refused`() throws {
        #expect(
            try violations(
                .describePipelineExecution,
                #"{"PipelineExecutionArn":"\#(arn.replacing("eu-west-1", with: "us-east-1"))"}"#)
                == ["PipelineExecutionArn: is in us-east-1, but the request goes to eu-west-1"])
        #expect(
            try violations(
                .describePipeline,
                #"{"PipelineName":"p","PipelineVersionId":1,"PipelineVersionAlias":"a"}"#)
                == ["PipelineVersionAlias: excludes PipelineVersionId"])
    }

    @Test(arguments: ["", "-", "-a", "a-", String(repeating: "a", count: 70)])
    func `a resource name's region must be one that a host can have`(region: String) throws {
        let pipeline = "arn:aws:sagemaker:\(region):123456789012:pipeline/p"
        for name in [pipeline, pipeline + "/execution/abcdefghijkl"] {
            let member = name == pipeline ? "PipelineName" : "PipelineExecutionArn"
            let operation: PipelineOperation =
                name == pipeline ? .startPipelineExecution : .describePipelineExecution
            let found = try violations(
                operation, #"{"\#(member)":"\#(name)","ClientRequestToken":"\#(token)"}"#)
            #expect(found.contains { $0.hasPrefix("\(member): must have a region") }, "\(found)")
        }
    }

    @Test func `the errors of each operation are known`() {
        #expect(PipelineOperation.describePipeline.errorCodes == ["ResourceNotFound"])
        #expect(
            PipelineOperation.startPipelineExecution.errorCodes
                == ["ConflictException", "ResourceNotFound", "ResourceLimitExceeded"])
    }
}
