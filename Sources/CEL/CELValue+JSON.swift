package import JSON

extension CELValue {
    /// CEL's `string()` of a scalar, for templates: int 108 is `108`.
    /// - Throws: ``CELError/noConversion(from:to:reason:)`` for null, lists, maps, types, optionals
    ///   and bytes that are not UTF-8.
    package func rendered() throws(CELError) -> String {
        throw .noConversion(from: typeName, to: "string", reason: "not implemented")
    }

    /// Writes the value as JSON.
    /// - Throws: ``CELError``
    package func write(to writer: inout JSONWriter) throws(CELError) {
        throw .noConversion(from: typeName, to: "JSON", reason: "not implemented")
    }
}
