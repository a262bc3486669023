import CEL
import JSON
import Testing

@Suite struct OutputTests {
    @Test(arguments: [
        ("108", "108"), ("-1", "-1"), ("5u", "5"), ("1.5", "1.5"), ("2.0", "2"), ("true", "true"),
        ("'text'", "text"), ("b'\\303\\251'", "é"), ("body.s", "json"),
        ("duration('90m')", "5400s"),
        ("timestamp('2026-01-02T03:04:05.5+01:00')", "2026-01-02T02:04:05.5Z"),
    ])
    func `a scalar is rendered as string() does`(source: String, expected: String) throws {
        #expect(try evaluated(source, body: #"{"s":"json"}"#).rendered() == expected)
    }

    @Test(arguments: ["null", "[]", "{}", "int", "optional.none()", "b'\\xff'", "body"])
    func `nothing else is rendered`(source: String) throws {
        let value = try evaluated(source, body: "{}")
        #expect(throws: CELError.self) { try value.rendered() }
    }

    @Test(arguments: [
        ("null", "null"), ("true", "true"), ("'a\"b'", #""a\"b""#), ("1.5", "1.5"),
        ("9007199254740991", "9007199254740991"), ("9007199254740992", #""9007199254740992""#),
        ("-9007199254740991", "-9007199254740991"), ("-9007199254740992", #""-9007199254740992""#),
        ("9007199254740992u", #""9007199254740992""#), ("double('nan')", #""NaN""#),
        ("-1.0 / 0.0", #""-Infinity""#), ("b'hello'", #""aGVsbG8=""#),
        ("[1, [2], {}]", "[1,[2],{}]"), ("{'a': 1, 'b': [null]}", #"{"a":1,"b":[null]}"#),
        ("timestamp(0)", #""1970-01-01T00:00:00Z""#), ("duration('1.5s')", #""1.5s""#),
        ("optional.of(1)", "1"), ("optional.none()", "null"),
        ("body", #"{"x":[1,"9007199254740993",2.5,"é"]}"#), ("body.x[3]", #""é""#),
    ])
    func `a value is written as JSON`(source: String, expected: String) throws {
        let value = try evaluated(source, body: #"{"x":[1,9007199254740993,2.5,"é"]}"#)
        var writer = JSONWriter()
        try value.write(to: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test func `a repeated name of JSON is written once with its last value`() throws {
        let body = #"{"x":{"a":1,"b":{"\u0061":2,"a":3},"a":[{"c":4,"c":5}]},"y":"z"}"#
        let once = #"{"a":[{"c":5}],"b":{"a":3}}"#
        var writer = JSONWriter()
        try evaluated("body.x", body: body).write(to: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == once)
        #expect(try evaluated("jsonString(body.x)", body: body).stringValue == once)
    }

    @Test(arguments: ["int", "{1: 2}", "[type(1)]", "{'a': {true: 1}}"])
    func `nothing else is written as JSON`(source: String) throws {
        let value = try evaluated(source)
        var writer = JSONWriter()
        #expect(throws: CELError.self) { try value.write(to: &writer) }
    }

    @Test func `shared lists cannot make endless output`() throws {
        // Each binding doubles the value: 2^40 elements if they were written.
        let source =
            (0..<40).map { "cel.bind(x\($0 + 1), [x\($0), x\($0)], " }.joined() + "x40"
            + String(repeating: ")", count: 40)
        let value = try evaluated("cel.bind(x0, 'text', \(source))")
        var writer = JSONWriter()
        #expect(throws: CELError.outputTooLong(limitBytes: 1000)) {
            try value.write(to: &writer, bytesMax: 1000)
        }
        #expect(writer.bytes.count < 1100)
    }

    @Test func `output of exactly the limit is written`() throws {
        let value = try evaluated("'12345678'")
        var writer = JSONWriter()
        try value.write(to: &writer, bytesMax: 10)
        var other = JSONWriter()
        #expect(throws: CELError.outputTooLong(limitBytes: 9)) {
            try value.write(to: &other, bytesMax: 9)
        }
    }
}
