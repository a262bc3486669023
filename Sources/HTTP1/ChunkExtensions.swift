/// The grammar of chunk-ext (RFC 9112 §7.1.1), none of which means anything to us:
/// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`.
enum ChunkExtensions {
    /// - Parameter bytes: What stands behind a chunk's size, without the line's end.
    static func isValid(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            skipBlanks(&rest)
            guard rest.popFirst() == UInt8(ascii: ";") else { return false }
            skipBlanks(&rest)
            guard skipToken(&rest) else { return false }
            let behindName = rest
            skipBlanks(&rest)
            guard rest.first == UInt8(ascii: "=") else {
                // Blanks belong to the next extension, and there is none behind the last.
                rest = behindName
                continue
            }
            rest.removeFirst()
            skipBlanks(&rest)
            guard skipToken(&rest) || skipQuotedString(&rest) else { return false }
        }
        return true
    }

    private static func skipBlanks(_ rest: inout Slice<UnsafeRawBufferPointer>) {
        rest = rest.drop { $0 == .space || $0 == .tab }
    }

    private static func skipToken(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        let behind = rest.drop { $0.belongs(to: .token) }
        defer { rest = behind }
        return behind.startIndex > rest.startIndex
    }

    /// RFC 9110 §5.6.4.
    private static func skipQuotedString(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        guard rest.popFirst() == UInt8(ascii: "\"") else { return false }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"):
                guard rest.popFirst()?.belongs(to: .fieldValue) == true else { return false }
            default: guard byte.belongs(to: .fieldValue) else { return false }
            }
        }
        return false
    }
}
