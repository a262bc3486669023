internal import CEL
package import Events
internal import JSON

/// A rule to begin with, and its test, for events like one that was captured.
package struct RuleDraft {
    private let name: String
    private let source: String
    private let pipeline: String
    private let event: Event
    private let headers: [(name: String, value: String)]
    private let payload: String
    private let others: [String]
    private let hasDeliveryID: Bool

    /// - Parameters:
    ///   - headers: The delivery's fields; those that name the event go into the test.
    ///   - payload: The payload's path, relative to the rule file.
    ///   - hasDeliveryID: Whether the sender gives its deliveries an id.
    ///   - others: The rules that the payload starts already.
    package init(
        name: String, source: String, pipeline: String, event: Event,
        headers: [(name: String, value: String)], payload: String, hasDeliveryID: Bool,
        others: [String]
    ) {
        self.name = name
        self.source = source
        self.pipeline = pipeline
        self.event = event
        self.headers = headers
        self.payload = payload
        self.hasDeliveryID = hasDeliveryID
        self.others = others
    }

    /// The rule file.
    package var text: String {
        """
        rules:
          - name: \(name)    # unique over all rule files
            source: \(quotedYAML(source))
            on:
        \(filter.map { "      \($0)" }.joined(separator: "\n"))
            # A condition in CEL, true or false; `hookline explain` shows each of its parts:
            # when: '!event.head.message.contains("[skip ci]")'
            start:    # the StartPipelineExecution request, with AWS's own names
              PipelineName: \(quotedYAML(pipeline))
              # Whatever the event says, slug() makes a valid name of it:
              PipelineExecutionDisplayName: '${slug("\(name)-" + \(subject), 82)}'
              PipelineParameters:    # every value is text to SageMaker
        \(parameters.map { "        \($0)" }.joined(separator: "\n"))
        tests:
          - name: a captured \(event.kind.rawValue) starts \(name)
            source: \(quotedYAML(source))
            payload: \(quotedYAML(payload))
        \(headerLines)    expect:    # exactly the rules that start, and part of their requests
              \(name): {PipelineName: \(quotedYAML(pipeline))}
        \(others.map { "      \($0): {}\n" }.joined())
        """
    }

    private var filter: [String] {
        var lines: [String]
        // Of no branch or tag, or one that no pattern can name, none can say yes.
        let namespace = isNameable ? event.ref?.namespace : nil
        switch (event.kind, namespace) {
        case (.push, .branch?):
            lines = [
                "push:",
                "  branches: [\(quotedYAML(pattern))]    # globs such as \"release/**\"",
                "  # paths: [\"training/**\", \"!**/*.md\"]",
            ]
        case (.tag, .tag?), (.push, .tag?):
            lines = ["push:", "  tags: [\(quotedYAML(pattern))]    # globs such as \"v*\""]
        case (.push, _), (.tag, _):
            lines = [isDeletion ? "push:" : "push: {}"]
        default:
            return event.action.map { ["\(event.kind.rawValue):", "  types: [\(quotedYAML($0))]"] }
                ?? ["\(event.kind.rawValue): {}"]
        }
        if isDeletion { lines.append("  types: [deleted]    # what is gone matches only so") }
        return lines
    }

    private var isDeletion: Bool { event.action == "deleted" }

    private var isNameable: Bool {
        // The YAML reader drops a byte order mark in front of a text, escaped or not.
        1...RulesLimits.patternBytesMax ~= pattern.utf8.count && !pattern.hasPrefix("\u{FEFF}")
    }

    /// The branch or tag as a pattern that matches nothing else.
    private var pattern: String {
        var pattern = ""
        for character in event.ref?.name ?? "" {
            if "\\*?+[]!".contains(character) { pattern.append("\\") }
            pattern.append(character)
        }
        return pattern
    }

    /// What names the event best, as CEL that has a value for this event.
    private var subject: String {
        for path in [
            ["ref", "name"], ["change", "number"], ["release", "tag"], ["command", "name"],
        ] where has(path) {
            return "string(event.\(path.joined(separator: ".")))"
        }
        return "delivery"
    }

    private var parameters: [String] {
        let known = [
            ("GitCommit", ["after"]), ("Ref", ["ref", "full"]),
            ("Repository", ["repo", "full_name"]),
            ("Change", ["change", "number"]), ("Tag", ["release", "tag"]),
            ("Arguments", ["command", "args"]),
        ].filter { has($0.1) }
        guard !known.isEmpty else {
            return [hasDeliveryID ? "Delivery: ${delivery}" : "Source: ${source}"]
        }
        return known.map { "\($0.0): ${event.\($0.1.joined(separator: "."))}" }
    }

    private var headerLines: String {
        let names = headers.filter { name, value in
            name.hasSuffix("-event") || name == "x-event-key" || name.hasPrefix("ce-")
                || (name == "content-type" && value != "application/json")
        }
        guard !names.isEmpty else { return "" }
        let fields = names.map { "\($0.name): \(quotedYAML($0.value))" }.joined(separator: ", ")
        return "    headers: {\(fields)}\n"
    }

    /// Whether the event has a value that is not empty there.
    private func has(_ path: [String]) -> Bool {
        var value = CELValue.object(event)
        for name in path {
            guard case .object(let object) = value, let member = object.member(name),
                !member.isNull
            else { return false }
            value = member
        }
        return value.stringValue != ""
    }

    /// A text as YAML that reads the same whatever is in it.
    private func quotedYAML(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.utf8.first.map { (97...122).contains($0 | 0x20) } == true
            && text.utf8.allSatisfy { byte in
                (97...122).contains(byte | 0x20) || (48...57).contains(byte)
                    || "-_./".utf8.contains(byte)
            } && !["true", "false", "null"].contains(text.lowercased())
        if isPlain { return text }
        // JSON's strings are YAML's double-quoted ones.
        var writer = JSONWriter(capacity: 64)
        writer.string(text)
        let quoted = String(decoding: writer.bytes, as: UTF8.self)
        // YAML folds or drops what it takes for line breaks and a byte order mark.
        return quoted.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar.value {
            case 0x7F...0x9F: text += "\\x" + String(scalar.value, radix: 16)
            case 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                text += "\\u" + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
