import JSON
import SageMakerAPI
import Testing

@Suite struct PipelineDefinitionTests {
    private func definition(_ text: String) throws -> PipelineDefinition? {
        var writer = JSONWriter()
        writer.beginObject()
        // The model asks for no other member.
        writer.member("PipelineDefinition", text)
        writer.endObject()
        return PipelineDefinition(describePipeline: writer.bytes)
    }

    @Test func `parameters are those of the definition's text`() throws {
        let parameters = try #require(
            try definition(
                #"{"Parameters":[{"Name":"A","Type":"Integer"},{"Name":"B","Type":"Float","#
                    + #""DefaultValue":0.5},{"Name":"C","Type":"String","EnumValues":["x","y"]},"#
                    + #"{"Name":"D","Type":"Boolean","DefaultValue":true},{"Type":"String"}]}"#
            )?.parameters)
        #expect(parameters.map(\.name) == ["A", "B", "C", "D"])
        #expect(parameters.map(\.isRequired) == [true, false, true, false])
        #expect(parameters[0].fault(of: "20") == nil)
        #expect(parameters[0].fault(of: "20.5") == "must be of type Integer")
        #expect(parameters[1].fault(of: "1e-3") == nil)
        #expect(parameters[1].fault(of: "much") == "must be of type Float")
        for hexadecimal in ["0x10", "-0X1p3"] {
            #expect(parameters[1].fault(of: hexadecimal) == "must be of type Float")
        }
        #expect(parameters[2].fault(of: "y") == nil)
        #expect(parameters[2].fault(of: "z") == "must be one of x, y")
        #expect(parameters[3].fault(of: "False") == nil)
        #expect(parameters[3].fault(of: "1") == "must be of type Boolean")
    }

    @Test func `words and defaults that are null or empty are none`() throws {
        let parameters = try #require(
            try definition(
                #"{"Parameters":[{"Name":"A","EnumValues":null,"DefaultValue":null},"#
                    + #"{"Name":"B","EnumValues":[],"DefaultValue":""}]}"#)?.parameters)
        #expect(parameters.map(\.isRequired) == [true, false])
        #expect(parameters.map { $0.fault(of: "1") } == [nil, nil])
    }

    @Test func `a number is one of the words however it is written`() throws {
        let parameters = try #require(
            try definition(
                #"{"Parameters":[{"Name":"A","Type":"Float","EnumValues":[1.0,2.5]},"#
                    + #"{"Name":"B","Type":"String","EnumValues":["1.0"]}]}"#)?.parameters)
        for (value, isRight) in [("1", true), ("1.0", true), ("25e-1", true), ("2", false)] {
            #expect((parameters[0].fault(of: value) == nil) == isRight, "\(value)")
        }
        #expect(parameters[1].fault(of: "1") == "must be one of 1.0")
    }

    @Test func `a definition that tells no parameters is told from a reply that is none`() throws {
        for text in ["", "{}", "no", #"{"Parameters":{}}"#] {
            let found = try #require(try definition(text))
            #expect(found.parameters == nil)
        }
        #expect(try definition(#"{"Parameters":[]}"#)?.parameters == [])
        for content in ["", "[]", "{}", "<html>"] {
            #expect(PipelineDefinition(describePipeline: Array(content.utf8)) == nil)
        }
    }
}
