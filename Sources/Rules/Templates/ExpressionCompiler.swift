internal import CEL
internal import SageMakerAPI

/// Compiles the expressions of a file, and reports those that cannot be.
struct ExpressionCompiler {
    let problems: ProblemList

    /// A whole scalar that is a condition; one that can never be true or false is reported.
    func condition(_ node: YAMLNode) -> CELProgram? {
        let what = "a condition in CEL"
        guard let text = node.text(what, problems) else { return nil }
        guard text.utf8.contains(where: { $0 > 0x20 }) else {
            problems.report(node.place, "expected \(what), not an empty text")
            return nil
        }
        guard let program = compile(text, in: node, at: 0) else { return nil }
        if let type = program.resultType, type != .bool {
            problems.report(
                node.place, "expected a condition that is true or false; this is \(type.rawValue)")
            return nil
        }
        return program
    }

    /// A scalar with expressions inside; nil for what is reported.
    /// - Parameter kind: What the scalar stands for; a lone expression must be able to give it.
    func template(_ text: TemplateText, in node: YAMLNode, for kind: Shape.Kind) -> TextTemplate? {
        let isText = text.pieces.count > 1
        let wanted = isText ? .string : kind
        if isText, !CELType.string.canBecome(kind) {
            problems.report(node.place, "expected \(kind.expectation); this is a text")
            return nil
        }
        var pieces: [TextTemplate.Piece] = []
        for piece in text.pieces {
            switch piece {
            case .text(let literal): pieces.append(.text(literal))
            case .expression(let source, let offset):
                guard let program = compile(source, in: node, at: offset) else { continue }
                if let type = program.resultType, !type.canBecome(wanted) {
                    problems.report(
                        Place(ofOffset: offset, in: node),
                        "expected \(wanted.expectation); this is \(type.rawValue)")
                    continue
                }
                pieces.append(.expression(program, source: source))
            }
        }
        return pieces.count == text.pieces.count ? TextTemplate(pieces: pieces) : nil
    }

    private func compile(_ source: String, in node: YAMLNode, at start: Int) -> CELProgram? {
        do {
            let program = try RuleVariable.environment.compile(source)
            // Without variables the value is always the same, and so is its error.
            if program.usesVariables.isEmpty { _ = try program.evaluate(NoVariables()) }
            return program
        } catch {
            // The position counts bytes, the place Unicode scalars.
            let before = source.utf8.prefix(error.position?.offset ?? 0)
            let offset = start + String(decoding: Array(before), as: UTF8.self).unicodeScalars.count
            problems.report(Place(ofOffset: offset, in: node), error.description)
            return nil
        }
    }
}

extension CELType {
    /// Whether a value of the type may be taken where the API wants a kind of value, as
    /// ``Shape/requestValue(_:depth:)`` has it; an optional may hold one that is.
    fileprivate func canBecome(_ kind: Shape.Kind) -> Bool {
        if self == .optional { return true }
        switch kind {
        case .string:
            return switch self {
            case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .optional:
                true
            case .null, .list, .map, .type: false
            }
        case .integer: return self == .int || self == .uint || self == .string
        case .boolean: return self == .bool || self == .string
        // A list of names and values may be written as a map.
        case .list: return self == .list || self == .map
        case .structure: return self == .map
        }
    }
}

extension Shape.Kind {
    /// What an expression may give, for messages.
    fileprivate var expectation: String {
        switch self {
        case .string: "a text, number or boolean"
        case .integer: "an integer or its text"
        case .boolean: "true or false"
        case .list: "a list or a map"
        case .structure: "a map"
        }
    }
}
