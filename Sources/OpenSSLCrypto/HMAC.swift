internal import COpenSSL

/// A keyed hash (RFC 2104) whose key is prepared once and used for many messages.
///
/// Not Sendable: the OpenSSL context belongs to one thread.
package final class HMACContext {
    private let context: OpaquePointer
    package let function: HashFunction

    /// - Parameter key: Any number of bytes.
    package init(_ function: HashFunction, key: [UInt8]) {
        guard let context = HMAC_CTX_new() else {
            preconditionFailure("OpenSSL could not allocate an HMAC context")
        }
        let done = key.withUnsafeBytes { bytes in
            // OpenSSL takes a null key for "the same key as before", so an empty one needs a byte
            // to point at.
            withUnsafeBytes(of: UInt8(0)) { fallback in
                HMAC_Init_ex(
                    context, bytes.baseAddress ?? fallback.baseAddress, Int32(bytes.count),
                    function.message, nil)
            }
        }
        precondition(done == 1, "OpenSSL has no \(function.rawValue)")
        self.context = context
        self.function = function
    }

    deinit { HMAC_CTX_free(context) }

    /// Begins a new message with the same key.
    package func begin() { _ = HMAC_Init_ex(context, nil, 0, nil, nil) }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        _ = HMAC_Update(context, base.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    /// Writes the code into the front of `output`, which must hold ``HashFunction/byteCount``.
    package func finish(into output: UnsafeMutableRawBufferPointer) {
        precondition(output.count >= function.byteCount, "the output is shorter than the hash")
        var length: UInt32 = 0
        _ = HMAC_Final(context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), &length)
    }

    /// The code of one whole message.
    package func authenticate(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        begin()
        update(bytes)
        return [UInt8](unsafeUninitializedCapacity: function.byteCount) { output, count in
            finish(into: UnsafeMutableRawBufferPointer(output))
            count = function.byteCount
        }
    }
}

/// The keyed hash (RFC 2104) of one message.
package func hmac(_ function: HashFunction, key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    message.withUnsafeBytes { HMACContext(function, key: key).authenticate($0) }
}

/// Compares without a timing that depends on where the bytes differ.
///
/// Different lengths are unequal; lengths are not secret.
package func constantTimeEqual(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
) -> Bool {
    guard left.count == right.count else { return false }
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return true }
    return CRYPTO_memcmp(leftBase, rightBase, left.count) == 0
}

/// Compares without a timing that depends on where the bytes differ.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { left in right.withUnsafeBytes { constantTimeEqual(left, $0) } }
}

/// Bytes from OpenSSL's random generator.
package func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { output, filled in
        // A generator that fails leaves no safe way on: every identifier would be predictable.
        precondition(RAND_bytes(output.baseAddress, Int32(count)) == 1, "no random bytes")
        filled = count
    }
}
