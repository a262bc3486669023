internal import COpenSSL

/// A private RSA key that signs as JOSE's `RS256` does, for those who play a sender.
package struct RSAPrivateKey: Sendable {
    private let pem: Secret
    /// Big-endian, as in a JSON Web Key's `n`.
    package let modulus: [UInt8]

    /// - Parameter pem: The key in PEM, without a passphrase.
    /// - Returns: Nil for what is no such key, or one that ``RSAPublicKey`` does not accept.
    package init?(pem: [UInt8]) {
        guard let key = Self.key(pem) else { return nil }
        defer { EVP_PKEY_free(key) }
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, "n", &number) == 1, let number else {
            ERR_clear_error()
            return nil
        }
        defer { BN_free(number) }
        let count = (Int(BN_num_bits(number)) + 7) / 8
        guard RSAPublicKey.modulusBits.contains(count * 8) else { return nil }
        modulus = [UInt8](unsafeUninitializedCapacity: count) { output, written in
            written = Int(BN_bn2bin(number, output.baseAddress))
        }
        self.pem = Secret(pem)
    }

    /// The signature of a message, as long as the modulus.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        guard let key = Self.key(pem.bytes) else { preconditionFailure("the key was read before") }
        defer { EVP_PKEY_free(key) }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var length = modulus.count
        return [UInt8](unsafeUninitializedCapacity: length) { output, count in
            let done =
                EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1
                && EVP_DigestSign(
                    context, output.baseAddress, &length, message, message.count) == 1
            precondition(done, "OpenSSL could not sign with RSA")
            count = length
        }
    }

    private static func key(_ pem: [UInt8]) -> OpaquePointer? {
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
        defer { BIO_free(bio) }
        // An empty passphrase, so that nobody is asked for one.
        var none: CChar = 0
        let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in 0 }, &none)
        if key == nil { ERR_clear_error() }
        return key
    }
}
