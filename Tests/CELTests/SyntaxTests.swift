import CEL
import Testing

@Suite struct SyntaxTests {
    @Test(arguments: [
        ("1 + 2 * 3 == 7", "* binds more tightly than +"),
        ("10 - 4 - 3 == 3", "- is left-associative"),
        ("2 * 3 % 4 == 2", "* and % are left-associative"),
        ("1 < 2 == true", "relations chain to the left"),
        ("true || false && false", "&& binds more tightly than ||"),
        ("false ? false : true ? true : false", "?: is right-associative"),
        ("-2 - -3 == 1", "a sign behind an operator"),
        ("- 2 == -2", "a sign before a blank"),
        ("-9223372036854775808 < 0", "the smallest int"),
        ("--1 == 1 && ---1 == -1", "runs of -"),
        ("!!true && !!!false", "runs of !"),
        ("-[1][0] == -1", "- before a member expression"),
        ("{'a': 1,}.a == 1 && [1,][0] == 1", "trailing commas"),
        ("// a comment\n true // another", "comments"),
        ("\t\u{0C}\r\ntrue", "white space"),
        ("{'if': 1}.if == 1", "a reserved word as a field"),
        ("{'a b': 1}.`a b` == 1", "a field between backticks"),
        ("{'a': {'b': 1}}['a'].b == 1", "selection behind an index"),
        (".5 == 0.5 && 1e3 == 1000.0 && 1E-1 == 0.1 && 1.5e+1 == 15.0", "doubles"),
        ("0xff == 255 && 0XFFu == 255u && 7U == 7u", "hexadecimal and unsigned numbers"),
        ("18446744073709551615u > 0u", "the largest uint"),
        (#"r'\n' == '\\n' && R"\"  == '\\' "#, "raw strings"),
        (#"'\x41\u0042\U00000043\104' == "ABCD""#, "numeric escapes"),
        (#"b'\xff\377' == b"\xFF\xff" && b'é' == b'\303\251' && bR'\n' == b'\\n'"#, "bytes"),
        ("'''a'b\n''' == \"a'b\\n\"", "three quotes"),
        (#""\?\`\'\"" == '?`\'"'"#, "escaped punctuation"),
        ("dyn([1, 2]).exists(x, x == 2)", "a macro behind a call"),
    ])
    func `parses`(source: String, _: String) throws {
        #expect(try isTrue(source))
    }

    @Test(arguments: [
        ("", 1, 1), ("1 +", 1, 4), ("1 2", 1, 3), ("(1", 1, 3), ("[1", 1, 3), ("[1 2]", 1, 4),
        ("{1}", 1, 3), ("{1: 2 3: 4}", 1, 7), ("a.", 1, 3), ("a.1", 1, 2), ("a.true", 1, 3),
        ("1.", 1, 3), ("if", 1, 1), ("while(1)", 1, 1), (".", 1, 2), ("!-1", 1, 2), ("-!1", 1, 2),
        ("true ? 1", 1, 9), ("true ? true ? 1 : 2 : 3", 1, 13), ("a{b: 1}", 1, 2),
        ("\n\n  $", 3, 3), ("'é' +\n 'ü' $", 2, 6), ("1 = 1", 1, 3), ("1 & 1", 1, 3),
        ("'a", 1, 1), ("'a\nb'", 1, 3), ("'''a''", 1, 1), (#"'\q'"#, 1, 2), (#"'\"#, 1, 2),
        (#"'\x4'"#, 1, 2), (#"'\ud800'"#, 1, 2), (#"'\U00110000'"#, 1, 2), (#"'\400'"#, 1, 2),
        (#"b'\u0041'"#, 1, 3), (#"'\08'"#, 1, 2), ("`a`", 1, 1), ("x.`a", 1, 5), ("x.``", 1, 4),
        ("9223372036854775808", 1, 1), ("-9223372036854775809", 1, 2),
        ("18446744073709551616u", 1, 1), ("0x8000000000000000", 1, 1), ("1e999", 1, 1),
        ("0xg", 1, 2), ("has(a)", 1, 5), ("has(a.?b)", 1, 8), ("[1].map(1, 2)", 1, 9),
        ("[1].all(x.y, true)", 1, 11), ("[1].exists(.x, true)", 1, 13),
        ("[1].all(i, i, true)", 1, 12), ("cel.bind(1, 2, 3)", 1, 10), ("a.?b()", 1, 5),
    ])
    func `names the place of a syntax error`(source: String, line: Int, column: Int) throws {
        let error = try #require(failure(source))
        guard case .syntax(let reason, let position) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!reason.isEmpty)
        #expect([position.line, position.column] == [line, column])
    }

    @Test func `the offset of a position counts bytes`() throws {
        let error = try #require(failure("'é' + $"))
        #expect(error.position == CELPosition(offset: 7, line: 1, column: 7))
    }

    @Test func `a message says what was expected and what was found`() throws {
        let error = try #require(failure("[1, 2"))
        #expect(error.description == #"expected "," or "]", found the end of the expression"#)
    }
}
