import JSON

/// An operand that is read as text: in place where it is a string of JSON.
struct TextOperand {
    /// What a text was found to be, or the value that is none.
    enum Reading<Result> {
        case text(Result)
        case other(CELValue)
    }

    let node: any PlanNode
    private let attribute: AttributeNode?

    init(_ node: any PlanNode) {
        self.node = node
        attribute = node as? AttributeNode
    }

    /// Evaluates the operand and calls `body` with its bytes.
    @inline(__always)
    func read<Result>(
        _ evaluation: inout Evaluation, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) throws(CELError) -> Reading<Result> {
        guard let attribute else { return Self.read(try node.evaluate(&evaluation), body) }
        var owner = CELValue.null
        switch try attribute.resolve(&evaluation, owner: &owner) {
        case .value(let value): return Self.read(value, body)
        case .json(let cursor):
            defer { withExtendedLifetime(owner) {} }
            return cursor.utf8.map { .text(body($0)) } ?? .other(CELValue(json: cursor.value))
        }
    }

    private static func read<Result>(
        _ value: CELValue, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Reading<Result> {
        value.withUTF8(body).map { .text($0) } ?? .other(value)
    }
}
