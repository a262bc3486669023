import CEL
import Testing

/// Costs as cel-go computes them; the expected figures are those of its own tests
/// (google/cel-go, interpreter/runtimecost_test.go), less what is folded when it is compiled.
@Suite struct CostTests {
    private func cost(_ source: String, _ values: [(String, CELValue)] = []) throws -> Int {
        let variables = Variables(values)
        return try CELEnvironment(variables: variables.names).compile(source)
            .evaluateWithCost(variables).cost
    }

    @Test(arguments: [
        ("'Hello World!'", 0), ("input", 1), ("list[0]", 2), ("map['testAttr']", 2),
        ("map.testAttr", 2), ("has(map.testAttr.nestedAttr)", 2), ("[input, 2, 3]", 11),
        ("{'a': input, 'b': 2}", 31), ("empty.all(x, true)", 2),
        ("empty.all(x, x.all(y, true))", 2), ("text.matches('[0-9]')", 103),
        ("text.matches('\\\\d+a\\\\d+b')", 103), ("yes || no", 1), ("no || no || no || no", 4),
        ("yes && yes && yes && yes", 4), ("no && yes", 1), ("one < 2", 2), ("one == 2", 2),
        ("one in list", 5), ("one + 1", 2), ("true ? one : 2", 1), ("size(text)", 2),
        ("short == '123456789012345678901234567890'", 3), ("short == '1234567890x'", 3),
        ("short == text", 4), ("text == short", 4), ("short == one", 3), ("one == short", 3),
        ("bytes(text) == b''", 52), ("b'12345678901' == bytes", 3), ("string(bytes)", 51),
        ("bytes(text)", 51), ("string(one)", 2), ("text.contains(text)", 2502),
        ("idc.startsWith(text)", 3), ("idc.endsWith(text)", 3), ("idc.size()", 2),
        ("(one > 2 ? list : one_list).all(y, true)", 7), ("false ? false : one > 3", 2),
        ("single.all(k, single[k].single_int32 > 3)", 9), ("(empty + empty).all(x, true)", 4),
        ("'abcdefg'.contains(idc + idc)", 4), ("[{'k1': one}, {'k2': 2}].all(x, true)", 48),
    ])
    func `is what cel-go counts`(source: String, expected: Int) throws {
        let values: [(String, CELValue)] = [
            ("input", .string("v")), ("list", .list([.int(1), .int(2), .int(3)])),
            ("map", .map(from: [("testAttr", .map(from: [("nestedAttr", .string("0"))]))])),
            ("empty", .list([])), ("text", .string(String(repeating: "a", count: 500))),
            ("yes", .bool(true)), ("no", .bool(false)), ("one", .int(1)),
            ("short", .string("12345678901234567890")), ("idc", .string("idc")),
            ("bytes", .bytes(Array(repeating: 97, count: 500))), ("one_list", .list([.int(1)])),
            ("single", .map(from: [("val", .map(from: [("single_int32", .int(0))]))])),
        ]
        #expect(try cost(source, values) == expected)
    }

    @Test func `what is folded when it is compiled costs nothing`() throws {
        #expect(try cost("[1, 2, 3] == [1 + 0, 2, 3] && 'a' + 'b' == 'ab'") == 0)
    }

    @Test func `a loop costs its rounds`() throws {
        let list = [("list", CELValue.list([.int(1), .int(2)]))]
        #expect(try cost("list.exists(x, x > 9)", list) == 1 + 1 + 2 * (4 + 2))
        #expect(try cost("list.exists_one(x, x > 1)", list) == 1 + 2 + 2 * (1 + 2) + 1)
        #expect(try cost("list.map(x, x)", list) == 1 + 11 + 2 * (12 + 1))
        #expect(try cost("list.filter(x, x > 1)", list) == 1 + 11 + 2 * (1 + 2) + 11 + 1)
    }
}
