import CEL
import JSON
import Testing

@Suite struct JSONInputTests {
    private static let body = """
        {"ref":"refs/heads/main","n":2,"big":18446744073709551615,"half":0.5,"whole":2.0,"no":null,
         "yes":true,"text":"h\\u00e9 \\"q\\"","list":[1,"two",[3],{"four":4}],"twice":1,"twice":2,
         "commits":[{"id":"a","modified":["x/1","training/2"]},{"id":"b","modified":[]}],"empty":{}}
        """

    @Test(arguments: [
        "body.ref == 'refs/heads/main'", "'refs/heads/main' == body.ref", "body.ref != 'x'",
        "body.n * 3 == 6 && body.n == 2.0 && type(body.n) == int", "type(body.whole) == double",
        "body.big == 18446744073709551615u && type(body.big) == uint", "body.half + 0.5 == 1.0",
        "body.no == null && has(body.no) && !body.?no.hasValue()",
        // Senders write null for what they do not know.
        "body.?no.orValue('d') == 'd' && body[?'no'].orValue(1) == 1", "body.yes",
        "body.text == 'hé \"q\"' && body.text.size() == 6", "body.text.startsWith('hé')",
        "body.text + body.ref == 'hé \"q\"refs/heads/main'",
        "body.ref > body.text && body.text < body.ref",
        "body.list[1] == 'two' && body.list[2][0] == 3 && body.list[3].four == 4",
        "body.list.size() == 4 && size(body.empty) == 0", "3 in body.list[2]",
        "'two' in body.list && 'ref' in body && !('reff' in body) && !(1 in body)",
        "body.twice == 2 && body.filter(k, k == 'twice') == ['twice']",
        "body.commits.exists(c, c.modified.exists(f, f.startsWith('training/')))",
        "body.commits.map(c, c.id) == ['a', 'b']", "body.commits.all(i, c, c.id == ['a', 'b'][i])",
        "body['ref'] == body.ref && body[?'ref'].value() == body.ref", "!has(body.missing)",
        "body.commits[0].modified == ['x/1', 'training/2']", "body.list == body.list",
        "body == body && body.empty == {} && body.commits[0] != body.commits[1]",
        "{'k': 1}[body.list[1] == 'two' ? 'k' : ''] == 1", "body.list + [5] == body.list + [5]",
        "body.ref.matches('^refs/heads/(main|dev)$')", "body.ref.matches(body.ref)",
        "body.ref in ['a', 'refs/heads/main']", "{body.ref: 1}['refs/heads/main'] == 1",
        "body.commits.map(c, c.modified.size()) == [2, 0]", "type(body) == map",
        "body.transformMap(k, v, k == 'n', v) == {'n': 2}", "body.list.reverse()[3] == 1",
        "[body.ref, 'x'].join(',') == 'refs/heads/main,x'", "body.ref.split('/')[2] == 'main'",
        "int('5') == 5 && string(body.ref) == body.ref && bytes(body.ref) == b'refs/heads/main'",
        "body.?missing.deeper.orValue('d') == 'd'", "body.commits[?2].id.orValue('none') == 'none'",
    ])
    func `reads JSON`(source: String) throws {
        #expect(try isTrue(source, body: Self.body))
    }

    @Test(arguments: [
        "string(body.id) == '1234567890123456789'", "body.id != 1234567890123456788",
        "body.id % 10 == 9", "type(body.wide) == double && body.wide == 18446744073709551616.0",
        "parseJSON('[1234567890123456789, 18446744073709551616]')[0] == 1234567890123456789",
        "string(parseJSON('[1234567890123456789, 18446744073709551616]')[0]).endsWith('6789')",
    ])
    func `an integer beyond 64 bits blurs no other number`(source: String) throws {
        let body = #"{"id":1234567890123456789,"wide":18446744073709551616}"#
        #expect(try isTrue(source, body: body))
    }

    @Test(arguments: [
        "body.cut == 'caf\u{FFFD}' && body.id == 7",
        "body.far == double('inf') && body.far > 1e308",
        "body.near == -1.0 / 0.0", "jsonString(body.far) == '\"Infinity\"'",
        "parseJSON('{\"x\": 1e999}').x == body.far",
    ])
    func `reads odd values that JSON allows`(source: String) throws {
        let body = #"{"cut":"caf\ud83d","far":1e999,"near":-1e400,"id":7}"#
        #expect(try isTrue(source, body: body))
    }

