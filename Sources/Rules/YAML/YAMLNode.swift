/// A value of a YAML file with its place.
package struct YAMLNode: Sendable {
    /// What a node can be.
    package enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the file, every key once.
        case mapping([YAMLMember])
    }

    package let place: Place
    package let content: Content

    package var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// Whether the value is null in YAML 1.2's core schema, as a missing value is.
    package var isNull: Bool { scalar?.kind == .null }

    /// The kind with its article, for messages: `a mapping`.
    package var kindName: String {
        switch content {
        case .scalar(let scalar): scalar.kind.name
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A key of a mapping with its value.
package struct YAMLMember: Sendable {
    /// Always a string, however it is written.
    package let key: String
    package let keyPlace: Place
    package let value: YAMLNode
}

/// A scalar as it is written.
package struct YAMLScalar: Sendable {
    /// How a scalar is written.
    package enum Style: Sendable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    /// What a scalar is in YAML 1.2's core schema (yaml.org/spec/1.2.2, §10.3.2).
    package enum Kind: Sendable, Equatable {
        case null, bool, integer, float, string

        package var name: String {
            switch self {
            case .null: "null"
            case .bool: "a boolean"
            case .integer, .float: "a number"
            case .string: "text"
            }
        }
    }

    /// The text without quotes and with escapes resolved; of a plain scalar as it is written.
    package let text: String
    package let style: Style
    package let kind: Kind

    init(_ text: String, style: Style, isString: Bool) {
        self.text = text
        self.style = style
        kind = style == .plain && !isString ? Self.kind(ofPlain: text) : .string
    }

    /// The value of a boolean, else nil.
    package var bool: Bool? {
        guard kind == .bool else { return nil }
        return text.utf8.first == UInt8(ascii: "t") || text.utf8.first == UInt8(ascii: "T")
    }

    /// The value of an integer that fits 64 bits, else nil.
    package var integer: Int64? {
        guard kind == .integer else { return nil }
        if text.hasPrefix("0x") { return Int64(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return Int64(text.dropFirst(2), radix: 8) }
        return Int64(text)
    }

    /// The value of a finite number, else nil.
    package var number: Double? {
        switch kind {
        case .integer: integer.map(Double.init) ?? Double(text)
        case .float: Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    private static func kind(ofPlain text: String) -> Kind {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE", "false", "False", "FALSE": .bool
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
            ".nan", ".NaN", ".NAN":
            .float
        default: kind(ofNumber: Array(text.utf8))
        }
    }

    private static func kind(ofNumber bytes: [UInt8]) -> Kind {
        if bytes.count > 2, bytes[0] == UInt8(ascii: "0") {
            if bytes[1] == UInt8(ascii: "x"), bytes[2...].allSatisfy(\.isHexDigit) {
                return .integer
            }
            if bytes[1] == UInt8(ascii: "o"), bytes[2...].allSatisfy(\.isOctalDigit) {
                return .integer
            }
        }
        var rest = bytes[...]
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            rest = rest.dropFirst()
        }
        let whole = rest.prefix(while: \.isDigit).count
        rest = rest.dropFirst(whole)
        if rest.isEmpty { return whole > 0 ? .integer : .string }
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix(while: \.isDigit).count
            rest = rest.dropFirst(fraction)
        }
        guard whole + fraction > 0 else { return .string }
        guard let mark = rest.first else { return .float }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return .string }
        rest = rest.dropFirst()
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            rest = rest.dropFirst()
        }
        return !rest.isEmpty && rest.allSatisfy(\.isDigit) ? .float : .string
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    var isOctalDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "7") }
    var isHexDigit: Bool {
        isDigit || (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "f"))
    }
    var isLetter: Bool { self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z") }
}
