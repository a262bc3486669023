import CEL
import Foundation
import JSON
import Rules
import Testing

/// The examples of docs/cel.md.
@Suite struct DocumentationTests {
    @Test func `every example of the CEL page gives what it says`() throws {
        let page =
            #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3).joined(separator: "/") + "/docs/cel.md"
        let text = try String(contentsOfFile: page, encoding: .utf8)
        var count = 0
        var isExample = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isExample = line == "```cel"
                continue
            }
            guard isExample, let arrow = line.range(of: "→") else { continue }
            let source = line[..<arrow.lowerBound].trimmingCharacters(in: .whitespaces)
            let expected = line[arrow.upperBound...].trimmingCharacters(in: .whitespaces)
            let expression = RuleExpression(source)
            #expect(expression.errors.map(\.description) == [], "\(source)")
            var writer = JSONWriter()
            try expression.value(body: nil).write(to: &writer)
            #expect(String(decoding: writer.bytes, as: UTF8.self) == expected, "\(source)")
            count += 1
        }
        #expect(count > 30)
    }
}
