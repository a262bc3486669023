import Foundation
import JSON
import SageMakerAPI
import Testing

@Suite struct ShapeModelTests {
    @Test func `StartPipelineExecution has the eleven members of botocore 1.44.5`() {
        let input = StartPipelineExecution.input
        guard case .structure(let members) = input.kind else {
            Issue.record("the input is \(input.kind.name)")
            return
        }
        #expect(
            members.map(\.name) == [
                "PipelineName", "PipelineExecutionDisplayName", "PipelineParameters",
                "PipelineExecutionDescription", "ClientRequestToken", "ParallelismConfiguration",
                "SelectiveExecutionConfig", "PipelineVersionId", "MlflowExperimentName",
                "PipelineVersionAlias", "RoleArn",
            ])
        #expect(
            members.filter(\.isRequired).map(\.name) == ["PipelineName", "ClientRequestToken"])
        #expect(members.filter(\.isIdempotencyToken).map(\.name) == ["ClientRequestToken"])
    }

    @Test func `a shape has the bounds and the pattern of its model`() throws {
        let token = try #require(StartPipelineExecution.input.member("ClientRequestToken")?.shape)
        #expect(token.name == "IdempotencyToken")
        #expect(token.min == 32 && token.max == 128 && token.pattern == nil)
        let name = StartPipelineExecution.input.member("PipelineExecutionDisplayName")?.shape
        #expect(name?.pattern == "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}")
        let steps = StartPipelineExecution.input.member("ParallelismConfiguration")?.shape
            .member("MaxParallelExecutionSteps")
        guard case .integer(1...2_147_483_647)? = steps?.shape.kind else {
            Issue.record("\(String(describing: steps))")
            return
        }
        let version = StartPipelineExecution.input.member("PipelineVersionId")?.shape
        guard case .integer(1...Int64.max)? = version?.kind else {
            Issue.record("\(String(describing: version))")
            return
        }
    }

    // Skipped in a clone without the reference data, which is not part of the repository.
    @Test(.enabled(if: SharedData.has("sagemaker/start_pipeline_execution_model.json")))
    func `the data file is the reference model without its documentation`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Sources/SageMakerAPI/pipeline-operations.json")
        let ours = try JSONDocument(parsing: Array(Data(contentsOf: file))).root
        let text = try #require(SharedData.bytes("sagemaker/start_pipeline_execution_model.json"))
        let reference = try JSONDocument(parsing: text).root
        let shapes = try #require(reference["shapes"])
        for (key, shape) in shapes.members {
            let name = key.string ?? ""
            let own = try #require(ours["shapes"]?[name])
            #expect(canonical(own) == canonical(shape), "\(name)")
        }
        for part in ["input", "output", "errors"] {
            let path = ours.at("operations", "StartPipelineExecution")?[part]
            let expected = reference.at("operations", "StartPipelineExecution")?[part]
            #expect(canonical(try #require(path)) == canonical(try #require(expected)))
        }
        #expect(
            StartPipelineExecution.target
                == "\(reference.at("metadata", "targetPrefix")?.string ?? "").StartPipelineExecution"
        )
        #expect(
            StartPipelineExecution.contentType
                == "application/x-amz-json-\(reference.at("metadata", "jsonVersion")?.string ?? "")"
        )
        #expect(
            StartPipelineExecution.signingName
                == reference.at("metadata", "signingName")?.string)
    }

    // Skipped in a clone without the reference data, as above.
    @Test(.enabled(if: SharedData.has("sagemaker/neighbour_operations_model.json")))
    func `the neighbours are the reference model's`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Sources/SageMakerAPI/pipeline-operations.json")
        let ours = try JSONDocument(parsing: Array(Data(contentsOf: file))).root
        let text = try #require(SharedData.bytes("sagemaker/neighbour_operations_model.json"))
        let reference = try JSONDocument(parsing: text).root
        var operations = 0
        for (key, operation) in try #require(ours["operations"]).members {
            let name = try #require(key.string)
            operations += 1
            for part in ["input", "output", "errors"] as [String] {
                let expected = try #require(reference["operations"]?[name]?[part])
                let own = try #require(operation[part])
                #expect(canonical(own) == canonical(expected), "\(name)")
            }
        }
        #expect(operations == PipelineOperation.allCases.count)
        for (key, shape) in try #require(ours["shapes"]).members {
            let name = key.string ?? ""
            let expected = try #require(reference["shapes"]?[name])
            #expect(canonical(shape) == canonical(expected), "\(name)")
        }
    }

    /// The value as text with sorted members, without documentation.
    private func canonical(_ value: JSONValue) -> String {
        switch value.kind {
        case .object:
            let members = value.members.compactMap { key, member -> String? in
                let name = key.string ?? ""
                // A documentation is always text; a member of that name would be an object.
                if name == "documentation", member.kind == .string { return nil }
                return "\(name)=\(canonical(member))"
            }
            return "{\(members.sorted().joined(separator: "\n"))}"
        case .array: return "[\(value.elements.map(canonical).joined(separator: "\n"))]"
        case .string: return "'\(value.string ?? "")'"
        case .int: return "\(value.int ?? 0)"
        case .bool: return "\(value.bool ?? false)"
        case .null, .uint, .double: return "?"
        }
    }
}
