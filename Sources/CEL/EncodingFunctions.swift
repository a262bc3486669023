internal import OpenSSLCrypto

/// The encoders extension.
enum EncodingFunctions {
    static let all: [Function] = [
        .global(
            "base64.encode",
            .unary { (value, evaluation) throws(CELError) in
                guard case .bytes(let bytes) = value else {
                    throw .noOverload("base64.encode", value)
                }
                try evaluation.charge(newBytes: bytes.count / 3 * 4 + 4)
                return .string(base64Encoded(bytes))
            }),
        .global(
            "base64.decode",
            .unary { (value, evaluation) throws(CELError) in
                var count = 0
                let decoded = value.withUTF8 {
                    count = $0.count
                    // As cel-go and cel-cpp do.
                    return base64Decoded($0, ignoringTrailingBits: true)
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
