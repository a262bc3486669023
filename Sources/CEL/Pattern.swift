import CRE2

/// A compiled regular expression in RE2's syntax.
final class Pattern {
    private let expression: OpaquePointer
    /// What there is to do for each ten characters of a text: a quarter of the pattern's length, as
    /// cel-go guesses, or the compiled program's size where that is large. Of `a{1000}` the length
    /// says nothing, and RE2 may have to run all of it for each character.
    let cost: Int

    /// The largest program that costs what cel-go says.
    private static let cheapProgramSize = 64

    /// - Throws: ``CELError/invalidArgument(function:reason:)`` with RE2's reason.
    init(_ pattern: UnsafeBufferPointer<UInt8>, limits: CELLimits) throws(CELError) {
        guard pattern.count <= limits.patternBytesMax else {
            throw Self.error("the pattern is longer than \(limits.patternBytesMax) bytes")
        }
        var reason = [CChar](repeating: 0, count: 128)
        var empty: UInt8 = 0
        let created = withUnsafePointer(to: &empty) {
            hl_re2_create(
                pattern.baseAddress ?? $0, pattern.count, Int64(limits.patternMemoryMax), &reason,
                reason.count)
        }
        guard let created else {
            let bytes = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw Self.error("invalid pattern: " + String(decoding: bytes, as: UTF8.self))
        }
        expression = created
        let size = Int(hl_re2_program_size(created))
        let length = max(1, (pattern.count + 3) / 4)
        cost = size > Self.cheapProgramSize ? max(length, size) : length
    }

    deinit { hl_re2_destroy(expression) }

    /// Whether the pattern matches somewhere in the text.
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var empty: UInt8 = 0
        return withUnsafePointer(to: &empty) {
            hl_re2_partial_match(expression, text.baseAddress ?? $0, text.count)
        }
    }

    private static func error(_ reason: String) -> CELError {
        .invalidArgument(function: "matches", reason: reason)
    }
}

/// `text.matches("literal")`; the pattern was compiled with the expression.
final class MatchNode: FoldableNode {
    private let text: TextOperand
    private let pattern: Pattern

    init(_ text: any PlanNode, _ pattern: Pattern) {
        self.text = TextOperand(text)
        self.pattern = pattern
    }

    var operands: [any PlanNode] { [text.node] }

    func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
        let pattern = pattern
        let costMax = evaluation.costLeft
        let reading = try text.read(&evaluation) { bytes in
            let cost = pattern.cost(of: bytes)
            // What cannot be paid for is not done.
            return (cost: cost, matches: cost <= costMax && pattern.matches(bytes))
        }
        switch reading {
        case .text(let result):
            try evaluation.charge(result.cost)
            return .bool(result.matches)
        case .other(let value): throw .noOverload("matches", value)
        }
    }

    static func match(
        _ text: CELValue, _ pattern: Pattern, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        if let cost = text.withUTF8({ pattern.cost(of: $0) }) { try evaluation.charge(cost) }
        let result = text.withUTF8 { pattern.matches($0) }
        guard let result else { throw .noOverload("matches", text) }
        return .bool(result)
    }
}

extension Pattern {
    /// A tenth of the text times a quarter of the pattern.
    fileprivate func cost(of text: UnsafeBufferPointer<UInt8>) -> Int {
        (text.count + 10) / 10 * cost
    }
}
