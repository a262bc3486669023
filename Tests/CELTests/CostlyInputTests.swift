import CEL
import JSON
import Testing

/// Expressions that are small, and would take long if they cost what they look like.
@Suite struct CostlyInputTests {
    private func isTooCostly(_ source: String, _ values: [(String, CELValue)] = []) -> Bool {
        switch failure(source, values) {
        case .costTooHigh: true
        default: false
        }
    }

    @Test func `a large program of a pattern costs its size, not the pattern's length`() throws {
        let text = [("x", CELValue.string(String(repeating: "a", count: 100_000)))]
        #expect(isTooCostly("x.matches('a{1000}b')", text))
        #expect(isTooCostly("[1].exists(i, x.matches('a{' + '1000}b'))", text))
        // The same text with a pattern that is as long and has a small program.
        #expect(try isTrue("!x.matches('[ab]+ccc')", text))
        let short = [("x", CELValue.string(String(repeating: "a", count: 1000) + "b"))]
        #expect(try isTrue("x.matches('a{1000}b')", short))
    }

    @Test func `a long key of a map is paid for, a common one is free`() throws {
        let long = [("x", CELValue.string(String(repeating: "k", count: 100_000)))]
        #expect(isTooCostly("lists.range(1000).exists(i, {x: 1}[x] == 2)", long))
        let common = [("x", CELValue.string(String(repeating: "k", count: 64)))]
        #expect(try isTrue("lists.range(1000).all(i, {x: 1}[x] == 1)", common))
    }

    @Test func `reading a long number is paid for`() throws {
        let digits = [("d", CELValue.string(String(repeating: "1", count: 100_000)))]
        #expect(isTooCostly("lists.range(1000).exists(i, double(d) == 1.0)", digits))
        #expect(try isTrue("lists.range(1000).all(i, double(string(i)) >= 0.0)"))
    }

    @Test func `reading all of a large object is paid for`() throws {
        let members = (0..<20_000).map { "\"k\($0)\":1" }.joined(separator: ",")
        let body = "{\"o\":{\(members)}}"
        let error = failure("lists.range(1000).exists(i, body.o.size() == 0)", body: body)
        guard case .costTooHigh? = error else {
            Issue.record("\(error.map { "\($0)" } ?? "no error")")
            return
        }
        #expect(try isTrue("body.o.size() == 20000", body: body))
    }

    @Test func `an answer that shares its parts without end is bounded`() {
        let shared =
            "cel.bind(a,[1]," + String(repeating: "cel.bind(a,[a,a],", count: 40) + "a"
            + String(repeating: ")", count: 41)
        let line = "{\"expr\":\"\(shared)\"}"
        let answer = String(decoding: ExpressionLine.answer(to: Array(line.utf8)), as: UTF8.self)
        #expect(
            answer.hasPrefix("{\"error\":\"the value's JSON is longer than "),
            "\(answer.prefix(99))")
    }

    @Test(arguments: [
        ("-62135596800", 0, true), ("-62135596801", 0, false), ("253402300799", 999_999_999, true),
        ("253402300800", 0, false), ("9223372036854775807", 0, false), ("1", -5, false),
    ])
    func `a timestamp of a binding lies between the years 1 and 9999`(
        seconds: String, nanoseconds: Int, isRight: Bool
    ) {
        let line = """
            {"expr": "x.getFullYear('Europe/Berlin') > 0 || true", "bindings":
             {"x": {"timestamp": {"seconds": "\(seconds)", "nanos": \(nanoseconds)}}}}
            """
        let answer = String(decoding: ExpressionLine.answer(to: Array(line.utf8)), as: UTF8.self)
        #expect(answer.contains("\"value\"") == isRight, "\(answer)")
        if !isRight { #expect(answer.contains("the binding \\\"x\\\""), "\(answer)") }
    }

    @Test func `what is bound and not read can fail`() throws {
        #expect(try isTrue("cel.bind(a, 1 / 0, true)"))
        #expect(failure("cel.bind(a, 1 / 0, a == 1)") == .divisionByZero)
        #expect(try isTrue("cel.bind(a, 1 / 0, a == 1 || true)"))
        guard
            case .costTooHigh? = failure(
                "cel.bind(a, lists.range(90000).map(x, x), true)",
                limits: {
                    var limits = CELLimits()
                    limits.costMax = 1000
                    return limits
                }())
        else {
            Issue.record("a limit that a bound value passes is void")
            return
        }
    }

    @Test(arguments: [
        ("a = 1", "unexpected character \"=\"; did you mean \"==\"?"),
        ("a & b", "unexpected character \"&\"; did you mean \"&&\"?"),
        ("a | b", "unexpected character \"|\"; did you mean \"||\"?"),
        ("a; b", "unexpected character \";\""), ("a \u{2003} b", "unexpected character U+2003"),
    ])
    func `a character that CEL lacks is named, with what was meant`(
        source: String, message: String
    ) {
        #expect(failure(source)?.description == message)
    }
}
