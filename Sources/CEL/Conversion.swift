/// The conversions between types that CEL has functions for.
enum Conversion {
    /// What `string()` gives.
    static func text(_ value: CELValue) throws(CELError) -> String {
        switch value {
        case .string(let text): return text
        case .bool(let value): return value ? "true" : "false"
        case .int(let value): return String(value)
        case .uint(let value): return String(value)
        case .double(let value): return NumberText.shortest(value)
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw failure(value, "string", "the bytes are not UTF-8")
            }
            return text
        case .timestamp(let seconds, let nanoseconds):
            return TimeText.text(seconds: seconds, nanoseconds: nanoseconds)
        case .duration(let nanoseconds): return TimeText.text(durationNanoseconds: nanoseconds)
        case .semver(let version): return version.text
        default:
            guard let text = value.stringValue else { throw .noOverload("string", value) }
            return text
        }
    }

    static func int(_ value: CELValue) throws(CELError) -> Int64 {
        switch value {
        case .int(let int): return int
        case .uint(let uint):
            guard let int = Int64(exactly: uint) else { break }
            return int
        case .double(let double):
            // Both ends are doubles that rounding may have moved there, so they are refused.
            guard double > -0x1p63, double < 0x1p63 else { break }
            return Int64(double)
        case .timestamp(let seconds, _): return seconds
        default:
            guard let text = value.stringValue else { throw .noOverload("int", value) }
            guard let int = Int64(text) else { throw failure(value, "int", "it is no integer") }
            return int
        }
        throw failure(value, "int", "it is out of range")
    }

    static func uint(_ value: CELValue) throws(CELError) -> UInt64 {
        switch value {
        case .uint(let uint): return uint
        case .int(let int):
            guard let uint = UInt64(exactly: int) else { break }
            return uint
        case .double(let double):
            guard double >= 0, double < 0x1p64 else { break }
            return UInt64(double)
        default:
            guard let text = value.stringValue else { throw .noOverload("uint", value) }
            guard text.utf8.first?.isDigit == true, let uint = UInt64(text) else {
                throw failure(value, "uint", "it is no unsigned integer")
            }
            return uint
        }
        throw failure(value, "uint", "it is out of range")
    }

    static func double(_ value: CELValue) throws(CELError) -> Double {
        switch value {
        case .double(let double): return double
        case .int(let int): return Double(int)
        case .uint(let uint): return Double(uint)
        default:
            guard let text = value.stringValue else { throw .noOverload("double", value) }
            guard let double = Double(text) else {
                throw failure(value, "double", "it is no number")
            }
            // `inf` is a number, a decimal that is too large is none.
            guard double.isFinite || !text.utf8.contains(where: \.isDigit) else {
                throw failure(value, "double", "it is out of range")
            }
            return double
        }
    }

    static func bool(_ value: CELValue) throws(CELError) -> Bool {
        if case .bool(let bool) = value { return bool }
        guard let text = value.stringValue else { throw .noOverload("bool", value) }
        switch text {
        case "1", "t", "true", "TRUE", "True": return true
        case "0", "f", "false", "FALSE", "False": return false
        default: throw failure(value, "bool", "it is neither true nor false")
        }
    }

    static func bytes(_ value: CELValue) throws(CELError) -> [UInt8] {
        if case .bytes(let bytes) = value { return bytes }
        guard let bytes = value.withUTF8({ Array($0) }) else { throw .noOverload("bytes", value) }
        return bytes
    }

    static func timestamp(_ value: CELValue) throws(CELError) -> CELValue {
        switch value {
        case .timestamp: return value
        case .int(let seconds):
            guard TimeArithmetic.secondsRange.contains(seconds) else {
                throw failure(value, "timestamp", "it is out of range")
            }
            return .timestamp(seconds: seconds, nanoseconds: 0)
        default:
            guard let timestamp = value.withUTF8({ TimeText.timestamp($0) }) else {
                throw .noOverload("timestamp", value)
            }
            guard let timestamp else {
                throw failure(value, "timestamp", "it is not RFC 3339 or out of range")
            }
            return timestamp
        }
    }

    static func duration(_ value: CELValue) throws(CELError) -> CELValue {
        if case .duration = value { return value }
        guard let nanoseconds = value.withUTF8({ TimeText.duration($0) }) else {
            throw .noOverload("duration", value)
        }
        guard let nanoseconds else {
            throw failure(value, "duration", "it is not like 1h30m or out of range")
        }
        return .duration(nanoseconds: nanoseconds)
    }

    private static func failure(_ value: CELValue, _ type: String, _ reason: String) -> CELError {
        .noConversion(from: value.typeName, to: type, reason: reason)
    }
}

/// `string()`, `int()` and the other conversions.
enum ConversionFunctions {
    static let all: [Function] = [
        .global(
            "string",
            .unary { (value, evaluation) throws(CELError) in
                if case .jsonString = value { return value }
                let text = try Conversion.text(value)
                try evaluation.charge(newBytes: text.utf8.count)
                return .string(text)
            }),
        .global(
            "int",
            .unary { (value, _) throws(CELError) in .int(try Conversion.int(value)) }),
        .global(
            "uint",
            .unary { (value, _) throws(CELError) in .uint(try Conversion.uint(value)) }),
        .global(
            "double",
            .unary { (value, evaluation) throws(CELError) in
                // Its digits are read to the last, unlike an integer's.
                if let count = value.withUTF8(\.count) { try evaluation.charge(bytes: count) }
                return .double(try Conversion.double(value))
            }),
        .global(
            "bool",
            .unary { (value, _) throws(CELError) in .bool(try Conversion.bool(value)) }),
        .global(
            "bytes",
            .unary { (value, evaluation) throws(CELError) in
                let bytes = try Conversion.bytes(value)
                try evaluation.charge(bytes: bytes.count)
                return .bytes(bytes)
            }),
        .global(
            "timestamp",
            .unary { (value, _) throws(CELError) in try Conversion.timestamp(value) }),
        .global(
            "duration",
            .unary { (value, _) throws(CELError) in try Conversion.duration(value) }),
        .global("type", .unary { (value, _) in .type(value.type) }),
        .global("dyn", .unary { (value, _) in value }),
    ]
}
