internal import COpenSSL

/// A hash function of FIPS 180-4, named as OpenSSL names it.
package enum HashFunction: String, Sendable, CaseIterable {
    case sha1, sha256, sha512

    /// The length of its output in bytes.
    package var byteCount: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    var message: OpaquePointer? {
        switch self {
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        case .sha512: EVP_sha512()
        }
    }
}

/// The SHA-256 of a run of bytes: 32 bytes.
package func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
        var hash = SHA256Hash()
        hash.update(bytes)
        hash.finish(into: UnsafeMutableRawBufferPointer(output))
        count = 32
    }
}

/// The SHA-256 of an array of bytes: 32 bytes.
package func sha256(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { sha256($0) } }

/// The SHA-256 of the UTF-8 bytes of a text: 32 bytes.
package func sha256(_ text: String) -> [UInt8] {
    var text = text
    return text.withUTF8 { sha256(UnsafeRawBufferPointer($0)) }
}

/// SHA-256 over bytes that arrive in pieces.
package struct SHA256Hash: ~Copyable {
    private var context = SHA256_CTX()

    package init() { _ = hl_sha256_init(&context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        _ = hl_sha256_update(&context, base, bytes.count)
    }

    package mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    package mutating func update(_ byte: UInt8) {
        withUnsafeBytes(of: byte) { update($0) }
    }

    /// Writes the 32 bytes of the hash. The value is spent afterwards.
    package mutating func finish(into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= 32, "a SHA-256 has 32 bytes")
        _ = hl_sha256_final(output.baseAddress, &context)
    }

    /// The 32 bytes of the hash as 64 lower-case hexadecimal digits. The value is spent afterwards.
    package mutating func finishHex() -> String {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { output in
            finish(into: output)
            return hexEncoded(UnsafeRawBufferPointer(output))
        }
    }
}
