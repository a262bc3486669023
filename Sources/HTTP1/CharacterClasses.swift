// Character classes of RFC 9110 §5.6 and RFC 3986 §2 as one table of bits, so that a byte is
// classified by one load.

/// A set of byte classes.
struct ByteClass: OptionSet {
    let rawValue: UInt8

    /// tchar, RFC 9110 §5.6.2
    static let token = ByteClass(rawValue: 1)
    /// VCHAR, SP, HTAB and obs-text: what a field value may hold, RFC 9110 §5.5
    static let fieldValue = ByteClass(rawValue: 2)
    /// Visible ASCII without `#`, `"`, `<`, `>`, `\`, `^`, backtick, `{`, `|`, `}`, RFC 3986 §2
    static let target = ByteClass(rawValue: 4)
    /// unreserved, RFC 3986 §2.3
    static let unreserved = ByteClass(rawValue: 8)
    /// What a Host field may hold besides brackets: reg-name and port, RFC 3986 §3.2
    static let host = ByteClass(rawValue: 16)
    static let digit = ByteClass(rawValue: 32)
    static let hexDigit = ByteClass(rawValue: 64)

    fileprivate static let table: [UInt8] = (0...255).map { byte in
        var classes: ByteClass = []
        let scalar = Character(Unicode.Scalar(UInt8(byte)))
        let isAlphanumeric = byte < 128 && (scalar.isLetter || scalar.isNumber)
        if isAlphanumeric || "!#$%&'*+-.^_`|~".contains(scalar) { classes.insert(.token) }
        if byte == 9 || (byte >= 32 && byte != 127) { classes.insert(.fieldValue) }
        if byte > 32, byte < 127, !"#\"<>\\^`{|}".contains(scalar) { classes.insert(.target) }
        if isAlphanumeric || "-._~".contains(scalar) { classes.insert(.unreserved) }
        if isAlphanumeric || "-._~!$&'()*+,;=%:".contains(scalar) { classes.insert(.host) }
        if byte < 128, scalar.isNumber { classes.insert(.digit) }
        if byte < 128, scalar.isHexDigit { classes.insert(.hexDigit) }
        return classes.rawValue
    }
}

extension UInt8 {
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let tab: UInt8 = 0x09

    func belongs(to classes: ByteClass) -> Bool {
        ByteClass.table[Int(self)] & classes.rawValue != 0
    }

    var hexDigitValue: Int? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(self - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(self - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    var asciiLowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}

extension UnsafeRawBufferPointer {
    /// The position of the first byte in the range that is in none of the classes.
    ///
    /// The table is taken once for all of them: each use of a global asks whether it is there.
    func firstIndex(outside classes: ByteClass, in range: Range<Int>) -> Int? {
        ByteClass.table.withUnsafeBufferPointer { table in
            for position in range where table[Int(self[position])] & classes.rawValue == 0 {
                return position
            }
            return nil
        }
    }
}
