/// `format` of the strings extension.
enum Formatting {
    /// The most digits behind the point that a clause may ask for.
    private static let precisionMax = 1000

    /// `%s %d %f %e %b %o %x %X`, the middle ones with a precision, and `%%`.
    static func format(
        _ format: CELValue, _ arguments: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let text = format.stringValue, var elements = ElementIterator(arguments) else {
            throw .noOverload("format", format, arguments)
        }
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "%") else {
                output.append(byte)
                continue
            }
            if position < bytes.count, bytes[position] == UInt8(ascii: "%") {
                output.append(byte)
                position += 1
                continue
            }
            let precision = try precision(bytes, &position)
            guard position < bytes.count else { throw error("a clause is not finished") }
            let clause = bytes[position]
            position += 1
            guard let argument = elements.next() else { throw error("there are too few arguments") }
            let replacement = try self.text(argument, clause, precision, &evaluation)
            try evaluation.charge(newBytes: output.count + replacement.utf8.count)
            output.append(contentsOf: replacement.utf8)
        }
        try evaluation.charge(newBytes: output.count)
        return .string(String(decoding: output, as: UTF8.self))
    }

    private static func precision(_ bytes: [UInt8], _ position: inout Int) throws(CELError) -> Int?
    {
        guard position < bytes.count, bytes[position] == UInt8(ascii: ".") else { return nil }
        position += 1
        var value: Int?
        while position < bytes.count, bytes[position].isDigit {
            value = (value ?? 0) * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
            if let value, value > precisionMax {
                throw error("a precision is above \(precisionMax)")
            }
        }
        guard let value else { throw error("a precision has no digits") }
        return value
    }

    private static func text(
        _ value: CELValue, _ clause: UInt8, _ precision: Int?, _ evaluation: inout Evaluation
    ) throws(CELError) -> String {
        switch clause {
        case UInt8(ascii: "s"): return try string(value, &evaluation)
        case UInt8(ascii: "d"): return try decimal(value)
        case UInt8(ascii: "f"), UInt8(ascii: "e"):
            guard value.isNumber else { throw refused(value, "%f and %e") }
            let double = try Conversion.double(value)
            if !double.isFinite { return infinity(double) }
            return NumberText.fixed(
                double, precision: precision ?? 6, isScientific: clause == UInt8(ascii: "e"))
        case UInt8(ascii: "b"):
            if case .bool(let bool) = value { return bool ? "1" : "0" }
            return try digits(value, radix: 2, "%b")
        case UInt8(ascii: "o"): return try digits(value, radix: 8, "%o")
        case UInt8(ascii: "x"): return try hexadecimal(value, isUpper: false)
        case UInt8(ascii: "X"): return try hexadecimal(value, isUpper: true)
        default: throw error("there is no such clause")
        }
    }

    /// A value as text; lists and maps with their contents, maps in the order of their keys.
    private static func string(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> String {
        try evaluation.charge()
        switch value {
        case .null: return "null"
        case .type(let type): return type.rawValue
        case .double(let double) where !double.isFinite: return infinity(double)
        case .list, .jsonList:
            var texts: [String] = []
            if var elements = ElementIterator(value) {
                while let element = elements.next() {
                    texts.append(try string(element, &evaluation))
                }
            }
            return try joined(texts, "[", "]", &evaluation)
        case .map, .jsonMap, .object:
            var texts: [String] = []
            for (key, value) in try value.asMap(&evaluation)?.entries ?? [] {
                let key = try string(key, &evaluation)
                texts.append(key + ": " + (try string(value, &evaluation)))
            }
            texts.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            return try joined(texts, "{", "}", &evaluation)
        case .optional: throw refused(value, "%s")
        default: return try Conversion.text(value)
        }
    }

    private static func joined(
        _ texts: [String], _ open: String, _ close: String, _ evaluation: inout Evaluation
    ) throws(CELError) -> String {
        let result = open + texts.joined(separator: ", ") + close
        try evaluation.charge(newBytes: result.utf8.count)
        return result
    }

    private static func decimal(_ value: CELValue) throws(CELError) -> String {
        switch value {
        case .int, .uint: return try Conversion.text(value)
        case .double(let double):
            return double.isFinite ? NumberText.positional(double) : infinity(double)
        default: throw refused(value, "%d")
        }
    }

    private static func digits(
        _ value: CELValue, radix: Int, isUpper: Bool = false, _ clause: String
    ) throws(CELError) -> String {
        switch value {
        case .int(let int): return String(int, radix: radix, uppercase: isUpper)
        case .uint(let uint): return String(uint, radix: radix, uppercase: isUpper)
        default: throw refused(value, clause)
        }
    }

    private static func hexadecimal(_ value: CELValue, isUpper: Bool) throws(CELError) -> String {
        if value.isNumber {
            return try digits(value, radix: 16, isUpper: isUpper, "%x")
        }
        let bytes: [UInt8]
        if case .bytes(let content) = value {
            bytes = content
        } else if let content = value.withUTF8({ Array($0) }) {
            bytes = content
        } else {
            throw refused(value, "%x")
        }
        return bytes.map {
            ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: isUpper)
        }.joined()
    }

    private static func infinity(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }

    private static func refused(_ value: CELValue, _ clause: String) -> CELError {
        error("\(clause) does not take \(value.typeName)")
    }

    private static func error(_ reason: String) -> CELError {
        .invalidArgument(function: "format", reason: reason)
    }
}
