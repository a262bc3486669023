internal import CEL
internal import SageMakerAPI

/// A scalar with compiled expressions inside.
struct TextTemplate: Sendable {
    /// A compiled piece of a text.
    enum Piece: Sendable {
        case text(String)
        case expression(CELProgram, source: String)
    }

    let pieces: [Piece]

    /// What a scalar became.
    enum Value {
        case text(String)
        /// The scalar is one expression, so its value keeps its kind.
        case value(CELValue)
        /// The expression has no value, and says with `.?` that it need not have one.
        case absent
    }

    /// The value that it has for every event, when no expression has a variable in it; else nil.
    func constantValue() throws(RenderingError) -> Value? {
        guard pieces.allSatisfy(\.isConstant) else { return nil }
        return try value(NoVariables())
    }

    /// What is known of the text before any event.
    func outline() throws(RenderingError) -> [TextPiece] {
        var outline: [TextPiece] = []
        for piece in pieces {
            guard piece.isConstant else {
                outline.append(.gap)
                continue
            }
            switch try TextTemplate(pieces: [piece]).value(NoVariables()) {
            case .text(let text): outline.append(.text(text))
            case .value(let value): outline.append(.text(try value.renderedText()))
            case .absent: break
            }
        }
        return outline
    }

    func value(_ activation: any CELActivation) throws(RenderingError) -> Value {
        if pieces.count == 1, case .expression(let program, let source) = pieces[0] {
            let value = try evaluate(program, source, activation)
            return value.map { .value($0) } ?? .absent
        }
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .expression(let program, let source):
                guard let value = try evaluate(program, source, activation) else { continue }
                text += try RenderingError.within(source) { () throws(RenderingError) in
                    try value.renderedText()
                }
            }
            guard text.utf8.count <= RulesLimits.renderedBytesMax else {
                throw RenderingError("is longer than \(RulesLimits.renderedBytesMax) bytes")
            }
        }
        return .text(text)
    }

    /// - Returns: Nil for an empty optional and one that holds null, which the payload may have
    ///   where others have nothing.
    private func evaluate(
        _ program: CELProgram, _ source: String, _ activation: any CELActivation
    ) throws(RenderingError) -> CELValue? {
        let value: CELValue
        do {
            value = try program.evaluate(activation)
        } catch {
            throw RenderingError("${\(printable(source))}: \(error.description)")
        }
        if case .optional(let optional) = value {
            guard let content = optional.value, !content.isNull else { return nil }
            return content
        }
        guard !value.isNull else { throw RenderingError("${\(printable(source))} is null") }
        return value
    }
}

extension TextTemplate.Piece {
    fileprivate var isConstant: Bool {
        switch self {
        case .text: true
        case .expression(let program, _): program.usesVariables.isEmpty
        }
    }
}

/// Why a request could not be rendered.
struct RenderingError: Error {
    /// The way to the member, from the outside: `PipelineParameters.GitCommit`; empty for now.
    private(set) var path = ""
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// The member and what is wrong with it.
    var message: String { path.isEmpty ? reason : "\(path): \(reason)" }

    /// Puts a step in front of the path of what `body` throws.
    static func under<Value>(
        _ step: @autoclosure () -> String, _ body: () throws(RenderingError) -> Value
    ) throws(RenderingError) -> Value {
        do {
            return try body()
        } catch {
            var error = error
            let step = step()
            error.path =
                error.path.isEmpty || error.path.hasPrefix("[")
                ? step + error.path : "\(step).\(error.path)"
            throw error
        }
    }

    /// Puts the expression in front of the reason of what `body` throws.
    static func within<Value>(
        _ source: String, _ body: () throws(RenderingError) -> Value
    ) throws(RenderingError) -> Value {
        do {
            return try body()
        } catch {
            throw RenderingError("${\(printable(source))} \(error.reason)")
        }
    }
}

extension CELValue {
    /// CEL's `string()` of a scalar.
    func renderedText() throws(RenderingError) -> String {
        do {
            let text = try rendered()
            guard text.utf8.count <= RulesLimits.renderedBytesMax else {
                throw RenderingError("is longer than \(RulesLimits.renderedBytesMax) bytes")
            }
            return text
        } catch let error as RenderingError {
            throw error
        } catch {
            throw RenderingError("is \(typeName), which has no text")
        }
    }
}
