import Rules
import Testing

/// What of a request is known before any event is checked when it is loaded.
@Suite struct LiteralPieceTests {
    private func found(_ start: String, _ more: String = "") -> [String] {
        problems(rule("PipelineName: p\n" + start, more))
    }

    @Test(arguments: [
        "PipelineExecutionDisplayName: 'Train ${event.after}'",
        "PipelineExecutionDisplayName: 'a_${event.after}'",
        "PipelineExecutionDisplayName: 'v1.2-${event.after}'",
        "PipelineExecutionDisplayName: '-${event.after}'",
        "PipelineExecutionDisplayName: '${event.after}-'",
        "PipelineExecutionDisplayName: '${event.ref.name}:${event.after}'",
        "PipelineExecutionDisplayName: \"${'a b'}\"",
        "PipelineExecutionDisplayName: \"${event.after}${' '}\"",
        "PipelineExecutionDisplayName: \"${'-'}\"",
        "PipelineExecutionDescription: \"${event.after}\\n${source}\"",
        "ParallelismConfiguration: {MaxParallelExecutionSteps: '${0}'}",
        "ParallelismConfiguration: {MaxParallelExecutionSteps: \"${'x'}\"}",
        "ParallelismConfiguration: {MaxParallelExecutionSteps: 'a${source}'}",
        "PipelineParameters: \"${[{'Name': 'a b', 'Value': 'c'}]}\"",
        "PipelineParameters: {A: \"${''}\"}",
        "PipelineParameters: [{Name: 'a b${source}', Value: x}]",
        "SelectiveExecutionConfig: {SelectedSteps: \"${[]}\"}",
        "RoleArn: 'arn:aws:iam::12:role/${source}'",
    ])
    func `a start that no event can make right is told when it is loaded`(start: String) {
        #expect(found(start).count == 1, "\(start) → \(found(start))")
    }

    @Test(arguments: [
        "PipelineExecutionDisplayName: 'main-${event.after.substring(0, 7)}'",
        "PipelineExecutionDisplayName: '${event.after}'",
        "PipelineExecutionDisplayName: \"${'ab'}-${source}\"",
        "PipelineExecutionDescription: 'Train ${event.after}: ${source}'",
        "ParallelismConfiguration: {MaxParallelExecutionSteps: '${4}'}",
        "ParallelismConfiguration: {MaxParallelExecutionSteps: '1${source}'}",
        "PipelineParameters: {A: '${body.x} and\n\nmore', B: \"${'b'}\", C: '${optional.none()}'}",
        "PipelineParameters: [{Name: 'a_${source}', Value: '${1}'}]",
        "PipelineParameters: \"${{'a': 1}}\"",
    ])
    func `what an event may make right is left to it`(start: String) {
        #expect(found(start).isEmpty, "\(start) → \(found(start))")
    }

    @Test func `the text beside expressions counts towards the length`() {
        func described(_ count: Int) -> [String] {
            found(
                "PipelineExecutionDescription: '\(String(repeating: "x", count: count))${source}'")
        }
        #expect(described(3072).isEmpty)
        #expect(
            described(3073) == [
                "r.yaml:6:37: PipelineExecutionDescription: must have at most 3072 characters, "
                    + "has 3073 beside its expressions"
            ])
        func parameter(_ count: Int) -> [String] {
            found("PipelineParameters: {A: '${source}\(String(repeating: "x", count: count))'}")
        }
        #expect(parameter(1024).isEmpty && parameter(1025).count == 1)
    }

    @Test func `a constant is sent as it was checked`() throws {
        let rules = rule(
            "PipelineName: \"${'arn:aws:sagemaker:us-east-1:123456789012:pipeline/' + 'p'}\"\n"
                + "PipelineParameters: {A: '${1 + 1}', B: \"x${'y'}\", C: '${optional.none()}'}")
        let parameters = #"[{"Name":"A","Value":"2"},{"Name":"B","Value":"xy"}]"#
        #expect(
            try request(rules).hasPrefix(
                #"{"PipelineName":"arn:aws:sagemaker:us-east-1:123456789012:pipeline/p","#
                    + #""PipelineParameters":\#(parameters),"#))
        // It decides the region as one that is written out.
        #expect(try ruleSet(rules).rules.first?.decidesRegion == true)
    }

    @Test func `what is wrong within a constant has its path`() {
        #expect(
            found("PipelineParameters: \"${{'A': null}}\"")
                == ["r.yaml:6:27: PipelineParameters.A: is null"])
        #expect(
            found("PipelineParameters: \"${[{'Nme': 'A'}]}\"")
                == ["r.yaml:6:27: PipelineParameters[0].Nme: is no member of Parameter"])
        #expect(
            found("PipelineParameters: \"${[{'Name': 'A'}]}\"")
                == ["r.yaml:6:27: PipelineParameters[0].Value: is required"])
    }

    @Test func `an empty constant parameter is dealt with as emptyParameters says`() {
        let start = "PipelineParameters: {A: \"${''}\"}"
        #expect(found(start, "    emptyParameters: omit").isEmpty)
        #expect(found(start, "    emptyParameters: send").isEmpty)
    }
}
