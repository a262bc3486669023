/// A parsed expression with its macros expanded.
struct Expression {
    indirect enum Kind {
        case literal(CELValue)
        /// A name; from the root when it is written with a leading dot.
        case name(String, isRooted: Bool)
        case select(Expression, field: String, isOptional: Bool)
        /// `has(operand.field)`
        case has(Expression, field: String)
        case index(Expression, Expression, isOptional: Bool)
        case operation(Operator, [Expression])
        case and([Expression])
        case or([Expression])
        case conditional(Expression, then: Expression, else: Expression)
        case call(String, target: Expression?, arguments: [Expression])
        case list([Element])
        case map([Entry])
        case fold(Fold)
        /// `cel.bind(name, value, body)`
        case bind(String, Expression, body: Expression)
        /// `optMap` and `optFlatMap`; flat when the body itself is optional.
        case optionalMap(Expression, variable: String, body: Expression, isFlat: Bool)
    }

    struct Element {
        let value: Expression
        /// Left out when the value is an empty optional.
        let isOptional: Bool
    }

    struct Entry {
        let key: Expression
        let value: Expression
        /// Left out when the value is an empty optional.
        let isOptional: Bool
    }

    /// A loop over a list's elements or a map's keys that a macro stands for.
    struct Fold {
        enum Result {
            case all, exists, existsOne, list, map, mapEntries
            /// The elements in the order of the body's values.
            case sorted
        }

        let result: Result
        let range: Expression
        /// One name for the element or key, or two for index and element or key and value.
        let variables: [String]
        let filter: Expression?
        let body: Expression
    }

    let kind: Kind
    /// Bytes of the source before the name or operator that the expression is known by.
    let offset: Int
    /// How deep the tree is below and including this expression.
    let depth: Int

    /// Bytes of the source before the expression's first part, parentheses left out.
    var start: Int {
        switch kind {
        case .literal, .name, .has, .list, .map, .bind: offset
        case .select(let operand, _, _), .index(let operand, _, _),
            .optionalMap(let operand, _, _, _):
            operand.start
        case .operation(_, let operands): min(offset, operands.first?.start ?? offset)
        case .and(let operands), .or(let operands): operands.first?.start ?? offset
        case .conditional(let condition, _, _): condition.start
        case .call(_, let target, _): target?.start ?? offset
        case .fold(let fold): fold.range.start
        }
    }
}

/// The operators that always evaluate all their operands.
enum Operator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case negate = "unary -"
    case not = "!"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case `in` = "in"
}

extension Expression.Kind {
    /// The depth of the deepest operand.
    var operandDepth: Int {
        switch self {
        case .literal, .name: 0
        case .select(let operand, _, _), .has(let operand, _): operand.depth
        case .index(let operand, let index, _): max(operand.depth, index.depth)
        case .operation(_, let operands), .and(let operands), .or(let operands):
            Self.depth(operands)
        case .conditional(let condition, let then, let other):
            max(condition.depth, then.depth, other.depth)
        case .call(_, let target, let arguments): max(target?.depth ?? 0, Self.depth(arguments))
        case .list(let elements): elements.reduce(0) { max($0, $1.value.depth) }
        case .map(let entries): entries.reduce(0) { max($0, $1.key.depth, $1.value.depth) }
        case .fold(let fold): max(fold.range.depth, fold.filter?.depth ?? 0, fold.body.depth)
        case .bind(_, let value, let body), .optionalMap(let value, _, let body, _):
            max(value.depth, body.depth)
        }
    }

    private static func depth(_ operands: [Expression]) -> Int {
        operands.reduce(0) { max($0, $1.depth) }
    }
}
