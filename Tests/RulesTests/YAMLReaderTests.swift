import Rules
import Testing

@Suite struct YAMLReaderTests {
    private func read(_ text: String) -> (node: YAMLNode?, problems: [String]) {
        let list = ProblemList()
        let node = YAMLReader.read(Array(text.utf8), name: "f.yaml", problems: list)
        return (node, list.problems.map(\.description))
    }

    private func scalar(_ text: String) -> YAMLScalar? { read(text).node?.scalar }

    // yaml.org/spec/1.2.2, §10.3.2.
    @Test(arguments: [
        ("~", YAMLScalar.Kind.null), ("null", .null), ("NULL", .null), ("nUll", .string),
        ("true", .bool), ("FALSE", .bool), ("on", .string), ("no", .string), ("yes", .string),
        ("y", .string), ("off", .string), ("0", .integer), ("-12", .integer), ("+3", .integer),
        ("0x1F", .integer), ("0o17", .integer), ("0o18", .string), ("0xG", .string),
        ("0b1", .string), ("1_000", .string), ("12:30", .string), ("1.10", .float),
        (".5", .float), ("1.", .float), ("1e3", .float), ("1e", .string), ("-.inf", .float),
        (".nan", .float), (".", .string), ("-", .string), ("2026-12-31", .string), ("1-2", .string),
        ("\"5\"", .string), ("'true'", .string), ("!!str 5", .string), ("\"\"", .string),
    ])
    func `a plain scalar is what YAML 1_2's core schema says`(
        text: String, kind: YAMLScalar.Kind
    ) {
        // The key keeps a lone hyphen from being a list.
        guard case .mapping(let members)? = read("k: \(text)").node?.content else {
            #expect(text == "-")
            return
        }
        #expect(members.first?.value.scalar?.kind == kind)
    }

    @Test func `a scalar keeps its text as it is written`() {
        #expect(scalar("1.10")?.text == "1.10")
        #expect(scalar("0x1F")?.text == "0x1F")
        #expect(scalar("0x1F")?.integer == 31)
        #expect(scalar("0o17")?.integer == 15)
        #expect(scalar("+3")?.integer == 3)
        #expect(scalar("9223372036854775808")?.integer == nil)
        #expect(scalar("9223372036854775807")?.integer == .max)
        #expect(scalar("True")?.bool == true)
        #expect(scalar("FALSE")?.bool == false)
        #expect(scalar("text")?.bool == nil)
        #expect(scalar("2.5")?.number == 2.5)
        #expect(scalar(".inf")?.number == nil)
    }

    @Test func `keys are always strings`() {
        guard case .mapping(let members)? = read("on: 1\n1: 2\ntrue: 3\n~: 4\n").node?.content
        else {
            Issue.record("no mapping")
            return
        }
        #expect(members.map(\.key) == ["on", "1", "true", "~"])
    }

    @Test func `repeated keys are told with the line of the first`() {
        let text = "a: 1\nb: {x: 1, y: 2, x: 3}\n\"a\": 2\n1: x\n'1': y\na: 3\n"
        #expect(
            read(text).problems.sorted() == [
                "f.yaml:2:17: duplicate key \"x\"; the first is in line 2",
                "f.yaml:3:1: duplicate key \"a\"; the first is in line 1",
                "f.yaml:5:1: duplicate key \"1\"; the first is in line 4",
                "f.yaml:6:1: duplicate key \"a\"; the first is in line 1",
            ])
        guard case .mapping(let members)? = read(text).node?.content else {
            Issue.record("no mapping")
            return
        }
        #expect(members.map(\.key) == ["a", "b", "1"])
    }

    @Test func `very many repeated keys are still an error`() {
        let text = (0..<40).map { "k\($0): 1\nk\($0): 2\n" }.joined()
        #expect(!read(text).problems.isEmpty)
    }

    @Test func `a repeated empty key is an error`() {
        #expect(read("\"\": 1\n'': 2\n").problems.count == 1)
    }

    @Test func `anchors, aliases and tags are refused`() {
        #expect(read("a: &x 1\n").problems == ["f.yaml:1:4: anchors and aliases are not supported"])
        #expect(
            read("a: &x [1]\nb: *x\n").problems.first
                == "f.yaml:1:4: anchors and aliases are not supported")
        #expect(read("a: *x\n").problems == ["f.yaml:1:4: not valid YAML: found undefined alias"])
        #expect(
            read("a: !env X\n").problems == ["f.yaml:1:4: the tag !env is not supported"])
        #expect(read("a: !!binary aGk=\n").problems.count == 1)
        #expect(read("&k a: 1\n").problems == ["f.yaml:1:1: a key must be plain text"])
        #expect(read("? [a]\n: 1\n").problems == ["f.yaml:1:3: a key must be plain text"])
    }

    @Test func `a billion laughs are refused before they are counted`() {
        var text = "a0: &a0 [ha, ha]\n"
        for level in 1...40 {
            let again = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(again)]\n"
        }
        #expect(read(text).problems == ["f.yaml:1:1: anchors and aliases are not supported"])
        // The same as a key, which composing would hash from end to end.
        var keys = "a0: &a0 [ha, ha]\n"
        for level in 1...4 { keys += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        keys += "? *a4\n: 1\n"
        #expect(read(keys).problems.contains { $0.contains("anchors") })
    }

    @Test func `stars and ampersands in text are text`() {
        let text = "a: \"&x *x\"\nb: x && y * z\nc: |\n  &x *x *x\nd: '*'\n"
        #expect(read(text).problems.isEmpty)
        let signs = "a: x & y && z" + String(repeating: " * ** *x", count: 20) + "\n"
        #expect(read(signs).problems.isEmpty)
    }

    @Test func `what is no YAML is told with its place`() {
        #expect(read("a: [1\nb: 2\n").problems.first?.hasPrefix("f.yaml:2:") == true)
        #expect(read("a: 1\n\tb: 2\n").problems.first?.hasPrefix("f.yaml:2:1:") == true)
        #expect(read("a: \u{1}\n").problems.first?.hasPrefix("f.yaml:1:4:") == true)
        #expect(
            read("a: 1\n---\nb: 1\n").problems
                == ["f.yaml:2:1: a second YAML document; expected one a file"])
    }

    @Test func `an empty document has no value and no problem`() {
        #expect(read("").node?.place == nil)
        #expect(read("").problems.isEmpty)
        #expect(read("# only a comment\n").problems.isEmpty)
    }

    @Test func `a byte order mark is skipped and moves nothing`() {
        #expect(read("\u{FEFF}a: *x\n").problems == read("a: *x\n").problems)
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        let list = ProblemList()
        #expect(YAMLReader.read([0x61, 0xFF], name: "f", problems: list)?.place == nil)
        #expect(list.problems.map(\.description) == ["f:1:1: the file is not UTF-8"])
    }

    @Test func `a file may have a mebibyte and no more`() {
        let comment = "#" + String(repeating: "x", count: RulesLimits.fileBytesMax - 1)
        #expect(read(comment).problems.isEmpty)
        #expect(
            read(comment + "x").problems == ["f.yaml:1:1: the file is longer than 1048576 bytes"])
    }

    @Test func `nesting has a limit`() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        // The outermost list is at depth 0.
        #expect(read(nested(RulesLimits.nestingMax + 1)).problems.isEmpty)
        #expect(read(nested(RulesLimits.nestingMax + 2)).problems.count == 1)
        #expect(!read(nested(5000)).problems.isEmpty)
    }
}

