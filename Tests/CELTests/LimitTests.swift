import CEL
import JSON
import Testing

@Suite struct LimitTests {
    private func limits(_ change: (inout CELLimits) -> Void) -> CELLimits {
        var limits = CELLimits()
        change(&limits)
        return limits
    }

    @Test func `the defaults are those of cel-go and Kubernetes`() {
        let limits = CELLimits()
        #expect(limits.sourceCodePointsMax == 100_000)
        #expect(limits.nestingMax == 250)
        #expect(limits.costMax == 1_000_000)
    }

    @Test func `a source may be as long as the limit, in code points`() throws {
        let limits = limits { $0.sourceCodePointsMax = 8 }
        #expect(try evaluated("'ééééé' ", limits: limits).stringValue == "ééééé")
        #expect(failure("'éééééé' ", limits: limits) == .sourceTooLong(limit: 8))
    }

    @Test(arguments: [
        ("(", "1", ")"), ("[", "1", "]"), ("{1: ", "1", "}"), ("!(", "true", ")"),
        ("size([", "1", "])"), ("true ? 1 : ", "2", ""), ("[1].map(x, ", "x", ")"),
        ("cel.bind(x, 1, ", "x", ")"), ("", "1", " + 1"), ("", "[1]", ".map(x, x)"),
        ("", "{}", ".a"), ("", "[]", "[0]"), ("true && (", "true", ")"),
    ])
    func `nesting above the limit is an error`(open: String, inner: String, close: String) throws {
        let environment = CELEnvironment(variables: [], limits: limits { $0.nestingMax = 12 })
        func source(_ depth: Int) -> String {
            String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
        }
        // Some of these are two levels each.
        _ = try environment.compile(source(5))
        let error = #expect(throws: CELError.self) { try environment.compile(source(12)) }
        guard case .nestedTooDeep(12, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `nesting of exactly the limit is accepted`() throws {
        let environment = CELEnvironment(variables: [], limits: limits { $0.nestingMax = 12 })
        func parentheses(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "1" + String(repeating: ")", count: depth)
        }
        _ = try environment.compile(parentheses(11))
        #expect(throws: CELError.self) { try environment.compile(parentheses(12)) }
        _ = try environment.compile("1" + String(repeating: " - 1", count: 11))
        #expect(throws: CELError.self) {
            try environment.compile("1" + String(repeating: " - 1", count: 12))
        }
    }

    @Test(arguments: [
        ("(", "1", ")"), ("[", "[]", "]"), ("!(", "true", ")"), ("size(string(", "'a'", "))"),
        ("[1].exists(x, ", "true", ")"), ("{1: ", "1", "}"), ("", "1", " + 1"), ("-", "1", ""),
        ("!", "true", ""), ("", "true", " && true"), ("x.", "y", ""), ("a[", "1", "]"),
        ("true ? 1 : ", "2", ""), ("has(a.", "b", ")"), ("", "'a'", ".size()"), (".", "a", ""),
    ])
    func `100,000 levels end in an error or a value`(open: String, inner: String, close: String) {
        let depth = 99_000 / (open.utf8.count + close.utf8.count)
        let source =
            String(repeating: open, count: depth) + inner
            + String(repeating: close, count: depth)
        _ = failure(source)
    }

    @Test func `a long chain without nesting is no deep expression`() throws {
        #expect(try isTrue(String(repeating: "true && ", count: 5000) + "true"))
        #expect(try isTrue(String(repeating: "false || ", count: 5000) + "true"))
        #expect(try isTrue(String(repeating: "!", count: 5000) + "true"))
    }

    @Test func `an evaluation may cost as much as the limit`() throws {
        // Each round is 3 and reads a name, the result is 1; the list is a constant.
        let source = "[true, true, true].all(x, x)"
        #expect(try evaluated(source, limits: limits { $0.costMax = 13 }).boolValue == true)
        #expect(
            failure(source, limits: limits { $0.costMax = 12 }) == .costTooHigh(limit: 12))
    }

    @Test(arguments: [
        "X.all(a, X.all(b, X.all(c, X.all(d, X.all(e, X.all(f, true))))))",
        "X.map(a, X.map(b, X.map(c, X.map(d, X.map(e, X.map(f, 1))))))",
        "X.exists(a, X.exists(b, X.exists(c, X.exists(d, X.exists(e, X.exists(f, false))))))",
    ])
    func `exponential loops stop`(source: String) {
        let list = "[" + (0..<30).map(String.init).joined(separator: ", ") + "]"
        let error = failure(source.replacing("X", with: list))
        #expect(error == .costTooHigh(limit: 1_000_000))
    }

