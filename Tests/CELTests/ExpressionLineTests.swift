import CEL
import Testing

/// `hookline eval --lines`, one line at a time.
@Suite struct ExpressionLineTests {
    private func answer(_ line: String) -> String {
        String(decoding: ExpressionLine.answer(to: Array(line.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"expr":"1 + 1"}"#, #"{"value":{"int":"2"}}"#),
        (#"{"expr":"1u"}"#, #"{"value":{"uint":"1"}}"#),
        (#"{"expr":"1.5"}"#, #"{"value":{"double":"1.5"}}"#),
        (#"{"expr":"-0.0"}"#, #"{"value":{"double":"-0.0"}}"#),
        (#"{"expr":"0.0 / 0.0"}"#, #"{"value":{"double":"NaN"}}"#),
        (#"{"expr":"-1.0 / 0.0"}"#, #"{"value":{"double":"-Infinity"}}"#),
        (#"{"expr":"null"}"#, #"{"value":{"null":null}}"#),
        (#"{"expr":"b'abc'"}"#, #"{"value":{"bytes":"YWJj"}}"#),
        (#"{"expr":"[1, 'a']"}"#, #"{"value":{"list":[{"int":"1"},{"string":"a"}]}}"#),
        (#"{"expr":"{'a': true}"}"#, #"{"value":{"map":[[{"string":"a"},{"bool":true}]]}}"#),
        (#"{"expr":"type(1)"}"#, #"{"value":{"type":"int"}}"#),
        (
            #"{"expr":"timestamp('1969-12-31T23:59:59.5Z')"}"#,
            #"{"value":{"timestamp":{"seconds":"-1","nanos":500000000}}}"#
        ),
        (
            #"{"expr":"duration('-1.5s')"}"#,
            #"{"value":{"duration":{"seconds":"-1","nanos":-500000000}}}"#
        ),
        (#"{"expr":"optional.of(1)"}"#, #"{"value":{"optional":{"int":"1"}}}"#),
    ])
    func `a value carries its kind`(line: String, expected: String) {
        #expect(answer(line) == expected)
    }

    @Test(arguments: [
        #"{"null":null}"#, #"{"bool":true}"#, #"{"int":"-9223372036854775808"}"#,
        #"{"uint":"18446744073709551615"}"#, #"{"double":"Infinity"}"#, #"{"string":"é\n"}"#,
        #"{"bytes":"AAH/"}"#, #"{"list":[{"list":[]}]}"#, #"{"map":[[{"int":"1"},{"map":[]}]]}"#,
        #"{"type":"list"}"#, #"{"timestamp":{"seconds":"0","nanos":1}}"#,
        #"{"duration":{"seconds":"1","nanos":0}}"#,
    ])
    func `a binding comes back as it was given`(value: String) {
        #expect(answer(#"{"expr":"x","bindings":{"x":\#(value)}}"#) == #"{"value":\#(value)}"#)
    }

    @Test func `containers, dotted names and unchecked expressions are understood`() {
        let line = #"{"expr":"y","container":"a.b","bindings":{"a.y":{"int":"7"},"y":{"int":"1"}}}"#
        #expect(answer(line) == #"{"value":{"int":"7"}}"#)
        #expect(answer(#"{"expr":"true || x"}"#).contains("error"))
        let unchecked = #"{"expr":"true || x","disable_check":true}"#
        #expect(answer(unchecked) == #"{"value":{"bool":true}}"#)
    }

    @Test(arguments: [
        "", "nonsense", "[]", "{}", #"{"expr":1}"#, #"{"expr":"1","bindings":[]}"#,
        #"{"expr":"1","bindings":{"x":{"int":1}}}"#,
        #"{"expr":"1","bindings":{"x":{"int":"1","uint":"1"}}}"#,
        #"{"expr":"1","bindings":{"x":{"imaginary":"1"}}}"#, #"{"expr":"1","container":1}"#,
        #"{"expr":"1","disable_check":"yes"}"#, #"{"expr":"1 +"}"#, #"{"expr":"1 / 0"}"#,
        #"{"expr":"1","bindings":{"x":{"map":[[{"int":"1"},{"int":"1"}],[{"uint":"1"},{"int":"1"}]]}}}"#,
    ])
    func `what is wrong with a line is one error`(line: String) {
        let text = answer(line)
        #expect(text.hasPrefix(#"{"error":""#) && text.hasSuffix(#""}"#), "\(text)")
    }

    @Test func `a check alone gives the type`() {
        #expect(answer(#"{"expr":"[1]","check_only":true}"#) == #"{"type":{"list":"int"}}"#)
    }
}
