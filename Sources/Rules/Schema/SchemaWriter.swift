package import JSON

/// Writes a JSON Schema (draft 2020-12), one keyword behind the other.
package struct SchemaWriter {
    /// Writes the keywords of a schema within the schema.
    package typealias Part = (inout SchemaWriter) -> Void

    package private(set) var writer: JSONWriter

    package init(_ writer: JSONWriter) { self.writer = writer }

    /// The whole schema; the body writes its keywords.
    package mutating func document(_ title: String, _ body: Part) {
        object { schema in
            schema.keyword("$schema", "https://json-schema.org/draft/2020-12/schema")
            schema.keyword("title", title)
            body(&schema)
        }
    }

    package mutating func keyword(_ name: String, _ text: String) { writer.member(name, text) }

    package mutating func keyword(_ name: String, _ number: some BinaryInteger) {
        writer.name(name)
        writer.int(number)
    }

    package mutating func keyword(_ name: String, _ bool: Bool) {
        writer.name(name)
        writer.bool(bool)
    }

    package mutating func keyword(_ name: String, _ texts: [String]) {
        writer.name(name)
        writer.beginArray()
        for text in texts { writer.string(text) }
        writer.endArray()
    }

    package mutating func keyword(_ name: String, _ part: Part) {
        writer.name(name)
        object(part)
    }

    package mutating func keyword(_ name: String, _ parts: [Part]) {
        writer.name(name)
        writer.beginArray()
        for part in parts { object(part) }
        writer.endArray()
    }

    private mutating func object(_ part: Part) {
        writer.beginObject()
        part(&self)
        writer.endObject()
    }
}
