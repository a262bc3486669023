import CEL
import Testing

/// Types, overloads and names, before anything is evaluated.
@Suite struct CheckerTests {
    private static let author = RecordType(
        "event.author", [("name", .nullable(.string)), ("email", .nullable(.string))])
    private static let event = RecordType(
        "event",
        [
            ("kind", .string), ("number", .nullable(.int)),
            ("author", .nullable(.record(author))), ("labels", .nullable(.list(.string))),
        ])

    private static let environment = CELEnvironment(
        variables: ["event", "body", "headers", "received"],
        declarations: [
            "event": CELEnvironment.Declaration(.record(event)),
            "headers": CELEnvironment.Declaration(.map(.string, .string)),
            "received": CELEnvironment.Declaration(.timestamp),
        ])

    private func errors(_ source: String) -> [String] {
        Self.environment.errors(in: source).map(\.located)
    }

    private func type(_ source: String) throws -> StaticType {
        try Self.environment.compile(source).resultType
    }

    @Test(arguments: [
        ("'a' + 1", "1:5: + is not defined for string and int"),
        ("event.kind == 1", "1:12: == is not defined for string and int"),
        ("event.number + 'a'", "1:14: + is not defined for int or null and string"),
        ("event.kind.substring('1')", "substring takes (string, int) or (string, int, int)"),
        ("event.kind.startsWith()", "startsWith takes 1 argument, not 0"),
        ("size()", "size takes 1 argument, not 0"),
        ("[1].map(x)", "1:5: map takes 2 or 3 arguments, not 1"),
        ("[1].filter(x, true, 1)", "filter takes 2 arguments, not 3"),
        ("has()", "has takes 1 argument, not 0"),
        ("map(x)", "unknown function \"map\"; did you mean \"value.map\"?"),
        ("substring('a', 1)", "unknown function \"substring\"; did you mean \"value.substring\"?"),
        ("event.kind.sise()", "did you mean \"size\"?"),
        ("event.kint", "event has no member \"kint\"; did you mean \"kind\"?"),
        ("event.author.nmae", "event.author has no member \"nmae\"; did you mean \"name\"?"),
        ("event['kint']", "event has no member \"kint\""),
        ("event.kind.name", "string has no members such as \"name\""),
        ("paylod.x", "unknown variable \"paylod\""),
        ("evnt.kind", "did you mean \"event\"?"),
        ("!event.kind", "! is not defined for string"),
        ("-received", "- is not defined for timestamp"),
        ("event.kind && true", "1:1: && and || take bool, this is string"),
        ("true || 1 + 2", "1:9: && and || take bool, this is int"),
        ("event.kind ? 1 : 2", "the condition of ?: is bool, not string"),
        ("true ? 1 : 'a'", "both values of ?: have one type, not int and string"),
        ("[1, 2]['a']", "a list's index is int, not string"),
        ("{'a': 1}[1]", "the map's key is string, not int"),
        ("headers.exists(h, h == 1)", "== is not defined for string and int"),
        ("event.labels.exists(l, l)", "the condition is bool, not string"),
        ("event.kind.all(c, true)", "a loop goes through a list or a map, not string"),
        ("[1].filter(x, x + 1)", "a filter is bool, not int"),
        ("{1.5: 'a'}", "a map's key is bool, int, uint or string, not double"),
        ("[?1]", "expected an optional, not int"),
        ("math.greatest('a', 'b')", "math.greatest takes"),
        ("has(event.kint)", "event has no member \"kint\""),
        ("event.labels.map(l, m)", "unknown variable \"m\""),
    ])
    func `what can never be right is an error with its place`(source: String, expected: String) {
        let found = errors(source)
        #expect(found.count == 1, "\(source): \(found)")
        #expect(found.first?.contains(expected) == true, "\(source): \(found)")
    }

    @Test(arguments: [
        "body.a + 1 == body.b", "event.number == null", "event.author == null",
        "null != event.labels",
        "event.number > 3", "event.author.name.startsWith('a')", "event.labels.exists(l, l == 'x')",
        "event['kind'] == 'push'", "event.exists(k, k == 'kind')", "'kind' in event",
        "event.?author.?name.orValue('') == ''", "headers['x-a'] == 'b'", "'x' in headers",
        "received > timestamp('2020-01-01T00:00:00Z')", "received - duration('1h') < received",
        "1 < 2.0", "dyn(1) == 'a'", "[1, 'a', body].size() == 3",
        "[].all(i, v, i > -1 || v > 0)", "math.greatest(1, 2.0, 3u) == 3", "body.map(x, x.y)[0].z",
        "type(1) == int", "type(event) == map", "[1, 2].map(x, x * 2) == [2, 4]",
        "body[body.a][?body.b].hasValue()", "{'a': [1]}.a[0] + 1 == 2", "event.number in [1, 2]",
        "event.labels.map(l, l.size()).sort()[0] > 1", "optional.none().orValue(body.x) == 1",
        "[[1], [2]].flatten() == [1, 2]", "[1, [2, [3]]].flatten(2).size() == 3",
        "has(event.author.name)", "cel.bind(a, event.author, a.name == a.email)",
    ])
    func `what may be right is no error`(source: String) {
        #expect(errors(source) == [], "\(source)")
    }

    @Test func `every error of an expression is told, in its order`() {
        let found = errors("foo == 1 && event.kint == 'a' && bar.baz() || event.kind.nope()")
        #expect(found.count == 5, "\(found)")
        #expect(
            found.map { String($0.prefix(5)) } == ["1:1: ", "1:19:", "1:34:", "1:38:", "1:58:"],
            "\(found)")
    }

    @Test func `no more errors are told than the limit`() {
        let source = (0..<30).map { "unknown\($0) == 1" }.joined(separator: " || ")
        #expect(errors(source).count == 20)
    }

    @Test(arguments: [
        ("[1, 2]", StaticType.list(.int)), ("[1, 'a']", .list(.dyn)), ("[]", .list(.dyn)),
        ("{'a': 1}", .map(.string, .int)), ("[1].map(x, string(x))", .list(.string)),
        ("[optional.none(), optional.of(1)]", .list(.optional(.int))),
        ("event.?kind", .optional(.string)), ("event.labels[0]", .string),
        ("'a,b'.split(',')", .list(.string)), ("[3, 1].sortBy(x, -x)", .list(.int)),
        ("['a'].transformMap(i, v, v)", .map(.int, .string)),
        ("type('a')", .type(.string)), ("received - received", .duration),
        ("true ? [] : [1]", .list(.int)), ("[1].first()", .optional(.int)),
        ("math.greatest(1, 2)", .int), ("math.least(1, 2.0)", .dyn), ("body.x", .dyn),
    ])
    func `the type of the result is deduced`(source: String, expected: StaticType) throws {
        #expect(try type(source) == expected)
    }

    @Test func `the tables of functions and of their overloads agree`() {
        #expect(FunctionLibrary.standard.disagreements == [])
    }

    @Test func `errors are the same wherever blanks and lines are`() {
        let found = errors("event.kind ==\n  'a' &&\n  event.kint")
        #expect(found == ["3:9: event has no member \"kint\"; did you mean \"kind\"?"], "\(found)")
    }
}
