package import HTTP1
internal import OpenSSLCrypto

/// Verifies one source's requests; made for one thread.
package final class HMACVerifier {
    private let scheme: HMACScheme
    private let keys: [(secret: SigningSecret, context: HMACContext)]

    /// - Parameter secrets: At least one; any of them that is valid is accepted.
    package init(_ scheme: HMACScheme, secrets: [SigningSecret]) {
        precondition(!secrets.isEmpty, "a source without secrets has no verifier")
        self.scheme = scheme
        keys = secrets.map { ($0, HMACContext(scheme.function, key: $0.key.bytes)) }
    }

    /// Checks the signature over the content as it came.
    ///
    /// Every live secret is computed whatever the field says, so that the time taken tells a caller
    /// neither whether the form was right nor which secret was near.
    /// - Returns: The position of the secret that matched.
    /// - Throws: ``SignatureError``.
    package func verify(
        _ head: RequestHead, content: UnsafeRawBufferPointer, atMilliseconds now: Int64
    ) throws(SignatureError) -> Int {
        let fields = head.allFields(scheme.field)
        let claimed = fields.count == 1 ? signature(fields[0]) : nil
        let expected = claimed ?? [UInt8](repeating: 0, count: scheme.function.byteCount)
        var matched: Int?
        var anyLive = false
        for (position, key) in keys.enumerated()
        where key.secret.isLive(atMilliseconds: now) {
            anyLive = true
            let computed = key.context.authenticate(content)
            if constantTimeEqual(computed, expected), matched == nil { matched = position }
        }
        guard !fields.isEmpty else { throw .missing }
        guard fields.count == 1 else { throw .repeated }
        guard claimed != nil else { throw .malformed }
        guard anyLive else { throw .noLiveSecret }
        guard let matched else { throw .mismatched }
        return matched
    }

    /// The bytes of `prefix` + hexadecimal digits, or nil for any other form.
    private func signature(_ field: ArraySlice<UInt8>) -> [UInt8]? {
        guard field.starts(with: scheme.prefix.utf8) else { return nil }
        let digits = field.dropFirst(scheme.prefix.utf8.count)
        guard digits.count == 2 * scheme.function.byteCount else { return nil }
        return hexDecoded(digits)
    }
}
