import CEL
import Testing

@Suite struct SemanticsTests {
    @Test(arguments: [
        // && and || are commutative over errors (langdef.md, "Logical Operators").
        "!(1 / 0 == 1 && false)", "!(false && 1 / 0 == 1)", "1 / 0 == 1 || true",
        "true || 1 / 0 == 1", "!('a' && false)", "true || 'a'",
        "[0, 1].exists(x, 1 / x == 1)", "![0, 2].all(x, 1 / x == 1)",
        "true ? true : 1 / 0 == 1", "false ? 1 / 0 == 1 : true",
        // Equality is total and numbers are on one line.
        "1 == 1.0 && 1u == 1.0 && dyn(1) == 1u", "dyn(1) != '1' && dyn(null) != false",
        "[1, 2u] == [1.0, 2]", "{'a': 1} == {'a': 1.0}", "0.0 == -0.0",
        "double('nan') != double('nan')", "!(double('nan') < 1.0) && !(double('nan') >= 1.0)",
        "-1 < 0u && 18446744073709551615u > -1 && 9223372036854775807 < 9223372036854775808u",
        "!(9223372036854775807 < 9223372036854775808.0)",
        "9223372036854775807 <= 9223372036854775808.0",
        "[1] != [1, 2] && {'a': 1} != {'b': 1} && [1] != {'a': 1}",
        "b'a' < b'b' && b'' < b'a' && false < true",
        // Strings are their code points, and nothing is normalised.
        "'\\u00e9' != 'e\\u0301' && {'\\u00e9': 1, 'e\\u0301': 2}.size() == 2",
        "'😀é'.size() == 2 && size('e\\u0301') == 2", "'\\uffff' < '\\U00010000'",
        // Maps and lists.
        "{1: 'a'}[1u] == 'a' && {1u: 'a'}[1.0] == 'a'", "1.0 in {1: 2} && !(1.5 in {1: 2})",
        "2 in [1.0, 2.0] && !('2' in [1, 2])", "'a' in ['b', 'a'] && !(1 in ['b', 'a'])",
        "[1, 2][1.0] == 2 && [1, 2][1u] == 2", "{true: 1}[true] == 1",
        "[] + [1] + [2] == [1, 2]", "b'a' + b'b' == b'ab'",
        // Numbers.
        "7 / -2 == -3 && 7 % -2 == 1 && -7 % 2 == -1", "1.0 / 0.0 == double('inf')",
        "int(-1.9) == -1 && uint(1.9) == 1u", "int('-5') == -5 && uint('5') == 5u",
        "string(1.0) == '1' && string(1e6) == '1e+06' && string(123456.0) == '123456'",
        "string(-0.0001) == '-0.0001' && string(0.00001) == '1e-05'",
        "string(1234567.5) == '1.2345675e+06' && string(0.1) == '0.1'",
        "string(double('inf')) == '+Inf' && string(-0.0) == '-0'",
        "string(9u) == '9' && string(true) == 'true' && string(b'\\303\\251') == 'é'",
        "double('1e3') == 1000.0 && double('-.5') == -0.5",
        "type(1) == int && type(type(1)) == type && type(null) == null_type",
        "type({}) == map && type([]) == list && type(optional.none()) == optional_type",
        "dyn(1) == 1",
        // Optionals.
        "{'a': 1}.?a.value() == 1 && !{'a': 1}.?b.hasValue()", "{}.?a.b.c.orValue(1) == 1",
        "[?optional.none(), ?optional.of(1)] == [1]", "{?'a': optional.none()} == {}",
        "optional.of(1).or(1 / 0 == 0 ? optional.none() : optional.none()) == optional.of(1)",
        "optional.of(1).orValue(1 / 0) == 1", "[1][?1].orValue(2) == 2",
        "[1, 2].first().value() == 1 && [1, 2].last().value() == 2 && ![].first().hasValue()",
        "optional.unwrap([optional.of(1), optional.none()]) == [1]",
        "[optional.of(1)].unwrapOpt() == [1]", "!optional.ofNonZeroValue('').hasValue()",
        "optional.of({'a': 1}).?a == optional.of(1)", "!has(optional.none().a)",
        "optional.of(1).optFlatMap(x, optional.of(x + 1)).value() == 2",
        // Macros over maps see the keys.
        "{'a': 1, 'b': 2}.map(k, k) == ['a', 'b']", "{'a': 1}.exists(k, v, k == 'a' && v == 1)",
        "[5, 6].transformList(i, v, i + v) == [5, 7]",
        "[5, 6].transformMap(i, v, v > 5, v * 2) == {1: 12}",
        "['a', 'b'].transformMapEntry(i, v, {v: i}) == {'a': 0, 'b': 1}",
        "[1, 2, 3].filter(x, x > 1) == [2, 3] && [1, 2, 3].map(x, x > 1, x * 2) == [4, 6]",
        "[1, 2].exists_one(x, x == 1) && [1, 2].existsOne(x, x == 2)",
    ])
    func `is true`(source: String) throws {
        #expect(try isTrue(source))
    }

