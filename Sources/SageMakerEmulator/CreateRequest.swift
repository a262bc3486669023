internal import JSON
internal import SageMakerAPI

/// A CreatePipeline request.
struct CreateRequest {
    let pipeline: PipelineID
    let token: String
    /// A JSON text, or empty where it is said to be in S3.
    let definition: String
    let aliases: Set<String>
    /// What DescribePipeline gives back.
    let described: [RequestMember]
    /// The same for two requests that ask for the same.
    let digest: [UInt8]

    /// - Throws: ``ServiceRefusal/validation(_:)`` for a definition that is none.
    init(_ request: RequestValue, pipeline: PipelineID, token: String) throws(ServiceRefusal) {
        self.pipeline = pipeline
        self.token = token
        definition = request["PipelineDefinition"]?.text ?? ""
        aliases = Set(request["PipelineVersionAliases"]?.texts ?? [])
        let same: Set<String> = [
            "PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration",
            "PipelineVersionAliases",
        ]
        described = request.members.filter { same.contains($0.name) }
        let asked = request.members.filter { $0.name != "ClientRequestToken" }
        digest = RequestValue.structure(asked).digest
        guard definition.isEmpty || isJSONObject(definition) else {
            throw .validation(["PipelineDefinition: must be a JSON object"])
        }
    }
}

private func isJSONObject(_ text: String) -> Bool {
    (try? JSONDocument(parsing: Array(text.utf8)).root.kind) == .object
}

extension RequestValue {
    /// The texts of a list.
    fileprivate var texts: [String] {
        guard case .list(let elements) = self else { return [] }
        return elements.compactMap(\.text)
    }
}
