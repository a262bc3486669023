package import JSON

/// The JSON Schema of a kind of file, made by reading a file in which every key is used.
///
/// The readers tell what they ask of each value (``ProblemList/note(_:_:)``), so a schema cannot know
/// other keys, words or bounds than they do.
package struct SchemaTree {
    /// Writes what a schema says of the value at a path of keys, such as `rules[].start` or
    /// `sources.*`, where the readers do not tell all; false for what they told. `told` writes that.
    package typealias Replacement = (
        _ path: String, _ schema: inout SchemaWriter, _ told: @escaping SchemaWriter.Part
    ) -> Bool

    private let notes: SchemaNotes
    private let root: YAMLNode
    private let replacement: Replacement

    /// - Parameters:
    ///   - example: A file in which every key is used.
    ///   - read: Reads it; what it reports is of no interest.
    package init?(
        of example: String, replacement: @escaping Replacement = { _, _, _ in false },
        read: ([UInt8], ProblemList) -> Void
    ) {
        let problems = ProblemList()
        problems.notes = SchemaNotes()
        let bytes = Array(example.utf8)
        read(bytes, problems)
        guard let notes = problems.notes,
            let root = YAMLReader.read(bytes, name: "schema", problems: problems)
        else { return nil }
        self.notes = notes
        self.root = root
        self.replacement = replacement
    }

    /// Writes the whole schema.
    package func write(_ title: String, to writer: inout JSONWriter) {
        var schema = SchemaWriter(writer)
        schema.document(title) { keywords([root], path: "", &$0) }
        writer = schema.writer
    }

    // MARK: - Keywords

    private func keywords(_ nodes: [YAMLNode], path: String, _ schema: inout SchemaWriter) {
        let told: SchemaWriter.Part = { toldKeywords(nodes, path: path, &$0) }
        if !replacement(path, &schema, told) { told(&schema) }
    }

    private func toldKeywords(_ nodes: [YAMLNode], path: String, _ schema: inout SchemaWriter) {
        guard let note = note(of: nodes) else { return }
        if note.isRefused { return schema.keyword("not", { _ in }) }
        if let description = note.description { schema.keyword("description", description) }
        fallback(note, &schema)
        if note.isOneOrMore { return oneOrMore(nodes, note, path: path, &schema) }
        if note.isList {
            schema.keyword("type", "array")
            if note.isNonEmpty { schema.keyword("minItems", 1) }
            let elements = nodes.flatMap(elements(of:))
            schema.keyword("items") { keywords(elements, path: path + "[]", &$0) }
        } else if note.isMap {
            map(nodes, note, path: path, &schema)
        } else if let keys = note.keys {
            object(nodes, keys, note, path: path, &schema)
        } else {
            scalar(note, &schema)
        }
    }

    private func oneOrMore(
        _ nodes: [YAMLNode], _ note: SchemaNotes.Note, path: String, _ schema: inout SchemaWriter
    ) {
        let elements = nodes.flatMap(elements(of:))
        let element: SchemaWriter.Part = { schema in
            guard var own = self.note(of: elements) else { return }
            own.description = nil
            own.fallback = nil
            scalar(own, &schema)
        }
        schema.keyword(
            "anyOf",
            [
                element,
                { schema in
                    schema.keyword("type", "array")
                    if note.isNonEmpty { schema.keyword("minItems", 1) }
                    schema.keyword("items", element)
                },
            ])
    }

    private func map(
        _ nodes: [YAMLNode], _ note: SchemaNotes.Note, path: String, _ schema: inout SchemaWriter
    ) {
        schema.keyword("type", "object")
        if let pattern = note.keyPattern {
            schema.keyword("propertyNames") { $0.keyword("pattern", pattern) }
        }
        let values = nodes.flatMap { node -> [YAMLNode] in
            guard case .mapping(let members) = node.content else { return [] }
            return members.map(\.value)
        }
        schema.keyword("additionalProperties") { keywords(values, path: path + ".*", &$0) }
    }

    private func object(
        _ nodes: [YAMLNode], _ keys: [String], _ note: SchemaNotes.Note, path: String,
        _ schema: inout SchemaWriter
    ) {
        schema.keyword("type", "object")
        schema.keyword("properties") { schema in
            for key in keys {
                let path = path.isEmpty ? key : "\(path).\(key)"
                schema.keyword(key) { keywords(values(of: key, in: nodes), path: path, &$0) }
            }
        }
        schema.keyword("additionalProperties", false)
        if !note.requiredKeys.isEmpty { schema.keyword("required", note.requiredKeys) }
        if !note.choice.isEmpty {
            schema.keyword(
                "oneOf", note.choice.map { key in { $0.keyword("required", [key]) } })
        }
    }

    private func scalar(_ note: SchemaNotes.Note, _ schema: inout SchemaWriter) {
        if let words = note.words { return schema.keyword("enum", words) }
        if note.types.count == 1 {
            schema.keyword("type", note.types[0])
        } else if !note.types.isEmpty {
            schema.keyword("type", note.types)
        }
        if let pattern = note.pattern { schema.keyword("pattern", pattern) }
        guard let range = note.range else { return }
        let bounds: SchemaWriter.Part = { schema in
            schema.keyword("minimum", range.lowerBound)
            schema.keyword("maximum", range.upperBound)
        }
        if note.isZeroRight, !range.contains(0) {
            schema.keyword("anyOf", [{ $0.keyword("const", 0) }, bounds])
        } else {
            bounds(&schema)
        }
    }

    private func fallback(_ note: SchemaNotes.Note, _ schema: inout SchemaWriter) {
        switch note.fallback {
        case .text(let text): schema.keyword("default", text)
        case .number(let number): schema.keyword("default", number)
        case .texts(let texts): schema.keyword("default", texts)
        case nil: break
        }
    }

    // MARK: - The example

    /// What is known of values that stand for one another.
    private func note(of nodes: [YAMLNode]) -> SchemaNotes.Note? {
        var merged: SchemaNotes.Note?
        for node in nodes {
            guard let note = notes.note(at: node.place) else { continue }
            if merged == nil { merged = note } else { merged?.merge(note) }
        }
        return merged
    }

    /// A list's elements; any other value is its own.
    private func elements(of node: YAMLNode) -> [YAMLNode] {
        if case .sequence(let elements) = node.content { elements } else { [node] }
    }

    private func values(of key: String, in nodes: [YAMLNode]) -> [YAMLNode] {
        nodes.flatMap { node in
            guard case .mapping(let members) = node.content else { return [YAMLNode]() }
            return members.filter { $0.key == key }.map(\.value)
        }
    }
}