@Suite struct PlaceTests {
    /// The place of the first `X` in the value of the key `k`.
    private func place(_ text: String) -> String? {
        let node = YAMLReader.read(Array(text.utf8), name: "f", problems: ProblemList())
        guard case .mapping(let members)? = node?.content,
            let value = members.first(where: { $0.key == "k" })?.value,
            let scalar = value.scalar
        else { return nil }
        let offset = scalar.text.unicodeScalars.prefix { $0 != "X" }.count
        return "\(Place(ofOffset: offset, in: value))"
    }

    /// Where the only `X` of a text is.
    private func truth(_ text: String) -> String {
        let lines = text.unicodeScalars.split(
            separator: "\n", omittingEmptySubsequences: false)
        for (number, scalars) in lines.enumerated() {
            if let index = scalars.firstIndex(of: "X") {
                let column = scalars.distance(from: scalars.startIndex, to: index) + 1
                return "f:\(number + 1):\(column)"
            }
        }
        return "none"
    }

    @Test(arguments: [
        "k: abc X\n", "a: 1\nk:   äöX\n", "k: 'it''s X'\n", "k: \"a\\tb\\\\X\"\n",
        "k: \"\\x41\\u00e4\\U0001F600X\"\n", "k: abc\n  def\n\n\n  ghi X\n",
        "k: 'abc\n\n  d X'\n", "k: \"abc\n  def \\\n   gX\"\n", "k: |\n  abc\n  de X\n",
        "k: |\n\n   abc\n\n    X\n", "k: |-\n  X\n", "k: >\n  abc\n  def X\n",
        "k: >\n  abc\n\n\n  def\n  gX\n", "k: >\n  abc\n    more\n  lX\n",
        "k: >-\n  abc\n    moX\n",
        "l:\n  - 1\nk: |2\n    abc\n   X\n", "k: abc\r\n  deX\r\n", "{a: 1, k: [1, 2], b: 2}\n",
        "{a: 1, k: \"X\", b: 2}\n",
    ])
    func `a character of a value is found in the source`(text: String) {
        guard text.contains("X") else {
            #expect(place(text) == nil)
            return
        }
        #expect(place(text) == truth(text))
    }

    @Test func `a place behind the value is at its end`() {
        let node = YAMLReader.read(Array("ab\n".utf8), name: "f", problems: ProblemList())
        #expect(node.map { "\(Place(ofOffset: 2, in: $0))" } == "f:1:3")
    }
}

@Suite struct NearestNameTests {
    @Test func `the nearest name is suggested, if any is near`() {
        #expect(nearestName(to: "whne", among: ["name", "when", "on"]) == "when")
        #expect(nearestName(to: "Source", among: ["source"]) == "source")
        #expect(nearestName(to: "sorce", among: ["name", "source"]) == "source")
        #expect(nearestName(to: "zzzzzz", among: ["name", "source"]) == nil)
        #expect(nearestName(to: "", among: ["on"]) == nil)
        #expect(nearestName(to: String(repeating: "n", count: 65), among: ["n"]) == nil)
        #expect(nearestName(to: "x", among: ["on"]) == nil)
    }
}
