internal import JSON

/// Pipelines that are there from the beginning, with their definitions: what `--pipelines` reads.
package struct PipelineSeeds: Sendable, Equatable {
    /// The definitions, as JSON texts, by the pipelines' names; they are in every region.
    let definitions: [String: String]

    package init() { definitions = [:] }

    /// Reads `{"pipelines": [{"name": "churn-training", "definition": {"Parameters": […]}}]}`.
    /// - Throws: ``EmulatorError``.
    package init(parsing bytes: [UInt8]) throws(EmulatorError) {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONDocument(parsing: bytes).root
        } catch {
            throw .malformedScript(reason: error.description)
        }
        guard let list = root["pipelines"], list.kind == .array else {
            throw .unusableValue(path: "pipelines", expected: "a list")
        }
        var definitions: [String: String] = [:]
        for element in list.elements {
            let path = "pipelines[\(definitions.count)]"
            guard let name = element["name"]?.string, !name.isEmpty else {
                throw .unusableValue(path: "\(path).name", expected: "a pipeline's name")
            }
            guard let definition = element["definition"], definition.kind == .object else {
                throw .unusableValue(path: "\(path).definition", expected: "an object")
            }
            guard definitions.count < EmulatorLimits.pipelinesMax else {
                throw .tooManyPipelines(limit: EmulatorLimits.pipelinesMax)
            }
            var writer = JSONWriter()
            writer.value(definition)
            let text = String(decoding: writer.bytes, as: UTF8.self)
            guard definitions.updateValue(text, forKey: name) == nil else {
                throw .unusableValue(path: "\(path).name", expected: "a name that is not there yet")
            }
        }
        self.definitions = definitions
    }
}
