internal import JSON

/// The definition that a pipeline was created with, and the parameters that it declares.
///
/// Source: the definition's `Parameters`, as the SageMaker Python SDK writes them.
struct CreatedDefinition: Sendable {
    let text: String
    /// Nil where the definition does not tell: it is in S3, or has no such list.
    private let parameters: [Declared]?

    private struct Declared: Sendable {
        let name: String
        let isRequired: Bool
    }

    /// - Parameter text: JSON, or empty.
    init(_ text: String) {
        self.text = text.isEmpty ? "{}" : text
        guard let root = try? JSONDocument(parsing: Array(text.utf8)).root,
            let list = root["Parameters"], list.kind == .array
        else {
            parameters = nil
            return
        }
        parameters = list.elements.compactMap { element in
            element["Name"]?.string.map {
                Declared(name: $0, isRequired: element["DefaultValue"] == nil)
            }
        }
    }

    func violations(of given: [PipelineParameter]) -> [String] {
        guard let parameters else { return [] }
        let known = Set(parameters.map(\.name))
        let unknown = given.map(\.name).filter { !known.contains($0) }
            .map { "PipelineParameters: the pipeline has no parameter \($0)" }
        let names = Set(given.map(\.name))
        let missing = parameters.filter { $0.isRequired && !names.contains($0.name) }
            .map { "PipelineParameters: \($0.name) is required" }
        return unknown + missing
    }
}
