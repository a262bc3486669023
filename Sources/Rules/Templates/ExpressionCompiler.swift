internal import CEL
internal import SageMakerAPI

/// Compiles the expressions of a file, and reports those that cannot be.
struct ExpressionCompiler {
    let problems: ProblemList
    var environment = RuleVariable.environment

    /// A whole scalar that is an expression of any type.
    func expression(_ node: YAMLNode, _ what: String = "an expression in CEL") -> CELProgram? {
        guard let text = node.text(what, problems) else { return nil }
        guard text.utf8.contains(where: { $0 > 0x20 }) else {
            problems.report(node.place, "expected \(what), not an empty text")
            return nil
        }
        return compile(text, in: node, at: 0)
    }

    /// A whole scalar that is a condition; one that can never be true or false is reported.
    func condition(_ node: YAMLNode) -> CELProgram? {
        guard let program = expression(node, "a condition in CEL") else { return nil }
        guard program.resultType.canBe(.bool) else {
            problems.report(
                node.place,
                "expected a condition that is true or false; this is \(program.resultType)")
            return nil
        }
        return program
    }

    /// A scalar with expressions inside; nil for what is reported.
    /// - Parameter kind: What the scalar stands for; a lone expression must be able to give it.
    func template(_ text: TemplateText, in node: YAMLNode, for kind: Shape.Kind) -> TextTemplate? {
        let isText = text.pieces.count > 1
        let wanted = isText ? .string : kind
        if isText, !StaticType.string.canBecome(kind) {
            problems.report(node.place, "expected \(kind.expectation); this is a text")
            return nil
        }
        var pieces: [TextTemplate.Piece] = []
        for piece in text.pieces {
            switch piece {
            case .text(let literal): pieces.append(.text(literal))
            case .expression(let source, let offset):
                guard let program = compile(source, in: node, at: offset) else { continue }
                guard program.resultType.canBecome(wanted) else {
                    problems.report(
                        Place(ofOffset: offset, in: node),
                        "expected \(wanted.expectation); this is \(program.resultType)")
                    continue
                }
                pieces.append(.expression(program, source: source))
            }
        }
        return pieces.count == text.pieces.count ? TextTemplate(pieces: pieces) : nil
    }

    /// A program, or nil when every error of the expression is reported.
    private func compile(_ source: String, in node: YAMLNode, at start: Int) -> CELProgram? {
        do {
            let program = try environment.compile(source)
            // Without variables the value is always the same, and so is its error.
            if program.usesVariables.isEmpty { _ = try program.evaluate(NoVariables()) }
            guard program.faults.isEmpty else {
                for fault in program.faults { report(fault, source, in: node, at: start) }
                return nil
            }
            return program
        } catch {
            let errors = environment.errors(in: source)
            for error in errors.isEmpty ? [error] : errors {
                report(error, source, in: node, at: start)
            }
            return nil
        }
    }

    private func report(_ error: CELError, _ source: String, in node: YAMLNode, at start: Int) {
        // The position counts bytes, the place Unicode scalars.
        let before = source.utf8.prefix(error.position?.offset ?? 0)
        let offset = start + String(decoding: Array(before), as: UTF8.self).unicodeScalars.count
        problems.report(Place(ofOffset: offset, in: node), error.description)
    }
}

extension StaticType {
    /// Whether a value of the type may be taken where the API wants a kind of value, as
    /// ``Shape/requestValue(_:depth:)`` has it; an optional may hold one that is.
    fileprivate func canBecome(_ kind: Shape.Kind) -> Bool {
        switch self {
        case .dyn, .error, .parameter, .number: true
        case .nullable(let type), .optional(let type): type.canBecome(kind)
        case .null, .type: false
        default:
            switch kind {
            case .string: runtimeType != .list && runtimeType != .map
            case .integer: [.int, .uint, .string].contains(self)
            case .timestamp: [.int, .uint, .double, .string].contains(self)
            case .boolean: [.bool, .string].contains(self)
            // A list of names and values may be written as a map.
            case .list: runtimeType == .list || runtimeType == .map
            case .structure: runtimeType == .map
            }
        }
    }
}

extension Shape.Kind {
    /// What an expression may give, for messages.
    fileprivate var expectation: String {
        switch self {
        case .string: "a text, number or boolean"
        case .integer: "an integer or its text"
        case .timestamp: "a number of seconds or its text"
        case .boolean: "true or false"
        case .list: "a list or a map"
        case .structure: "a map"
        }
    }
}
