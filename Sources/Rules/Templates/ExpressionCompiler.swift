internal import CEL

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
    /// - Parameter wantsText: Whether every expression must have a text.
    func template(_ text: TemplateText, in node: YAMLNode, wantsText: Bool) -> TextTemplate? {
        var pieces: [TextTemplate.Piece] = []
        for piece in text.pieces {
            switch piece {
            case .text(let literal): pieces.append(.text(literal))
            case .expression(let source, let offset):
                guard let program = compile(source, in: node, at: offset) else { continue }
                if wantsText || text.pieces.count > 1, let type = program.resultType,
                    !type.hasText
                {
                    problems.report(
                        Place(ofOffset: offset, in: node),
                        "expected a text, number or boolean; this is \(type.rawValue)")
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
    /// Whether `string()` takes values of the type; an optional may hold one that it takes.
    fileprivate var hasText: Bool {
        switch self {
        case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration, .optional: true
        case .null, .list, .map, .type: false
        }
    }
}
