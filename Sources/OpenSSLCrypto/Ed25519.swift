internal import COpenSSL

/// The public half of an Ed25519 key (RFC 8032).
///
/// Not Sendable: the OpenSSL key belongs to one thread.
package final class Ed25519PublicKey {
    /// Of a public key, and of the seed that is a private one.
    package static let keyBytes = 32
    package static let signatureBytes = 64

    private let key: OpaquePointer

    /// - Parameter bytes: 32 bytes; nil for any other number.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.keyBytes,
            let key = EVP_PKEY_new_raw_public_key(
                EVP_PKEY_ED25519, nil, bytes, bytes.count)
        else { return nil }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether a signature is this key's over a message. Any other length than 64 is not.
    package func verify(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        guard signature.count == Self.signatureBytes, let context = EVP_MD_CTX_new() else {
            return false
        }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
        let result = EVP_DigestVerify(
            context, signature, signature.count, message, message.count)
        // What does not verify leaves an entry in the thread's queue of errors.
        if result != 1 { ERR_clear_error() }
        return result == 1
    }
}

/// An Ed25519 private key: its 32 byte seed (RFC 8032 §5.1.5).
package struct Ed25519PrivateKey: Sendable {
    private let seed: Secret

    /// - Parameter seed: 32 bytes; nil for any other number.
    package init?(seed: [UInt8]) {
        guard seed.count == Ed25519PublicKey.keyBytes else { return nil }
        self.seed = Secret(seed)
    }

    /// The 32 bytes of the public half.
    package var publicKey: [UInt8] {
        withKey { key in
            var length = Ed25519PublicKey.keyBytes
            return [UInt8](unsafeUninitializedCapacity: length) { output, count in
                _ = EVP_PKEY_get_raw_public_key(key, output.baseAddress, &length)
                count = length
            }
        }
    }

    /// The 64 bytes of the signature.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        withKey { key in
            let context = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(context) }
            var length = Ed25519PublicKey.signatureBytes
            return [UInt8](unsafeUninitializedCapacity: length) { output, count in
                let done =
                    EVP_DigestSignInit(context, nil, nil, nil, key) == 1
                    && EVP_DigestSign(
                        context, output.baseAddress, &length, message, message.count) == 1
                precondition(done, "OpenSSL could not sign with Ed25519")
                count = length
            }
        }
    }

    private func withKey<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        guard
            let key = EVP_PKEY_new_raw_private_key(
                EVP_PKEY_ED25519, nil, seed.bytes, seed.bytes.count)
        else { preconditionFailure("OpenSSL has no Ed25519") }
        defer { EVP_PKEY_free(key) }
        return body(key)
    }
}
