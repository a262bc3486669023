internal import JSON

/// What a pipeline says of its parameters, from the reply of DescribePipeline.
///
/// Source: the definition's `Parameters`, as the SageMaker Python SDK writes them
/// (`workflow/parameters.py`): Name, Type, DefaultValue, EnumValues.
package struct PipelineDefinition: Sendable, Equatable {
    package struct Parameter: Sendable, Equatable {
        package let name: String
        /// `String`, `Integer`, `Boolean` or `Float`; another is taken for any.
        package let type: String
        /// Whether a start must give it.
        package let isRequired: Bool
        /// The only values it may have, as texts; nil for any.
        package let values: [String]?

        /// Why a value cannot be this parameter's, or nil.
        package func fault(of value: String) -> String? {
            if let values, !values.contains(where: { isSame($0, value) }) {
                return "must be one of \(values.joined(separator: ", "))"
            }
            let isRight =
                switch type {
                case "Integer": Int64(value) != nil
                // `Double` would take C's hexadecimal form, too.
                case "Float": Double(value) != nil && !value.utf8.contains(where: isLetterX)
                case "Boolean": ["true", "false"].contains(value.lowercased())
                default: true
                }
            return isRight ? nil : "must be of type \(type)"
        }

        /// `1` and `1.0` are one number, which is written in either form.
        private func isSame(_ word: String, _ value: String) -> Bool {
            if word == value { return true }
            guard type == "Float", let number = Double(word) else { return false }
            return Double(value) == number
        }
    }

    /// Nil where the definition does not tell: it is in S3, or older than such lists.
    package let parameters: [Parameter]?

    /// Reads the content of a reply of DescribePipeline; nil for what is none.
    package init?(describePipeline content: [UInt8]) {
        guard content.count <= SageMakerAPILimits.definitionReplyBytesMax,
            let root = try? JSONDocument(parsing: content).root,
            let text = root["PipelineDefinition"]?.string
        else { return nil }
        self.init(definition: text)
    }

    /// Reads a definition's own text.
    package init(definition text: String) {
        guard let definition = try? JSONDocument(parsing: Array(text.utf8)).root,
            let list = definition["Parameters"], list.kind == .array
        else {
            parameters = nil
            return
        }
        parameters = list.elements.compactMap { element in
            guard let name = element["Name"]?.string else { return nil }
            return Parameter(
                name: name, type: element["Type"]?.string ?? "String",
                isRequired: element["DefaultValue"]?.isNull ?? true,
                values: element["EnumValues"].flatMap(words(of:)))
        }
    }
}

/// The words of a list; nil for none, as whoever writes a member without a value means that.
private func words(of list: JSONValue) -> [String]? {
    let words = list.elements.compactMap(\.asText)
    return words.isEmpty ? nil : words
}

private func isLetterX(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "x") || byte == UInt8(ascii: "X")
}

extension JSONValue {
    /// A scalar as SageMaker writes it where a text is wanted.
    fileprivate var asText: String? {
        switch kind {
        case .string: string
        case .int: int.map { "\($0)" }
        case .uint: uint.map { "\($0)" }
        case .double: double.map { "\($0)" }
        case .bool: bool.map { $0 ? "true" : "false" }
        case .null, .array, .object: nil
        }
    }
}
