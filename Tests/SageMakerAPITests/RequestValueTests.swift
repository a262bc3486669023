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
        (#"{"A":{"B":1.5}}"#, "A.B"), (#"{"A":[1,1e2]}"#, "A[1]"),
        (#"{"A":9223372036854775808}"#, "A"), (#"{"A":123456789012345678901}"#, "A"),
    ])
    func `refuses numbers that are no 64-bit integers`(text: String, path: String) {
        #expect(
            throws: SageMakerAPIError.unusableJSON(
                path: path, expected: "an integer of at most 64 bits or a string")
        ) { try read(text) }
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
