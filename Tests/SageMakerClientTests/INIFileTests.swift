import SageMakerClient
import Testing

@Suite struct INIFileTests {
    private func sections(_ text: String) throws -> [String: [String: String]] {
        try INIFile(parsing: Array(text.utf8), path: "f").sections
    }

    @Test func `reads sections, keys and values`() throws {
        let text =
            "\u{FEFF}# a comment\r\n; another\r\n[default]\r\nA_Key = v1=x # why\r\nb= v2;y\t; z\n\n"
            + "[ profile   \"with space\" ]\nempty =\n[default] ; again\nb=v3\nc=1 2  3\t\n"
        #expect(
            try sections(text) == [
                "default": ["a_key": "v1=x", "b": "v3", "c": "1 2  3"],
                "profile with space": ["empty": ""],
            ])
    }

    @Test func `indented lines belong to the key above`() throws {
        let text = """
            [services local]
            sagemaker =
              endpoint_url = http://127.0.0.1:5000

            \tother = x
            s3 =
            plain = a
              b = c
            """
        #expect(
            try sections(text) == [
                "services local": [
                    "sagemaker": "", "sagemaker.endpoint_url": "http://127.0.0.1:5000",
                    "sagemaker.other": "x", "s3": "", "plain": "a\nb = c",
                ]
            ])
    }

    @Test func `keys may be indented, and a line further to the right belongs to the one above`()
        throws
    {
        #expect(
            try sections(
                "[default]\n  a = A\n  s = S\n    more\n\tb = 1\nc = 2\n[profile\tx]\n d =\n"
                    + "  e = 3\n  f = 4\n[y]\n key=z")
                == [
                    "default": ["a": "A", "s": "S\nmore", "b": "1", "c": "2"],
                    "profile x": ["d": "", "d.e": "3", "d.f": "4"], "y": ["key": "z"],
                ])
    }

    @Test(arguments: [
        ("[a]\nb", 2, "key = value"), ("[a]\n= b", 2, "key = value"), ("[a\nb=c", 1, "[section]"),
        ("\n[]", 2, "[section]"), ("[ ]", 1, "[section]"), ("[a] b", 1, "[section]"),
        ("[", 1, "[section]"), ("['']", 1, "[section]"),
        ("a=b\n[c]", 1, "a [section] before the first key"),
        (" a=b\n[c]", 1, "a [section] before the first key"), ("[a]\n b", 2, "key = value"),
        ("[a]\nb=\n c", 3, "key = value"), ("[a]\nb=\u{0}", 2, "UTF-8 text"),
    ])
    func `says the line of what it cannot read`(text: String, line: Int, expected: String) {
        #expect(
            throws: SageMakerClientError.malformedLine(path: "f", line: line, expected: expected)
        ) { try sections(text) }
    }

    @Test func `refuses bytes that are not UTF-8`() {
        let bytes = Array("[a]\r\nb=".utf8) + [0xFF]
        #expect(
            throws: SageMakerClientError.malformedLine(path: "f", line: 2, expected: "UTF-8 text")
        ) { try INIFile(parsing: bytes, path: "f") }
    }

    @Test func `no error repeats a value`() {
        do {
            _ = try sections("[a]\naws_secret_access_key : hunter2")
            Issue.record("was read")
        } catch {
            #expect("\(error)" == "f:2: expected key = value")
        }
    }

    @Test func `no damaged file traps`() {
        let text = Array("[a]\nk=v # c\n[services x]\ns =\n  e = \"é\"\n\t;\r\n".utf8)
        var seed: UInt64 = 0x2545_F491_4F6C_DD1D
        var read = 0
        for _ in 0..<5000 {
            var damaged = text
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            damaged[Int(seed >> 33) % damaged.count] = UInt8(truncatingIfNeeded: seed >> 24)
            if (try? INIFile(parsing: damaged, path: "f")) != nil { read += 1 }
        }
        #expect(read > 0 && read < 5000)
    }
}
