internal import JSON

/// Pipelines that are there from the beginning, with their definitions: what `--pipelines` reads.
package struct PipelineSeeds: Sendable, Equatable {
    struct Seed: Equatable, Sendable {
        /// A JSON text.
        let definition: String
        /// What PipelineVersionAlias may be.
        let aliases: Set<String>
    }

    /// By the pipelines' names; they are in every account and region.
    let pipelines: [String: Seed]

    package init() { pipelines = [:] }

    /// Reads `{"pipelines": [{"name": "churn-training", "definition": {"Parameters": […]},
    /// "aliases": ["production"]}]}`; the aliases can be left out.
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
        var seeds: [String: Seed] = [:]
        for element in list.elements {
            let path = "pipelines[\(seeds.count)]"
            guard let name = element["name"]?.string, !name.isEmpty else {
                throw .unusableValue(path: "\(path).name", expected: "a pipeline's name")
            }
            guard let definition = element["definition"], definition.kind == .object else {
                throw .unusableValue(path: "\(path).definition", expected: "an object")
            }
            guard seeds.count < EmulatorLimits.pipelinesMax else {
                throw .tooManyPipelines(limit: EmulatorLimits.pipelinesMax)
            }
            var writer = JSONWriter()
            writer.value(definition)
            let text = String(decoding: writer.bytes, as: UTF8.self)
            let aliases = element["aliases"]
            guard aliases == nil || aliases?.kind == .array else {
                throw .unusableValue(path: "\(path).aliases", expected: "a list of names")
            }
            let seed = Seed(
                definition: text, aliases: Set(aliases?.elements.compactMap(\.string) ?? []))
            guard seeds.updateValue(seed, forKey: name) == nil else {
                throw .unusableValue(path: "\(path).name", expected: "a name that is not there yet")
            }
        }
        pipelines = seeds
    }
}
