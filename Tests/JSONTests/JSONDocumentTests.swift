import JSON
import Testing

@Suite struct JSONDocumentTests {
    private func parse(_ text: String) throws -> JSONValue {
        try JSONDocument(parsing: Array(text.utf8)).root
    }

    @Test func `reads every kind of value`() throws {
        let root = try parse(
            #"{"n":null,"t":true,"f":false,"i":-5,"u":18446744073709551615,"d":1.5,"s":"aé\n😀","a":[1,[2],{}],"o":{"x":1}}"#
        )
        #expect(root.kind == .object)
        #expect(root["n"]?.isNull == true)
        #expect(root["t"]?.bool == true)
        #expect(root["f"]?.bool == false)
        #expect(root["i"]?.int == -5)
        #expect(root["u"]?.uint == UInt64.max)
        #expect(root["d"]?.double == 1.5)
        #expect(root["s"]?.string == "aé\n😀")
        #expect(root["a"]?.elements.map(\.kind) == [.int, .array, .object])
        #expect(root.at("o", "x")?.int == 1)
        #expect(root.at("o", "y", "z") == nil)
        #expect(root["s"]?["x"] == nil)
        #expect(
            root.members.map { $0.name.string } == ["n", "t", "f", "i", "u", "d", "s", "a", "o"])
    }

    @Test func `counts elements and members`() throws {
        #expect(try parse("[]").count == 0)
        #expect(try parse("[1,[2,3],{\"a\":4}]").count == 3)
        #expect(try parse(#"{"a":[1,2,3],"b":1,"a":2}"#).count == 3)
        #expect(try parse("1").count == 0)
    }

    @Test func `names that begin alike are different members`() throws {
        let root = try parse(#"{"ab":1,"a":2,"":3,"abc":4}"#)
        #expect(root["a"]?.int == 2)
        #expect(root["ab"]?.int == 1)
        #expect(root[""]?.int == 3)
        #expect(root["b"] == nil)
    }

    @Test func `the last of repeated members counts`() throws {
        #expect(try parse(#"{"a":1,"b":{"a":9},"a":2}"#)["a"]?.int == 2)
    }

    @Test func `integers beyond 64 bits become doubles`() throws {
        let root = try parse(
            #"{"a":123456789012345678901234567890,"s":"12345678901234567890123","d":-99999999999999999999}"#
        )
        #expect(root["a"]?.double == 123456789012345678901234567890.0)
        #expect(root["s"]?.string == "12345678901234567890123")
        #expect(root["d"]?.double == -99999999999999999999.0)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":}", "nul", "01", "1.", "\"\u{01}\"", "{} x", "'a'",
    ])
    func `refuses what is not JSON`(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test func `refuses bytes that are not UTF-8`() {
        #expect(throws: JSONError.self) { try JSONDocument(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test func `nesting is refused one level above the limit`() throws {
        var limits = JSONLimits()
        limits.depthMax = 10
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try JSONDocument(parsing: nested(9), limits: limits)
        #expect(throws: JSONError.tooDeep(limit: 10)) {
            try JSONDocument(parsing: nested(11), limits: limits)
        }
    }

    @Test func `a parser reuses a document that nobody holds and no other`() throws {
        var parser = JSONParser()
        func padded(_ text: String) -> [UInt8] {
            Array(text.utf8) + [UInt8](repeating: 0x20, count: JSONParser.padding)
        }
        let first = padded("[1]")
        let second = padded("[2,3]")
        let kept = try first.withUnsafeBytes {
            try parser.parse(padded: UnsafeRawBufferPointer(rebasing: $0[..<3]))
        }
        let other = try second.withUnsafeBytes {
            try parser.parse(padded: UnsafeRawBufferPointer(rebasing: $0[..<5]))
        }
        #expect(kept !== other)
        #expect(kept.root.elements.map(\.int) == [1])
        #expect(other.root.elements.map(\.int) == [2, 3])
    }
}

@Suite struct JSONWriterTests {
    @Test func `writes what it reads`() throws {
        let text =
            #"{"a":[1,-2,3.5,null,true],"b":{"c":"x\"y\\z\n\r\t\u0001é😀"},"d":[],"e":{},"u":18446744073709551615}"#
        var writer = JSONWriter()
        writer.value(try JSONDocument(parsing: Array(text.utf8)).root)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }

    @Test func `places commas`() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.beginObject()
        writer.member("a", "1")
        writer.member("b", Optional<String>.none)
        writer.endObject()
        writer.int(3)
        writer.raw(Array("{}".utf8))
        writer.double(.nan)
        writer.endArray()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == #"[{"a":"1","b":null},3,{},"NaN"]"#)
    }
}
