internal import COpenSSL

/// The public half of an RSA key, for RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017; JOSE's `RS256`).
///
/// Not Sendable: the OpenSSL key belongs to one thread.
package final class RSAPublicKey {
    /// Lengths of the modulus that are accepted: RFC 7518 §3.3 asks for 2,048 bits or more.
    package static let modulusBits = 2048...8192

    private let key: OpaquePointer

    /// - Parameters:
    ///   - modulus: Big-endian, as in a JSON Web Key's `n`.
    ///   - exponent: Big-endian, as in a JSON Web Key's `e`; at most eight bytes.
    /// - Returns: Nil for a modulus of another length, or for what OpenSSL does not take as a key.
    package init?(modulus: [UInt8], exponent: [UInt8]) {
        let modulus = Array(modulus.drop { $0 == 0 })
        let exponent = Array(exponent.drop { $0 == 0 })
        guard Self.modulusBits.contains(modulus.count * 8), (1...8).contains(exponent.count),
            let key = Self.key(Self.subjectPublicKeyInfo(modulus, exponent))
        else { return nil }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether a signature is this key's over a message.
    package func verify(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
        let result = EVP_DigestVerify(
            context, signature, signature.count, message, message.count)
        if result != 1 { ERR_clear_error() }
        return result == 1
    }

    private static func key(_ encoded: [UInt8]) -> OpaquePointer? {
        encoded.withUnsafeBufferPointer { buffer in
            var bytes = buffer.baseAddress
            let key = d2i_PUBKEY(nil, &bytes, buffer.count)
            if key == nil { ERR_clear_error() }
            return key
        }
    }

    /// The key in DER (RFC 5280 §4.1, RFC 3279 §2.3.1): what OpenSSL reads without its parameter
    /// builders, which are macros.
    private static func subjectPublicKeyInfo(_ modulus: [UInt8], _ exponent: [UInt8]) -> [UInt8] {
        let sequence: UInt8 = 0x30
        let integers = element(0x02, unsigned(modulus)) + element(0x02, unsigned(exponent))
        // rsaEncryption, 1.2.840.113549.1.1.1, with NULL parameters.
        let algorithm = element(
            sequence,
            [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00])
        // A BIT STRING begins with the number of its unused bits.
        return element(sequence, algorithm + element(0x03, [0] + element(sequence, integers)))
    }

    /// An INTEGER is signed: a leading zero keeps a set top bit from making it negative.
    private static func unsigned(_ bytes: [UInt8]) -> [UInt8] {
        bytes.first.map { $0 >= 0x80 } == true ? [0] + bytes : bytes
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length = content.count
        guard length >= 0x80 else { return [tag, UInt8(length)] + content }
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
            .drop { $0 == 0 }
        return [tag, 0x80 | UInt8(bytes.count)] + bytes + content
    }
}
