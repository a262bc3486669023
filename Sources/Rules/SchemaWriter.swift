package import JSON

/// Writes a JSON Schema (draft 2020-12), one part within another.
package struct SchemaWriter {
    package typealias Part = (inout SchemaWriter) -> Void

    package private(set) var writer: JSONWriter

    package init(_ writer: JSONWriter) { self.writer = writer }

    /// The whole schema; the body writes one part.
    package mutating func document(_ title: String, _ body: Part) {
        writer.beginObject()
        writer.member("$schema", "https://json-schema.org/draft/2020-12/schema")
        writer.member("title", title)
        writer.name("allOf")
        writer.beginArray()
        body(&self)
        writer.endArray()
        writer.endObject()
    }

    /// A mapping that has no other keys than these.
    package mutating func object(
        _ keys: [String], required: [String] = [],
        _ value: (inout SchemaWriter, _ key: String) -> Void
    ) {
        writer.beginObject()
        writer.member("type", "object")
        writer.name("properties")
        writer.beginObject()
        for key in keys {
            writer.name(key)
            value(&self, key)
        }
        writer.endObject()
        writer.name("additionalProperties")
        writer.bool(false)
        if !required.isEmpty {
            writer.name("required")
            list(required)
        }
        writer.endObject()
    }

    /// A mapping with any keys.
    package mutating func map(_ value: Part) {
        writer.beginObject()
        writer.member("type", "object")
        writer.name("additionalProperties")
        value(&self)
        writer.endObject()
    }

    package mutating func array(atLeastOne: Bool = false, _ element: Part) {
        writer.beginObject()
        writer.member("type", "array")
        if atLeastOne {
            writer.name("minItems")
            writer.int(Int64(1))
        }
        writer.name("items")
        element(&self)
        writer.endObject()
    }

    /// A value or a list of such values.
    package mutating func oneOrMore(atLeastOne: Bool = false, _ element: Part) {
        // Not escaping: written twice in place.
        writer.beginObject()
        writer.name("anyOf")
        writer.beginArray()
        element(&self)
        array(atLeastOne: atLeastOne, element)
        writer.endArray()
        writer.endObject()
    }

    package mutating func anyOf(_ parts: [Part]) {
        writer.beginObject()
        writer.name("anyOf")
        writer.beginArray()
        for part in parts { part(&self) }
        writer.endArray()
        writer.endObject()
    }

    package mutating func string(pattern: String? = nil) {
        writer.beginObject()
        writer.member("type", "string")
        if let pattern { writer.member("pattern", pattern) }
        writer.endObject()
    }

    package mutating func null() {
        writer.beginObject()
        writer.member("type", "null")
        writer.endObject()
    }

    package mutating func types(_ types: [String]) {
        writer.beginObject()
        writer.name("type")
        list(types)
        writer.endObject()
    }

    package mutating func words(_ words: [String]) {
        writer.beginObject()
        writer.name("enum")
        list(words)
        writer.endObject()
    }

    /// Anything.
    package mutating func any() { writer.bool(true) }

    private mutating func list(_ texts: [String]) {
        writer.beginArray()
        for text in texts { writer.string(text) }
        writer.endArray()
    }
}
