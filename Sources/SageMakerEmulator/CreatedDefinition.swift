internal import JSON

/// The definition that a pipeline was created with, and the parameters and steps that it declares.
///
/// Source: the definition's `Parameters` and `Steps`, as the SageMaker Python SDK writes them.
struct CreatedDefinition: Sendable {
    let text: String
    /// Nil where the definition does not tell: it is in S3, or has no such list.
    private let parameters: [Declared]?
    /// At most ``EmulatorLimits/stepsMax``, each with a name of its own.
    let steps: [DeclaredStep]

    private struct Declared: Sendable {
        let name: String
        let isRequired: Bool
    }

    /// - Parameter text: JSON, or empty.
    init(_ text: String) {
        self.text = text.isEmpty ? "{}" : text
        let root = try? JSONDocument(parsing: Array(text.utf8)).root
        steps = Self.steps(in: root?["Steps"])
        guard let list = root?["Parameters"], list.kind == .array else {
            parameters = nil
            return
        }
        parameters = list.elements.compactMap { element in
            element["Name"]?.string.map {
                Declared(name: $0, isRequired: element["DefaultValue"] == nil)
            }
        }
    }

    private static func steps(in list: JSONValue?) -> [DeclaredStep] {
        guard let list, list.kind == .array else { return [] }
        var steps: [DeclaredStep] = []
        for element in list.elements where steps.count < EmulatorLimits.stepsMax {
            guard let step = DeclaredStep(element) else { continue }
            if !steps.contains(where: { $0.name == step.name }) { steps.append(step) }
        }
        return steps
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