    static let errors: [(String, CELError)] = [
        ("9223372036854775807 + 1", .overflow(function: "+")),
        ("-9223372036854775808 - 1", .overflow(function: "-")),
        ("9223372036854775807 * 2", .overflow(function: "*")),
        ("-9223372036854775808 / -1", .overflow(function: "/")),
        ("-9223372036854775808 % -1", .overflow(function: "%")),
        ("-(-9223372036854775808)", .overflow(function: "unary -")),
        ("0u - 1u", .overflow(function: "-")), ("1 / 0", .divisionByZero),
        ("1u / 0u", .divisionByZero), ("1 % 0", .modulusByZero),
        ("1 + 1.0", .noSuchOverload(function: "+", types: ["int", "double"])),
        ("1.0 % 1.0", .noSuchOverload(function: "%", types: ["double", "double"])),
        ("'a' - 'b'", .noSuchOverload(function: "-", types: ["string", "string"])),
        ("-1u", .noSuchOverload(function: "unary -", types: ["uint"])),
        ("!1", .noSuchOverload(function: "!", types: ["int"])),
        ("1 < 'a'", .noSuchOverload(function: "<", types: ["int", "string"])),
        ("[1] < [2]", .noSuchOverload(function: "<", types: ["list", "list"])),
        ("1 in 1", .noSuchOverload(function: "in", types: ["int", "int"])),
        ("1 ? 2 : 3", .noSuchOverload(function: "?:", types: ["int"])),
        ("1 && true", .noSuchOverload(function: "&&", types: ["int"])),
        ("false || 1", .noSuchOverload(function: "||", types: ["int"])),
        ("1.a", .noSuchOverload(function: "select", types: ["int"])),
        ("1.all(x, true)", .noSuchOverload(function: "a loop", types: ["int"])),
        ("[1].filter(x, x)", .noSuchOverload(function: "a condition", types: ["int"])),
        ("size(1)", .noSuchOverload(function: "size", types: ["int"])),
        ("1.startsWith('a')", .noSuchOverload(function: "startsWith", types: ["int", "string"])),
        ("{'a': 1}.b", .noSuchKey("b")), ("{'a': 1}['b']", .noSuchKey("b")),
        ("{1: 1}[2]", .noSuchKey(nil)), ("[1][1]", .indexOutOfRange(index: 1, count: 1)),
        ("[1][-1]", .indexOutOfRange(index: -1, count: 1)),
        ("[1][0.5]", .noSuchOverload(function: "[]", types: ["list", "double"])),
        ("{1: 1, 1u: 2}", .repeatedKey), ("{1.0: 1}", .invalidKey(type: "double")),
        ("{null: 1}", .invalidKey(type: "null_type")),
        ("{'a': 1, 'a': 2}", .repeatedKey), ("optional.none().value()", .emptyOptional),
        ("[1, 1].transformMapEntry(i, v, {v: i})", .repeatedKey),
        ("1.?a", .noSuchOverload(function: "select", types: ["int"])),
        ("[?1]", .noSuchOverload(function: "?", types: ["int"])),
        ("[0].all(x, 1 / x == 1)", .divisionByZero),
        ("[0, 1].exists_one(x, 1 / x == 1)", .divisionByZero),
    ]

    @Test(arguments: errors)
    func `is an error`(source: String, expected: CELError) {
        #expect(failure(source) == expected)
        #expect(!expected.description.isEmpty)
        #expect(expected.position == nil)
    }

    @Test(arguments: [
        "int(9223372036854775808.0)", "int(-9223372036854775808.0)", "int(double('nan'))",
        "int('1.5')", "int(' 1')", "int(9223372036854775808u)", "uint(-1)", "uint(-0.1)",
        "uint(18446744073709551616.0)", "uint('+1')", "uint('-0')", "double('1e999')",
        "double('x')", "bool('yes')", "bool('tRUE')", "string(b'\\xff')", "timestamp('x')",
        "timestamp(253402300800)", "duration('1')", "duration('x')",
    ])
    func `has no conversion`(source: String) throws {
        let error = try #require(failure(source))
        guard case .noConversion = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test(arguments: ["string(null)", "string([])", "int(true)", "bytes(1)", "bool(1)", "uint([])"])
    func `is not defined for the type`(source: String) throws {
        guard case .noSuchOverload = try #require(failure(source)) else {
            Issue.record("\(source)")
            return
        }
    }
}
