extension Lexer {
    /// An int, uint or double at the position.
    mutating func number() throws(CELError) -> Token.Kind {
        if peek() == UInt8(ascii: "0"), let x = peek(1), x | 0x20 == UInt8(ascii: "x"),
            peek(2)?.hexValue != nil
        {
            position += 2
            let start = position
            while peek()?.hexValue != nil { position += 1 }
            return try integer(source[start..<position], radix: 16, offset: start - 2)
        }
        let start = position
        skipDigits()
        var isDouble = false
        if peek() == UInt8(ascii: "."), peek(1)?.isDigit == true {
            isDouble = true
            position += 1
            skipDigits()
        }
        if let length = exponentLength() {
            isDouble = true
            position += length
            skipDigits()
        }
        let digits = source[start..<position]
        guard isDouble else { return try integer(digits, radix: 10, offset: start) }
        guard let value = parsedDouble(digits), value.isFinite else {
            throw error("the number is too large for a double", at: start)
        }
        return .double(value)
    }

    private mutating func skipDigits() {
        while peek()?.isDigit == true { position += 1 }
    }

    /// The length of `e` and its sign, when digits follow.
    private func exponentLength() -> Int? {
        guard let e = peek(), e | 0x20 == UInt8(ascii: "e") else { return nil }
        let hasSign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
        let length = hasSign ? 2 : 1
        return peek(length)?.isDigit == true ? length : nil
    }

    private mutating func integer(
        _ digits: ArraySlice<UInt8>, radix: Int, offset: Int
    ) throws(CELError) -> Token.Kind {
        let value = UInt64(String(decoding: digits, as: UTF8.self), radix: radix)
        if let suffix = peek(), suffix | 0x20 == UInt8(ascii: "u") {
            position += 1
            guard let value else { throw error("the number is too large for a uint", at: offset) }
            return .uint(value)
        }
        guard let value, value <= UInt64(Int64.max) + 1 else {
            throw error("the number is too large for an int", at: offset)
        }
        return .int(value)
    }

    /// The length of a literal's prefix (`r`, `b`, `br`) at the position, when a quote follows it.
    func textPrefixLength() -> Int? {
        guard let first = peek(), let second = peek(1) else { return nil }
        let letter = first | 0x20
        guard letter == UInt8(ascii: "r") || letter == UInt8(ascii: "b") else { return nil }
        if second.isQuote { return 1 }
        let isRawBytes = letter == UInt8(ascii: "b") && second | 0x20 == UInt8(ascii: "r")
        return isRawBytes && peek(2)?.isQuote == true ? 2 : nil
    }

    /// A string or bytes literal at the position.
    mutating func text(prefixLength: Int) throws(CELError) -> Token.Kind {
        let start = position
        let prefix = source[start..<(start + prefixLength)].map { $0 | 0x20 }
        let isBytes = prefix.contains(UInt8(ascii: "b"))
        let isRaw = prefix.contains(UInt8(ascii: "r"))
        position += prefixLength
        guard let quote = peek() else { throw error("expected a string", at: start) }
        let isTriple = peek(1) == quote && peek(2) == quote
        position += isTriple ? 3 : 1
        var output: [UInt8] = []
        while !skipClosing(quote, isTriple: isTriple) {
            guard let byte = peek() else { throw error("the string is not closed", at: start) }
            if !isTriple, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                throw error("a line break in a string needs three quotes", at: position)
            }
            if byte == UInt8(ascii: "\\"), !isRaw {
                try escape(into: &output, isBytes: isBytes)
            } else {
                output.append(byte)
                position += 1
            }
        }
        return isBytes ? .bytes(output) : .string(String(decoding: output, as: UTF8.self))
    }

    private mutating func skipClosing(_ quote: UInt8, isTriple: Bool) -> Bool {
        guard peek() == quote else { return false }
        if !isTriple {
            position += 1
            return true
        }
        guard peek(1) == quote, peek(2) == quote else { return false }
        position += 3
        return true
    }

    private mutating func escape(into output: inout [UInt8], isBytes: Bool) throws(CELError) {
        let start = position
        guard let letter = peek(1) else { throw error("the string is not closed", at: start) }
        position += 2
        let code: UInt32
        switch letter {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): code = try digits(2, radix: 16, from: start)
        case UInt8(ascii: "u") where !isBytes: code = try digits(4, radix: 16, from: start)
        case UInt8(ascii: "U") where !isBytes: code = try digits(8, radix: 16, from: start)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            position -= 1
            code = try digits(3, radix: 8, from: start)
        default:
            guard let plain = letter.escaped else {
                throw error("unknown escape sequence", at: start)
            }
            code = UInt32(plain)
        }
        if isBytes {
            // Two hexadecimal or three octal digits below \400 are one octet.
            output.append(UInt8(truncatingIfNeeded: code))
        } else if let scalar = Unicode.Scalar(code) {
            output.append(contentsOf: Array(String(scalar).utf8))
        } else {
            throw error("the escape sequence is no Unicode character", at: start)
        }
    }

    private mutating func digits(
        _ count: Int, radix: UInt32, from start: Int
    ) throws(CELError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek()?.hexValue, UInt32(digit) < radix else {
                throw error("the escape sequence needs \(count) digits", at: start)
            }
            code = code * radix + UInt32(digit)
            position += 1
        }
        return code
    }
}

/// The double that decimal digits with an optional fraction and exponent stand for; infinite when
/// it is too large.
func parsedDouble(_ digits: some Collection<UInt8>) -> Double? {
    Double(String(decoding: digits, as: UTF8.self))
}

extension UInt8 {
    fileprivate var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }

    /// What a backslash before this character stands for.
    fileprivate var escaped: UInt8? {
        switch self {
        case UInt8(ascii: "a"): 0x07
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "v"): 0x0B
        case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"),
            UInt8(ascii: "`"):
            self
        default: nil
        }
    }
}
