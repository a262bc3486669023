/// The math extension.
enum MathFunctions {
    static let all: [Function] = extremes + rounding + tests + bits

    private static let extremes: [Function] = [
        .global(
            "math.greatest",
            .variadic(1) { (values, evaluation) throws(CELError) in
                try extreme("math.greatest", values, &evaluation) { $0 > 0 }
            }),
        .global(
            "math.least",
            .variadic(1) { (values, evaluation) throws(CELError) in
                try extreme("math.least", values, &evaluation) { $0 < 0 }
            }),
    ]

    /// The first of the numbers, or of the elements of the only argument, that the others do not
    /// beat.
    private static func extreme(
        _ name: String, _ values: [CELValue], _ evaluation: inout Evaluation,
        _ beats: (Int) -> Bool
    ) throws(CELError) -> CELValue {
        let isList = values.count == 1 && !values[0].isNumber
        guard var elements = ElementIterator(isList ? values[0] : .list(values)) else {
            throw .noOverload(name, values[0])
        }
        var result: CELValue?
        while let element = elements.next() {
            try evaluation.charge()
            guard element.isNumber else { throw .noOverload(name, element) }
            guard let current = result else {
                result = element
                continue
            }
            let order = try Comparison.order(element, current, function: name, &evaluation)
            if let order, beats(order) { result = element }
        }
        guard let result else {
            throw .invalidArgument(function: name, reason: "the list is empty")
        }
        return result
    }

    private static let rounding: [Function] = [
        double("math.ceil") { .double($0.rounded(.up)) },
        double("math.floor") { .double($0.rounded(.down)) },
        double("math.round") { .double($0.rounded(.toNearestOrAwayFromZero)) },
        double("math.trunc") { .double($0.rounded(.towardZero)) },
        .global(
            "math.abs",
            .unary { (value, _) throws(CELError) in
                switch value {
                case .int(let int):
                    guard int != .min else { throw .overflow(function: "math.abs") }
                    return .int(abs(int))
                case .uint: return value
                case .double(let double): return .double(abs(double))
                default: throw .noOverload("math.abs", value)
                }
            }),
        .global(
            "math.sign",
            .unary { (value, _) throws(CELError) in
                switch value {
                case .int(let int): return .int(int.signum())
                case .uint(let uint): return .uint(uint.signum())
                // NaN is its own sign; that of either zero is 0.
                case .double(let double):
                    return .double(double > 0 ? 1 : double < 0 ? -1 : double.isNaN ? double : 0)
                default: throw .noOverload("math.sign", value)
                }
            }),
        .global(
            "math.sqrt",
            .unary { (value, _) throws(CELError) in
                guard value.isNumber else { throw .noOverload("math.sqrt", value) }
                return .double(try Conversion.double(value).squareRoot())
            }),
    ]

    private static let tests: [Function] = [
        double("math.isInf") { .bool($0.isInfinite) },
        double("math.isNaN") { .bool($0.isNaN) },
        double("math.isFinite") { .bool($0.isFinite) },
    ]

    private static func double(
        _ name: String, _ body: @escaping @Sendable (Double) -> CELValue
    ) -> Function {
        .global(
            name,
            .unary { (value, _) throws(CELError) in
                guard case .double(let double) = value else { throw .noOverload(name, value) }
                return body(double)
            })
    }

    private static let bits: [Function] = [
        bitwise("math.bitAnd") { $0 & $1 },
        bitwise("math.bitOr") { $0 | $1 },
        bitwise("math.bitXor") { $0 ^ $1 },
        .global(
            "math.bitNot",
            .unary { (value, _) throws(CELError) in
                switch value {
                case .int(let int): return .int(~int)
                case .uint(let uint): return .uint(~uint)
                default: throw .noOverload("math.bitNot", value)
                }
            }),
        // Swift's shifts fill with zeros once they are longer than the number; shifting to the
        // right moves the bits of an int as if it were a uint.
        shift("math.bitShiftLeft") { $0 << $1 },
        shift("math.bitShiftRight") { $0 >> $1 },
    ]

    private static func bitwise(
        _ name: String, _ body: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) -> Function {
        .global(
            name,
            .binary { (left, right, _) throws(CELError) in
                switch (left, right) {
                case (.int(let left), .int(let right)):
                    return .int(
                        Int64(bitPattern: body(UInt64(bitPattern: left), UInt64(bitPattern: right)))
                    )
                case (.uint(let left), .uint(let right)): return .uint(body(left, right))
                default: throw .noOverload(name, left, right)
                }
            })
    }

    private static func shift(
        _ name: String, _ body: @escaping @Sendable (UInt64, Int64) -> UInt64
    ) -> Function {
        .global(
            name,
            .binary { (value, distance, _) throws(CELError) in
                guard case .int(let distance) = distance else {
                    throw .noOverload(name, value, distance)
                }
                guard distance >= 0 else {
                    throw .invalidArgument(function: name, reason: "the distance is negative")
                }
                switch value {
                case .int(let int):
                    return .int(Int64(bitPattern: body(UInt64(bitPattern: int), distance)))
                case .uint(let uint): return .uint(body(uint, distance))
                default: throw .noOverload(name, value, .int(distance))
                }
            })
    }
}
