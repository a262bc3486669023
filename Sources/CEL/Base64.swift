/// Base64 (RFC 4648 §4).
enum Base64 {
    private static let alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// With padding.
    static func encoded(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output in
            var written = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                var bits: UInt32 = 0
                for offset in 0..<3 {
                    bits = bits << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0)
                }
                for sextet in 0..<4 {
                    let index = Int(bits >> (18 - 6 * UInt32(sextet))) & 0x3F
                    output[written] =
                        sextet <= count ? alphabet.utf8Start[index] : UInt8(ascii: "=")
                    written += 1
                }
            }
            return written
        }
    }

    /// The bytes, or nil for anything else; padding may be missing altogether.
    static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var count = text.count
        if count % 4 == 0 {
            for _ in 0..<2 where count > 0 && text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        }
        guard count % 4 != 1 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for position in 0..<count {
            guard let sextet = text[position].sextet else { return nil }
            bits = bits << 6 | sextet
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> bitCount))
                bits &= (1 << bitCount) - 1
            }
        }
        return bits == 0 ? output : nil
    }
}

extension UInt8 {
    /// What a character of base64 stands for.
    fileprivate var sextet: UInt32? {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(self - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(self - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

/// The encoders extension.
enum EncodingFunctions {
    static let all: [Function] = [
        .global(
            "base64.encode", gives: .string,
            .unary { (value, evaluation) throws(CELError) in
                guard case .bytes(let bytes) = value else {
                    throw .noOverload("base64.encode", value)
                }
                try evaluation.charge(newBytes: bytes.count / 3 * 4 + 4)
                return .string(Base64.encoded(bytes))
            }),
        .global(
            "base64.decode", gives: .bytes,
            .unary { (value, evaluation) throws(CELError) in
                var count = 0
                let decoded = value.withUTF8 {
                    count = $0.count
                    return Base64.decoded($0)
                }
                try evaluation.charge(bytes: count)
                guard let decoded else { throw .noOverload("base64.decode", value) }
                guard let bytes = decoded else {
                    throw .invalidArgument(function: "base64.decode", reason: "not base64")
                }
                return .bytes(bytes)
            }),
    ]
}
