import JSON
import SageMakerAPI
import Testing

@Suite struct RequestValueTests {
    private func read(_ text: String) throws -> RequestValue {
        try RequestValue(json: JSONDocument(parsing: Array(text.utf8)).root)
    }

    @Test func `JSON goes both ways`() throws {
        let text =
            #"{"PipelineName":"é\"\\","N":-9223372036854775808,"B":false,"L":[{"Name":"A","Value":""},[]],"S":{}}"#
        let value = try read(text)
        #expect(value["PipelineName"]?.text == #"é"\"#)
        #expect(value["N"] == .integer(.min))
        #expect(value["B"] == .boolean(false))
        #expect(value["S"] == .structure([]))
        #expect(value["Missing"] == nil)
        #expect(value["N"]?.text == nil)
        #expect(String(decoding: value.encoded(), as: UTF8.self) == text)
    }

    @Test func `a member that is null is absent`() throws {
        #expect(
            try read(#"{"A":null,"B":{"C":null}}"#)
                == .structure([RequestMember(name: "B", value: .structure([]))]))
    }

    @Test(arguments: [
        ("1.5", 1.5), ("1795627774.710317", 1_795_627_774.710317), ("1e2", 100), ("-0.5", -0.5),
        ("9223372036854775808", 9_223_372_036_854_775_808),
        ("123456789012345678901", 1.2345678901234568e20),
    ])
    func `a number that is no 64-bit integer is kept, and is none`(text: String, number: Double)
        throws
    {
        let value = try read(#"{"A":[\#(text)]}"#)
        #expect(value["A"] == .list([.number(number)]))
        #expect(try read(String(decoding: value.encoded(), as: UTF8.self)) == value)
    }

    @Test func `refuses null within a list`() {
        #expect(
            throws: SageMakerAPIError.unusableJSON(
                path: "A[1]", expected: "a value instead of null")
        ) { try read(#"{"A":["",null]}"#) }
    }

    @Test func `refuses a member given twice`() {
        #expect(throws: SageMakerAPIError.repeatedMember(path: "A[0].B")) {
            try read(#"{"A":[{"B":1,"C":2,"B":null}]}"#)
        }
    }

    @Test func `nesting is refused one level above the limit`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try read(nested(17))
        #expect(throws: SageMakerAPIError.tooDeep(limit: 16)) { try read(nested(18)) }
    }

    @Test func `errors say what, where and what was expected`() {
        #expect(
            SageMakerAPIError.unusableJSON(path: "A", expected: "b").description
                == "A: expected b")
        #expect(SageMakerAPIError.repeatedMember(path: "A").description == "A: is given twice")
        #expect(
            SageMakerAPIError.tooDeep(limit: 16).description
                == "the request is nested deeper than 16 levels")
    }
}