    @Test(arguments: [
        "lists.range(2000).exists(x, x == -1) || true", "true || lists.range(2000).all(x, x >= 0)",
        "false && true || lists.range(2000).all(x, x >= 0) || true",
        "[1].exists(y, lists.range(2000).all(x, x >= 0)) || true",
    ])
    func `a limit is not absorbed`(source: String) {
        let expected: CELError? =
            source.hasPrefix("true ||") ? nil : .costTooHigh(limit: 1500)
        #expect(failure(source, limits: limits { $0.costMax = 1500 }) == expected)
    }

    @Test func `looking into a large object costs more than into a small one`() throws {
        let members = (0..<3200).map { "\"m\($0)\":1" }.joined(separator: ",")
        let limits = limits { $0.costMax = 100 }
        #expect(try evaluated("body.m1", body: #"{"m1":1}"#, limits: limits).intValue == 1)
        #expect(
            failure("body.m1", body: "{\(members)}", limits: limits) == .costTooHigh(limit: 100))
        #expect(
            failure("body['m1']", body: "{\(members)}", limits: limits)
                == .costTooHigh(limit: 100))
        #expect(try evaluated("body.m1", body: "{\(members)}").intValue == 1)
    }

    @Test func `comparing shared lists is counted`() {
        let bindings = (0..<40).map { "cel.bind(x\($0 + 1), [x\($0), x\($0)], " }.joined()
        let source =
            "cel.bind(x0, [1], \(bindings) x40 == x40" + String(repeating: ")", count: 41)
        #expect(failure(source) == .costTooHigh(limit: 1_000_000))
    }

    @Test(arguments: [
        "'12345' + '12345'", "['12345', '12345'].join()", "'1234567890'.replace('0', '0')",
        "'%s%s'.format(['12345', '12345'])", "string(b'1234567890')", "'1234567890'.upperAscii()",
        "b'12345' + b'12345'", "base64.encode(b'123456')",
    ])
    func `a made string may be as long as the limit`(source: String) throws {
        let size = try evaluated("size(\(source))").intValue
        let exact = source.hasPrefix("base64") ? 12 : 10
        #expect(size == (exact == 12 ? 8 : 10))
        // Inside a loop, so that it is not computed in advance.
        let source = "[1].map(x, \(source))"
        _ = try evaluated(source, limits: limits { $0.stringBytesMax = exact })
        #expect(
            failure(source, limits: limits { $0.stringBytesMax = exact - 1 })
                == .stringTooLong(limitBytes: exact - 1))
    }

    @Test(arguments: [
        "[1, 2, 3] + [4, 5]", "lists.range(5)", "[1, 2, 3, 4, 5]", "'a,b,c,d,e'.split(',')",
        "{1: 1, 2: 1, 3: 1, 4: 1, 5: 1}", "[[1, 2], [3, 4, 5]].flatten()",
        "body.map(x, x)", "body.transformMap(i, x, x)", "body.sortBy(x, x)",
        "body.transformMapEntry(i, x, {i: x})", "body.filter(x, true)",
    ])
    func `a made list or map may have as many elements as the limit`(source: String) throws {
        let source = "[1].map(z, \(source))"
        let body = "[1, 2, 3, 4, 5]"
        let value = try evaluated(source, body: body, limits: limits { $0.listCountMax = 5 })
        #expect(value.typeName == "list")
        let error = #expect(throws: CELError.self) {
            try evaluated(source, body: body, limits: limits { $0.listCountMax = 4 })
        }
        #expect(error == .listTooLong(limit: 4))
    }

    @Test func `a pattern may be as long as the limit`() throws {
        let limits = limits { $0.patternBytesMax = 3 }
        #expect(try evaluated("'abc'.matches('abc')", limits: limits).boolValue == true)
        #expect(failure("'abc'.matches('abcd')", limits: limits) != nil)
        let computed = "['abcd'].exists(p, 'abcd'.matches(p))"
        #expect(failure(computed, limits: limits) != nil)
        #expect(try evaluated(computed).boolValue == true)
    }

    @Test func `a pattern that needs too much memory is refused`() throws {
        let error = try #require(failure("'a'.matches('((a{100}){100}){100}')"))
        guard case .invalidLiteral = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func `a pattern that makes others backtrack is linear`() throws {
        // (a+)+$ over 100,000 letters would not end in a backtracking engine.
        let text = String(repeating: "a", count: 100_000) + "!"
        #expect(try isTrue("!x.matches('(a+)+$')", [("x", .string(text))]))
    }
}
