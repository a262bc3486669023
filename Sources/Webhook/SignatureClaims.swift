package import HTTP1
internal import OpenSSLCrypto

/// What a request's head claims about its signature; nothing of it is believed yet.
package struct SignatureClaims: Equatable {
    package struct Signature: Equatable {
        /// The position in ``SignatureScheme/versions``.
        package let version: Int
        package let bytes: [UInt8]
    }

    /// At least one.
    package let signatures: [Signature]
    /// The message id; empty without an ``SignatureScheme/idField``.
    package let id: ArraySlice<UInt8>
    /// The time as it is written; empty where none is signed.
    package let timestamp: ArraySlice<UInt8>
    /// The same since 1970-01-01T00:00:00Z.
    package let timestampMilliseconds: Int64?

    /// Reads the fields that a scheme has.
    /// - Throws: ``SignatureError``.
    package init(_ head: RequestHead, _ scheme: SignatureScheme) throws(SignatureError) {
        guard let name = scheme.fields.first(where: { head.field($0) != nil }) else {
            throw .missing
        }
        let value = try Self.only(head, name)
        switch scheme.form {
        case .single:
            guard let signature = Self.signature(value, scheme) else { throw .malformed }
            signatures = [signature]
        case .list(let separator):
            signatures = try Self.list(value, separator, scheme)
        case .timestamped:
            signatures = try Self.list(value, UInt8(ascii: ","), scheme)
        }
        if scheme.form == .timestamped {
            timestamp = try Self.stripeTime(value)
        } else if let field = scheme.timestampField {
            timestamp = try Self.only(head, field)
        } else {
            timestamp = []
        }
        if timestamp.isEmpty, !scheme.signsTime {
            timestampMilliseconds = nil
        } else {
            guard let time = Self.milliseconds(timestamp, scheme.timeUnit) else {
                throw .malformed
            }
            timestampMilliseconds = time
        }
        id = try Self.id(head, scheme)
    }

    private static func only(
        _ head: RequestHead, _ name: String
    ) throws(SignatureError) -> ArraySlice<UInt8> {
        let values = head.allFields(name)
        guard let value = values.first else { throw .missing }
        guard values.count == 1 else { throw .repeated }
        return value
    }

    private static func id(
        _ head: RequestHead, _ scheme: SignatureScheme
    ) throws(SignatureError) -> ArraySlice<UInt8> {
        guard let field = scheme.idField else { return [] }
        // A field that names the delivery without being signed need not be there.
        if !scheme.signed.usesID, head.field(field) == nil { return [] }
        let id = try only(head, field)
        guard !id.isEmpty, id.count <= WebhookLimits.idBytesMax,
            !id.contains(where: { scheme.signed.isIDAmbiguous(with: $0) })
        else { throw .malformed }
        return id
    }

    private static func list(
        _ value: ArraySlice<UInt8>, _ separator: UInt8, _ scheme: SignatureScheme
    ) throws(SignatureError) -> [Signature] {
        let entries = value.split(
            separator: separator, maxSplits: WebhookLimits.signaturesMax,
            omittingEmptySubsequences: true
        ).map { trimmed($0) }
        guard entries.count <= WebhookLimits.signaturesMax else { throw .malformed }
        // One good entry suffices, whatever is beside it: another version, or one that is no
        // signature. But two fields that a proxy has made one, with a comma, are two.
        let comma = UInt8(ascii: ",")
        let hasJoint = entries.contains { entry in
            entry.last == comma
                && !scheme.versions.contains { entry.elementsEqual($0.prefix.utf8) }
        }
        guard separator == comma || !hasJoint else { throw .malformed }
        let signatures = entries.compactMap { signature($0, scheme) }
        guard !signatures.isEmpty else { throw .malformed }
        return signatures
    }

    /// The bytes of a prefix and an encoded signature, or nil for any other form.
    private static func signature(
        _ entry: ArraySlice<UInt8>, _ scheme: SignatureScheme
    ) -> Signature? {
        for (position, version) in scheme.versions.enumerated()
        where entry.starts(with: version.prefix.utf8) {
            let encoded = entry.dropFirst(version.prefix.utf8.count)
            let count = version.algorithm.byteCount
            guard let bytes = decoded(encoded, scheme.encoding, byteCount: count),
                bytes.count == count
            else { return nil }
            return Signature(version: position, bytes: bytes)
        }
        return nil
    }

    private static func decoded(
        _ encoded: ArraySlice<UInt8>, _ encoding: SignatureScheme.Encoding, byteCount: Int
    ) -> [UInt8]? {
        // Checked first, so that a long field costs nothing.
        guard encoded.count <= 2 * byteCount else { return nil }
        switch encoding {
        case .hex: return hexDecoded(encoded)
        case .base64: return paddedBase64(encoded)
        case .base64url: return base64URLDecoded(encoded)
        case .hexOrBase64:
            return encoded.count == 2 * byteCount ? hexDecoded(encoded) : paddedBase64(encoded)
        }
    }

    /// Base64 as senders write it: without its padding it has been cut off.
    private static func paddedBase64(_ encoded: ArraySlice<UInt8>) -> [UInt8]? {
        encoded.count % 4 == 0 ? base64Decoded(encoded) : nil
    }

    /// The value of the one `t=` of Stripe's field.
    private static func stripeTime(
        _ value: ArraySlice<UInt8>
    ) throws(SignatureError) -> ArraySlice<UInt8> {
        let times = value.split(separator: UInt8(ascii: ","))
            .map { trimmed($0) }.filter { $0.starts(with: "t=".utf8) }
        guard let time = times.first else { throw .malformed }
        guard times.count == 1 else { throw .repeated }
        return time.dropFirst(2)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop { $0 == UInt8(ascii: " ") }
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return bytes
    }

    private static func milliseconds(
        _ text: ArraySlice<UInt8>, _ unit: SignatureScheme.TimeUnit
    ) -> Int64? {
        switch unit {
        case .rfc3339: return Timestamp(String(decoding: text, as: UTF8.self))?.milliseconds
        case .seconds: return number(text, digitsMax: 12).map { $0 * 1000 }
        case .milliseconds: return number(text, digitsMax: 15)
        }
    }

    /// Digits only: what other readers allow besides, such as a sign, is two spellings of one time.
    private static func number(_ text: ArraySlice<UInt8>, digitsMax: Int) -> Int64? {
        guard (1...digitsMax).contains(text.count), text.allSatisfy(\.isDigit) else { return nil }
        return text.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
}