    @Test func `an infinity of JSON is no int`() {
        #expect(failure("int(body.far)", body: #"{"far":1e999}"#) != nil)
    }

    @Test(arguments: [
        ("body.missing", CELError.noSuchKey("missing")),
        ("body.ref.length", .noSuchOverload(function: "select", types: ["string"])),
        ("body.list[4]", .indexOutOfRange(index: 4, count: 4)),
        ("body.list[-1]", .indexOutOfRange(index: -1, count: 4)),
        ("body.list.x", .noSuchOverload(function: "select", types: ["list"])),
        ("body.no.x", .memberOfNull("x", of: "body.no")),
        ("body.no.?x", .memberOfNull("x", of: "body.no")),
        ("has(body.no.x)", .memberOfNull("x", of: "body.no")),
        ("body[1]", .noSuchKey(nil)),
    ])
    func `refuses what JSON does not have`(source: String, expected: CELError) {
        #expect(failure(source, body: Self.body) == expected)
    }

    @Test func `elements and entries are read on request`() throws {
        let body = try evaluated("body", body: #"{"list":[1,"a"],"a":1,"a":2}"#)
        #expect(body.entries?.map { $0.key.stringValue } == ["list", "a"])
        #expect(body.entries?.last?.value.intValue == 2)
        #expect(body.elements == nil)
        let list = try evaluated("body.list", body: #"{"list":[1,"a"]}"#)
        #expect(list.elements?.map(\.typeName) == ["int", "string"])
        #expect(list.entries == nil)
        #expect(try evaluated("[1]").elements?.map(\.intValue) == [1])
        #expect(try evaluated("{1: 2}").entries?.map { $0.value.intValue } == [2])
    }

    @Test func `a value keeps its document alive`() throws {
        func name() throws -> CELValue { try evaluated("body.ref", body: Self.body) }
        #expect(try name().stringValue == "refs/heads/main")
    }

    @Test func `one program serves several threads`() async throws {
        let program = try CELEnvironment(variables: ["body"]).compile(
            "body.commits.exists(c, c.modified.exists(f, f.startsWith('training/')))")
        let results = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    guard let document = try? JSONDocument(parsing: Array(Self.body.utf8)) else {
                        return 0
                    }
                    let variables = Variables([("body", CELValue(json: document.root))])
                    let values = (0..<200).map { _ in try? program.evaluate(variables) }
                    return values.count { $0?.boolValue == true }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(results == 800)
    }
}

@Suite struct ComputedMapTests {
    /// Counts what is read, so that a test can see that nothing else was.
    private final class Event: CELObject {
        var reads: [String] = []
        let memberNames = ["kind", "actor", "ref"]

        func member(_ name: String) -> CELValue? {
            reads.append(name)
            switch name {
            case "kind": return .string("push")
            case "actor": return .map(from: [("login", .string("octo")), ("name", .null)])
            case "ref": return .null
            default: return nil
            }
        }
    }

    @Test(arguments: [
        "event.kind == 'push'", "event.ref == null", "!has(event.ref) && has(event.kind)",
        "!event.?ref.hasValue() && event.?kind.hasValue()", "event.?ref.orValue('none') == 'none'",
        "event[?'ref'].orValue('none') == 'none' && event['kind'] == 'push'",
        "optional.of(event).ref.orValue('none') == 'none'", "event.actor.login == 'octo'",
        // Only members of the computed map itself hide null.
        "has(event.actor.name) && event.actor.?name.hasValue()", "type(event) == map",
        "'ref' in event && !('other' in event)", "event.map(k, k) == ['kind', 'actor', 'ref']",
        "event.exists(k, v, k == 'ref' && v == null)", "size(event) == 3", "event == event",
        "event == {'kind': 'push', 'actor': {'login': 'octo', 'name': null}, 'ref': null}",
    ])
    func `reads its members`(source: String) throws {
        #expect(try isTrue(source, [("event", .object(Event()))]))
    }

    @Test func `reads only what the expression asks for`() throws {
        let event = Event()
        #expect(try isTrue("event.kind == 'push'", [("event", .object(event))]))
        #expect(event.reads == ["kind"])
    }

    @Test func `refuses unknown members`() {
        #expect(failure("event.other", [("event", .object(Event()))]) == .noSuchKey("other"))
    }

    @Test func `is written as an object`() throws {
        var writer = JSONWriter()
        try CELValue.object(Event()).write(to: &writer)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"kind":"push","actor":{"login":"octo","name":null},"ref":null}"#)
    }
}
