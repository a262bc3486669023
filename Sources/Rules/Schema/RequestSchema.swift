internal import SageMakerAPI

/// The schema of the StartPipelineExecution request as rule files write it, made of AWS's model.
enum RequestSchema {
    /// Of a rule's `start`: whole, and any scalar may be a text with `${CEL}` in it.
    static func write(to schema: inout SchemaWriter) {
        value(StartPipelineExecution.input, isWhole: true, &schema)
    }

    /// Of what a test expects: any part, and `${` is text.
    static func writePart(to schema: inout SchemaWriter) {
        write(StartPipelineExecution.input, isWhole: false, to: &schema)
    }

    private static func write(_ shape: Shape, isWhole: Bool, to schema: inout SchemaWriter) {
        guard isWhole else { return value(shape, isWhole: false, &schema) }
        schema.keyword("anyOf", [{ value(shape, isWhole: true, &$0) }, template])
    }

    private static func template(_ schema: inout SchemaWriter) {
        schema.keyword("type", "string")
        schema.keyword("pattern", #"\$\{"#)
    }

    private static func value(_ shape: Shape, isWhole: Bool, _ schema: inout SchemaWriter) {
        switch shape.kind {
        case .string: text(shape, isWhole: isWhole, &schema)
        case .integer(let range):
            schema.keyword("type", ["integer", "string"])
            schema.keyword("minimum", range.lowerBound)
            schema.keyword("maximum", range.upperBound)
            schema.keyword("pattern", "^[+-]?[0-9]+$")
        case .timestamp: schema.keyword("type", ["number", "string"])
        case .boolean:
            schema.keyword("type", ["boolean", "string"])
            schema.keyword("pattern", "^(true|false)$")
        case .list(let element):
            guard shape.isParameterList, let shapes = shape.parameterShapes else {
                return list(shape, of: element, isWhole: isWhole, &schema)
            }
            schema.keyword(
                "anyOf",
                [
                    { parameters(shape, shapes.name, shapes.value, isWhole: isWhole, &$0) },
                    { list(shape, of: element, isWhole: isWhole, &$0) },
                ])
        case .structure(let members): structure(members, isWhole: isWhole, &schema)
        }
    }

    /// A number or boolean is as good as its text.
    private static func text(_ shape: Shape, isWhole: Bool, _ schema: inout SchemaWriter) {
        schema.keyword("type", ["string", "number", "boolean"])
        guard isWhole else { return }
        if let least = shape.min { schema.keyword("minLength", least) }
        if let most = shape.max { schema.keyword("maxLength", most) }
        if let pattern = shape.pattern { schema.keyword("pattern", "^(?:\(pattern))$") }
        if let texts = shape.allowedTexts { schema.keyword("enum", texts) }
    }

    private static func list(
        _ shape: Shape, of element: Shape, isWhole: Bool, _ schema: inout SchemaWriter
    ) {
        schema.keyword("type", "array")
        if isWhole, let least = shape.min { schema.keyword("minItems", least) }
        if isWhole, let most = shape.max { schema.keyword("maxItems", most) }
        schema.keyword("items") { write(element, isWhole: isWhole, to: &$0) }
    }

    private static func parameters(
        _ shape: Shape, _ name: Shape, _ value: Shape, isWhole: Bool, _ schema: inout SchemaWriter
    ) {
        schema.keyword("description", "parameters by their names, or AWS's list of {Name, Value}")
        schema.keyword("type", "object")
        if isWhole, let most = shape.max { schema.keyword("maxProperties", most) }
        if isWhole { schema.keyword("propertyNames") { text(name, isWhole: true, &$0) } }
        schema.keyword("additionalProperties") { write(value, isWhole: isWhole, to: &$0) }
    }

    private static func structure(
        _ members: [ShapeMember], isWhole: Bool, _ schema: inout SchemaWriter
    ) {
        schema.keyword("type", "object")
        schema.keyword("properties") { schema in
            for member in members {
                schema.keyword(member.name) { write(member.shape, isWhole: isWhole, to: &$0) }
            }
        }
        schema.keyword("additionalProperties", false)
        let required = members.filter { $0.isRequired && !$0.isIdempotencyToken }.map(\.name)
        if isWhole, !required.isEmpty { schema.keyword("required", required) }
    }
}
