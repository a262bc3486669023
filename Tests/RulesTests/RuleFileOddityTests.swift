import Events
import Foundation
import JSON
import Rules
import Testing

/// Rule files that are odd rather than wrong YAML.
@Suite struct RuleFileOddityTests {
    @Test(arguments: ["on: []", "on: {}"])
    func `a rule that no event can start is an error`(on: String) {
        #expect(
            problems(rule("PipelineName: p", "    \(on)"))
                == ["r.yaml:4:9: expected at least one event kind"])
    }

    @Test(arguments: [
        ("timestamp('tomorrow') < received", "r.yaml:4:12: "),
        ("received - duration('5') > received", "r.yaml:4:23: "),
        ("body.x == semver('x') ", "r.yaml:4:22: "),
        ("received.getHours('Europ/Berlin') == 1", "r.yaml:4:21: "),
        ("glob('[', body.x)", "r.yaml:4:12: "),
    ])
    func `a call with constants that can only fail is an error at load`(
        condition: String, place: String
    ) {
        let found = problems(rule("PipelineName: p", "    when: \"\(condition)\""))
        #expect(found.count == 1 && found[0].hasPrefix(place), "\(found)")
    }

    @Test func `a null of the payload that is asked for with .? is absent`() throws {
        let body = push().replacingOccurrences(of: "\"epochs\"", with: "\"mail\":null,\"epochs\"")
        let text = """
            PipelineName: p
            PipelineExecutionDescription: ${body.?mail}
            PipelineParameters: {A: '${body.?mail.orValue("nobody")}'}
            """
        let request = try request(rule(text), body)
        #expect(request.contains("nobody") && !request.contains("PipelineExecutionDescription"))
        #expect(
            try failure(rule("PipelineName: p\nPipelineParameters: {A: '${body.mail}'}"), body)
                .contains("is null"))
    }
}
