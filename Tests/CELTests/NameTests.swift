import CEL
import Testing

@Suite struct NameTests {
    private func compile(
        _ source: String, _ variables: [String] = ["body", "event"], container: String = ""
    ) throws -> CELProgram {
        try CELEnvironment(variables: variables, container: container).compile(source)
    }

    private func error(_ source: String) -> CELError? {
        do {
            _ = try compile(source)
            return nil
        } catch {
            return error as? CELError
        }
    }

    @Test func `an unknown variable is refused with the nearest name and its place`() {
        let place = CELPosition(offset: 8, line: 1, column: 9)
        #expect(
            error("true && boddy.ref == 'x'")
                == .unknownVariable("boddy", nearest: "body", at: place))
        #expect(
            error("true && quite_another")
                == .unknownVariable("quite_another", nearest: nil, at: place))
        #expect(
            error("true && boddy")?.description
                == #"unknown variable "boddy"; did you mean "body"?"#)
    }

    @Test func `an unknown function is refused with the nearest name and its place`() {
        let place = CELPosition(offset: 5, line: 1, column: 6)
        #expect(
            error("body.startWith('x')")
                == .unknownFunction("startWith", nearest: "startsWith", at: place))
        #expect(
            error("true||sise('x')")
                == .unknownFunction(
                    "sise", nearest: "size", at: CELPosition(offset: 6, line: 1, column: 7)))
        #expect(
            error("math.absolute_value(1)")
                == .unknownFunction("math.absolute_value", nearest: nil, at: place))
    }

    @Test(arguments: [
        ("startsWith('a', 'b')", "value.startsWith"), ("'1'.int()", "int(value)"),
        ("abs(1)", "math.abs"), ("quote('a')", "strings.quote"), ("'a'.subString(1)", "substring"),
        ("'a'.xyz()", nil),
    ])
    func `a function in the wrong form is suggested in the right one`(
        source: String, expected: String?
    ) throws {
        guard case .unknownFunction(_, let nearest, _) = try #require(error(source)) else {
            Issue.record("\(source)")
            return
        }
        #expect(nearest == expected)
    }

    @Test func `a wrong number of arguments is refused`() {
        #expect(
            error("'a'.substring()")
                == .wrongArgumentCount(
                    function: "substring", given: 0, expected: "1 or 2",
                    at: CELPosition(offset: 4, line: 1, column: 5)))
        #expect(
            error("math.greatest()")?.description
                == "math.greatest takes 1 or more arguments, not 0")
        #expect(error("'a'.charAt()")?.description == "charAt takes 1 argument, not 0")
        #expect(error("optional.none(1)")?.description == "optional.none takes no arguments, not 1")
        #expect(error("size(1, 2)") != nil)
    }

    @Test func `an invalid literal pattern is refused`() throws {
        let error = try #require(self.error("'a'.matches('(')"))
        guard case .invalidLiteral(let reason, let position) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.hasPrefix("matches: invalid pattern: "))
        #expect(position.column == 5)
    }

    @Test func `unknown names can wait until they are evaluated`() throws {
        let environment = CELEnvironment(variables: [])
        let program = try environment.compile("x || f(1) || true", unknownNames: .evaluationError)
        #expect(try program.evaluate(Variables()).boolValue == true)
        let failing = try environment.compile("x", unknownNames: .evaluationError)
        #expect(throws: CELError.unboundVariable("x")) { try failing.evaluate(Variables()) }
    }

    @Test func `a program knows the variables it can read`() throws {
        #expect(try compile("event.x == 1 && [1].exists(body, body == 1)").usesVariables == [1])
        #expect(try compile("1 == 1").usesVariables == [])
        #expect(try compile("body.x || event.y").usesVariables == [0, 1])
    }

    @Test(arguments: [
        ("body.a == 'x'", CELType.bool), ("body.a && body.b", .bool), ("!body.a", .bool),
        ("body.a.startsWith('x')", .bool), ("body.a.startsWith(body.b)", .bool),
        ("body.a.matches('x')", .bool), ("body.a in ['x']", .bool), ("body.a in body.b", .bool),
        ("has(body.a)", .bool), ("body.a.exists(x, x)", .bool), ("body.a < 1", .bool),
        ("body.a ? true : body.b == 1", .bool), ("cel.bind(x, body, x == 1)", .bool),
        ("'text'", .string), ("1 + 1", .int), ("null", .null), ("int", .type),
        ("body.a.map(x, x)", .list), ("[body]", .list), ("{'a': body}", .map),
        ("body.transformMap(k, v, v)", .map), ("size(body)", .int), ("string(body)", .string),
        ("body.a.substring(1)", .string), ("timestamp(body.t)", .timestamp),
        ("body.t.getHours()", .int), ("body.t.getHours('UTC')", .int),
        ("optional.of(body)", .optional), ("body.?a.or(body.?b)", .optional),
        ("body.?a.optMap(x, x)", .optional), ("math.ceil(body)", .double),
    ])
    func `a program knows its result's type when it is always the same`(
        source: String, expected: CELType
    ) throws {
        #expect(try compile(source).resultType.runtimeType == expected)
    }

    @Test(arguments: [
        "body", "body.a", "body.a + body.b", "body.a ? 1 : body.b", "body.?a.orValue(1)", "-body.a",
        "math.abs(body)", "cel.bind(x, 1, body)",
    ])
    func `a program does not guess its result's type`(source: String) throws {
        #expect(try compile(source).resultType == .dyn)
    }

    @Test func `a variable without a value is an error of the evaluation`() throws {
        let program = try compile("body == 1 || true")
        #expect(try program.evaluate(Variables()).boolValue == true)
        #expect(throws: CELError.unboundVariable("body")) {
            try compile("body.a").evaluate(Variables())
        }
    }

    @Test(arguments: [
        ("x", "com.x"), (".x", "x"), ("y.z", "y.z"), ("com.x", "com.x"), ("y.w", "y field w"),
    ])
    func `the container comes first, then the longest dotted name`(
        source: String, expected: String
    ) throws {
        let variables = Variables([
            ("com.x", .string("com.x")), ("x", .string("x")), ("y.z", .string("y.z")),
            ("y", .map(from: [("w", .string("y field w"))])),
        ])
        let environment = CELEnvironment(variables: variables.names, container: "com.inner")
        #expect(try environment.compile(source).evaluate(variables).stringValue == expected)
    }

    @Test(arguments: [
        "[1].all(x, x == 1)", "[[2]].all(x, x.all(x, x == 2))", "cel.bind(x, 1, x == 1)",
        "[1].all(x, .x == 'outer')", "[1].map(x, x + 1) == [2] && x == 'outer'",
        "cel.bind(x, 1, cel.bind(x, x + 1, x == 2) && x == 1)",
        "[1, 2].map(x, [x, 10].map(y, x + y)) == [[2, 11], [4, 12]]",
        "optional.of(1).optMap(x, x + 1).value() == 2 && x == 'outer'",
        "[1].exists(a, [2].exists(b, [3].exists(c, a + b + c == 6)))",
        "[1].exists(a, [5].exists(b, b == 5) && [6].exists(c, c + a == 7))",
    ])
    func `loop variables shadow and their slots do not clash`(source: String) throws {
        #expect(try isTrue(source, [("x", .string("outer"))]))
    }
}
