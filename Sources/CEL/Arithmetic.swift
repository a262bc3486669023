/// The operators `+ - * / %` and the unary ones.
///
/// There is no arithmetic across numeric types, and what leaves a type's range is an error.
enum Arithmetic {
    static func apply(
        _ operation: Operator, _ left: CELValue, _ right: CELValue,
        _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        switch (left, right) {
        case (.int(let left), .int(let right)): .int(try integer(operation, left, right))
        case (.uint(let left), .uint(let right)): .uint(try integer(operation, left, right))
        case (.double(let leftNumber), .double(let rightNumber)):
            switch operation {
            case .add: .double(leftNumber + rightNumber)
            case .subtract: .double(leftNumber - rightNumber)
            case .multiply: .double(leftNumber * rightNumber)
            case .divide: .double(leftNumber / rightNumber)
            default: throw .noOverload(operation.rawValue, left, right)
            }
        default:
            switch operation {
            case .add: try add(left, right, &evaluation)
            case .subtract: try TimeArithmetic.subtract(left, right)
            default: throw .noOverload(operation.rawValue, left, right)
            }
        }
    }

    static func negate(_ value: CELValue) throws(CELError) -> CELValue {
        switch value {
        case .int(let value):
            guard value != .min else { throw .overflow(function: Operator.negate.rawValue) }
            return .int(-value)
        case .double(let value): return .double(-value)
        default: throw .noOverload(Operator.negate.rawValue, value)
        }
    }

    private static func integer<Integer: FixedWidthInteger>(
        _ operation: Operator, _ left: Integer, _ right: Integer
    ) throws(CELError) -> Integer {
        let result: (partialValue: Integer, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw .divisionByZero }
            result = left.dividedReportingOverflow(by: right)
        case .modulo:
            guard right != 0 else { throw .modulusByZero }
            result = left.remainderReportingOverflow(dividingBy: right)
        default: preconditionFailure("not an arithmetic operator")
        }
        guard !result.overflow else { throw .overflow(function: operation.rawValue) }
        return result.partialValue
    }

    private static func add(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        switch (left, right) {
        case (.bytes(let left), .bytes(let right)):
            try evaluation.charge(newBytes: left.count + right.count)
            return .bytes(left + right)
        case (.string, _), (.jsonString, _):
            guard let first = left.stringValue, let second = right.stringValue else { break }
            try evaluation.charge(newBytes: first.utf8.count + second.utf8.count)
            return .string(first + second)
        case (.list, _), (.jsonList, _):
            guard var elements = ElementIterator(left), var others = ElementIterator(right)
            else { break }
            let count = try (left.count(&evaluation) ?? 0) + (right.count(&evaluation) ?? 0)
            try evaluation.charge(newElements: count)
            var result: [CELValue] = []
            result.reserveCapacity(count)
            while let element = elements.next() { result.append(element) }
            while let element = others.next() { result.append(element) }
            return .list(result)
        default: return try TimeArithmetic.add(left, right)
        }
        throw .noOverload(Operator.add.rawValue, left, right)
    }
}
