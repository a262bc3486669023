internal import JSON
internal import SageMakerAPI

/// The definition that a pipeline was created with, and the parameters and steps that it declares.
///
/// Source: the definition's `Parameters` and `Steps`, as the SageMaker Python SDK writes them.
struct CreatedDefinition: Sendable {
    let text: String
    private let definition: PipelineDefinition
    /// At most ``EmulatorLimits/stepsMax``, each with a name of its own.
    let steps: [DeclaredStep]

    /// - Parameter text: JSON, or empty.
    init(_ text: String) {
        self.text = text.isEmpty ? "{}" : text
        let root = try? JSONDocument(parsing: Array(text.utf8)).root
        steps = Self.steps(in: root?["Steps"])
        definition = PipelineDefinition(definition: text)
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
        // It is in S3, or tells no parameters.
        guard let declared = definition.parameters else { return [] }
        let wrong = given.compactMap { parameter -> String? in
            guard let known = declared.first(where: { $0.name == parameter.name }) else {
                return "PipelineParameters: the pipeline has no parameter \(parameter.name)"
            }
            return known.fault(of: parameter.value).map {
                "PipelineParameters: \(parameter.name) \($0)"
            }
        }
        let names = Set(given.map(\.name))
        let missing = declared.filter { $0.isRequired && !names.contains($0.name) }
            .map { "PipelineParameters: \($0.name) is required" }
        return wrong + missing
    }
}
