internal import CEL
internal import SageMakerAPI

/// What a chat is told when a rule starts something: a rule's `reply`.
struct RuleReply: Sendable {
    /// Who sees a reply.
    enum Visibility: String, Sendable, CaseIterable {
        /// Who sent the command, where the chat can do that.
        case ephemeral
        case `public`
    }

    let template: TextTemplate
    let visibility: Visibility

    /// Reads a text with expressions, or a mapping with `text` and `visibility`.
    init?(_ node: YAMLNode, _ compiler: ExpressionCompiler, _ problems: ProblemList) {
        var text: YAMLNode? = node
        var visibility = Visibility.ephemeral
        if case .mapping = node.content {
            guard
                let fields = YAMLFields(
                    node, "a reply", keys: ["text", "visibility"], problems: problems)
            else { return nil }
            text = fields.required("text")
            visibility =
                fields["visibility"].flatMap { $0.word("visibility", problems) } ?? .ephemeral
        }
        guard let text, let template = Self.template(text, compiler, problems) else { return nil }
        self.template = template
        self.visibility = visibility
    }

    private static func template(
        _ node: YAMLNode, _ compiler: ExpressionCompiler, _ problems: ProblemList
    ) -> TextTemplate? {
        guard let source = node.writtenText("a reply's text", problems) else { return nil }
        do {
            return compiler.template(try TemplateText(source), in: node, for: .string)
        } catch {
            problems.report(Place(ofOffset: error.offset, in: node), error.description)
            return nil
        }
    }

    func rendered(_ activation: any CELActivation) throws(RenderingError) -> RenderedReply {
        let text = try RenderingError.under("reply") { () throws(RenderingError) in
            switch try template.value(activation) {
            case .text(let text): text
            case .value(let value): try value.renderedText()
            case .absent: ""
            }
        }
        return RenderedReply(text: text, isPublic: visibility == .public)
    }
}

/// A reply to a chat, ready to be sent.
package struct RenderedReply: Sendable, Equatable {
    package let text: String
    /// Whether all of the channel see it.
    package let isPublic: Bool
}
