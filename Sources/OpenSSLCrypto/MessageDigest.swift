internal import COpenSSL

/// The hash of an array of bytes.
///
/// SHA-1 is for what others name by it, such as AWS's token cache; it protects nothing.
package func digest(_ function: HashFunction, _ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: function.byteCount) { output, count in
        var length: UInt32 = 0
        let done = EVP_Digest(
            bytes, bytes.count, output.baseAddress, &length, function.message, nil)
        precondition(done == 1, "OpenSSL has no \(function.rawValue)")
        count = Int(length)
    }
}
