import CEL
import JSON
import Testing

@Suite struct CELValueTests {
    @Test func `a value is two words and a tag`() {
        #expect(MemoryLayout<CELValue>.size == 17)
    }

    @Test func `JSON numbers are int, uint or double`() throws {
        let text = #"[1, -1, 18446744073709551615, 1.0, 1e2]"#
        let document = try JSONDocument(parsing: Array(text.utf8))
        let types = document.root.elements.map { CELValue(json: $0).typeName }
        #expect(types == ["int", "int", "uint", "double", "double"])
    }
}
