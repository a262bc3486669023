/// The tests of whether a string has another one in it.
enum TextTest: String, Sendable, CaseIterable {
    case contains, startsWith, endsWith

    /// The test as a function of the library.
    var function: Function {
        .receiver(
            rawValue,
            .binary { (text, part, evaluation) throws(CELError) in
                var cost = 1
                let result = text.withUTF8 { text in
                    part.withUTF8 { part in
                        cost = self.cost(text, part)
                        return holds(text, part)
                    }
                }
                guard let result, let result else { throw .noOverload(rawValue, text, part) }
                try evaluation.charge(cost - 1)
                return .bool(result)
            })
    }

    /// A tenth of the text, and for `contains` as often as a tenth of the part.
    fileprivate func cost(
        _ text: UnsafeBufferPointer<UInt8>, _ part: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let passes = self == .contains ? max(1, (part.count + 9) / 10) : 1
        return max(1, (text.count + 9) / 10) * passes
    }

    fileprivate func holds(
        _ text: UnsafeBufferPointer<UInt8>, _ part: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard text.count >= part.count else { return false }
        switch self {
        case .contains: return text.firstOffset(of: part, from: 0) != nil
        case .startsWith:
            return UnsafeBufferPointer(rebasing: text[..<part.count]).hasSameBytes(as: part)
        case .endsWith:
            return UnsafeBufferPointer(rebasing: text[(text.count - part.count)...])
                .hasSameBytes(as: part)
        }
    }
}

/// `text.startsWith("literal")` or another test with a literal
final class TextTestNode: FoldableNode {
    private let test: TextTest
    private let text: TextOperand
    private let part: ConstantText

    init(_ test: TextTest, _ text: any PlanNode, _ part: ConstantText) {
        self.test = test
        self.text = TextOperand(text)
        self.part = part
    }

    var operands: [any PlanNode] { [text.node] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        let reading = try text.read(&evaluation) { bytes in
            (cost: test.cost(bytes, part.utf8), holds: test.holds(bytes, part.utf8))
        }
        switch reading {
        case .text(let result):
            try evaluation.charge(result.cost)
            return .bool(result.holds)
        case .other(let value):
            throw .noSuchOverload(function: test.rawValue, types: [value.typeName, "string"])
        }
    }
}
