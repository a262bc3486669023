import JSON

/// A JSON object of strings on one line.
struct LogLineWriter {
    private var writer = JSONWriter()

    init() { writer.beginObject() }

    mutating func member(_ name: String, _ value: String) { writer.member(name, value) }

    var line: [UInt8] {
        var writer = writer
        writer.endObject()
        return writer.bytes + [0x0A]
    }
}
