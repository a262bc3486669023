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

    @Test func `several members are found at once as each one is alone`() throws {
        let long = String(repeating: "k", count: 65)
        let root = try parse(
            #"{"a":1,"b":{"c":2},"":[3],"a":4,"é":5,"\u0064":6,"\#(long)":7}"#)
        let found = root.members(named: "d", "a", "c", "", "é", "b", "a", "aa")
        #expect(found.map { $0?.int } == [6, 4, nil, nil, 5, nil, 4, nil])
        #expect(found[3]?.elements.map(\.int) == [3])
        #expect(found[5]?["c"]?.int == 2)
        #expect(found[2] == nil && found[7] == nil)
        for text in ["[1]", #""a""#, "null", "{}"] {
            #expect(try parse(text).members(named: "a", "").allSatisfy { $0 == nil })
        }
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

    @Test func `an integer beyond 64 bits leaves those beside it as they are`() throws {
        let root = try parse(
            #"""
            {"id":1234567890123456789,"wide":18446744073709551616,"intMax":9223372036854775807,
             "uintMin":9223372036854775808,"uintMax":18446744073709551615,
             "intMin":-9223372036854775808,"below":-9223372036854775809,
             "last":[-1234567890123456789,-18446744073709551615,1.5,-7,"\\"]}
            """#)
        #expect(root["id"]?.int == 1_234_567_890_123_456_789)
        #expect(root["wide"]?.kind == .double && root["wide"]?.double == 18446744073709551616.0)
        #expect(root["intMax"]?.int == Int64.max)
        #expect(root["uintMin"]?.uint == 9_223_372_036_854_775_808)
        #expect(root["uintMax"]?.uint == UInt64.max)
        #expect(root["intMin"]?.int == Int64.min)
        #expect(root["below"]?.kind == .double && root["below"]?.double == -9223372036854775809.0)
        #expect(root["last"]?.elements.map(\.kind) == [.int, .double, .double, .int, .string])
        #expect(root["last"]?.elements.map(\.int).first == -1_234_567_890_123_456_789)
    }

    @Test(arguments: [
        (#"\ud83d"#, "\u{FFFD}"), (#"\uDC00"#, "\u{FFFD}"), (#"a\ud83d b"#, "a\u{FFFD} b"),
        (#"\ud83d\ude00"#, "😀"), (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"),
        (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}"), (#"\ud83d\u0041"#, "\u{FFFD}A"),
        (#"\\ud83d\ud83d"#, #"\ud83d"# + "\u{FFFD}"), (#"\ud83d\n\""#, "\u{FFFD}\n\""),
        (#"\udbff\udfff\udbff"#, "\u{10FFFF}\u{FFFD}"),
        (#"\ud7ff\ue000\ud800"#, "\u{D7FF}\u{E000}\u{FFFD}"),
    ])
    func `half of a surrogate pair becomes a replacement character`(
        text: String, expected: String
    ) throws {
        let root = try parse("[\"\(text)\",{\"\(text)\":1234567890123456789}]")
        #expect(root.elements.map(\.string).first == expected)
        #expect(root.elements.map { $0[expected]?.int }.last == 1_234_567_890_123_456_789)
    }

    @Test func `a number beyond a double is an infinity`() throws {
        let digits = "1" + String(repeating: "0", count: 400)
        let root = try parse(
            "{\"a\":[1,-2,{\"u\":18446744073709551615}],\"far\":1e999,\"b\":\"1e999 \\ud83d\","
                + "\"near\":-1.5E+400,\"digits\":\(digits),\"cut\":-\(digits)e-400,"
                + "\"huge\":1e99999999999999999999,\"zero\":0e999,\"tiny\":1e-999,"
                + "\"most\":1.7976931348623157e308,\"wide\":18446744073709551616,\"c\":3}")
        #expect(root["far"]?.double == .infinity && root["near"]?.double == -.infinity)
        #expect(root["digits"]?.double == .infinity && root["huge"]?.double == .infinity)
        #expect(root["cut"]?.double == -1 && root["zero"]?.double == 0)
        #expect(root["tiny"]?.double == 0)
        #expect(root["most"]?.double == Double.greatestFiniteMagnitude)
        #expect(root["wide"]?.double == 18446744073709551616.0 && root["c"]?.int == 3)
        #expect(root["a"]?.elements.map(\.kind) == [.int, .int, .object])
        #expect(root.at("a")?.elements.map { $0["u"]?.uint }.last == UInt64.max)
        #expect(root["b"]?.string == "1e999 \u{FFFD}")
        #expect(try parse("-1e999").double == -.infinity)
    }

    @Test(arguments: [
        "[01e999]", "[1e999,01]", "[1.e999]", "[.5e999]", "[1e999.5]", "[1e999e1]", "[1e+]",
        "[1e999-]", "[1e999 1]", "1e999x", "[+1e999]", #"["\ud83d","\x"]"#, #"["\ud83d\u12"]"#,
        #"["\ud83d"#, #"["\ud83d\"#, #"["\ud83"#, #"["\ud83d\ug000"]"#,
    ])
    func `an odd value makes no JSON of what is none`(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test func `a text cut anywhere is refused whatever it holds`() throws {
        let text = Array(
            #"{"a\ud83d":[1e999,-18446744073709551616,"\ud83d\ude00\udc00"],"b":1234567890123456789}"#
                .utf8)
        _ = try JSONDocument(parsing: text)
        for count in text.indices {
            #expect(throws: JSONError.self) { try JSONDocument(parsing: Array(text[..<count])) }
        }
    }

    @Test func `names of members are told once with the last value`() throws {
        let names = (0..<40).map { #""n\#($0 % 30)":\#($0)"# }.joined(separator: ",")
        let members = try parse("{\(names)}").uniqueMembers
        #expect(members.map { $0.name.string } == (0..<30).map { "n\($0)" })
        #expect(members.map { $0.value.int } == (0..<30).map { $0 < 10 ? $0 + 30 : $0 })
        #expect(try parse("[1]").uniqueMembers.isEmpty)
    }

    @Test(arguments: [("", true), (" ", false)])
    func `a parser keeps no document of a text above its limit`(
        behind: String, isKept: Bool
    ) throws {
        var limits = JSONLimits()
        limits.keptTextBytesMax = 100
        var parser = JSONParser(limits: limits)
        let text = "[" + String(repeating: " ", count: 98) + "]" + behind
        let padded = Array(text.utf8) + [UInt8](repeating: 0, count: JSONParser.padding)
        weak var kept: JSONDocument?
        try padded.withUnsafeBytes {
            let json = UnsafeRawBufferPointer(rebasing: $0[..<text.utf8.count])
            let document = try parser.parse(padded: json)
            #expect(document.root.kind == .array)
            kept = document
        }
        #expect((kept != nil) == isKept)
        // The parser is used behind it, so that it lives until then.
        #expect(throws: JSONError.self) {
            try padded.withUnsafeBytes {
                try parser.parse(padded: UnsafeRawBufferPointer(rebasing: $0[..<1]))
            }
        }
    }

    @Test(arguments: [
        "[18446744073709551616,01]", "[18446744073709551616,-]", "[18446744073709551616x]",
        "[018446744073709551616]", "[--18446744073709551616]", "[18446744073709551616,1e]",
        "[18446744073709551616", "[18446744073709551616,\"a]", "[18446744073709551616.]",
    ])
    func `an integer beyond 64 bits makes no JSON of what is none`(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
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
    @Test func `finds what needs an escape at every place of a text`() {
        for length in 0..<20 {
            for (character, escaped) in [
                ("\"", #"\""#), ("\\", #"\\"#), ("\u{0}", #"\u0000"#), ("\u{1F}", #"\u001f"#),
                ("\n", #"\n"#), (" ", " "), ("!", "!"), ("#", "#"), ("[", "["), ("]", "]"),
                ("\u{7F}", "\u{7F}"), ("\u{80}", "\u{80}"), ("ÿ", "ÿ"), ("\u{FFFD}", "\u{FFFD}"),
            ] {
                for position in 0...length {
                    let front = String(repeating: "a", count: position)
                    let back = String(repeating: "\u{7F}", count: length - position)
                    var writer = JSONWriter()
                    writer.string(front + character + back)
                    let text = String(decoding: writer.bytes, as: UTF8.self)
                    #expect(text == "\"\(front)\(escaped)\(back)\"")
                }
            }
        }
    }

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
