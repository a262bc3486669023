internal import OpenSSLCrypto

/// A signature but for what the content adds: made once, for all the requests of one second that
/// differ in nothing but their content.
///
/// Not Sendable: the prepared key belongs to one thread.
struct SigningForm {
    /// The fields to add but for Authorization: X-Amz-Date, and X-Amz-Security-Token where the
    /// credentials have one.
    let added: [(name: String, value: String)]
    /// The canonical request up to the content's hash.
    private let canonicalHead: String
    /// The string to sign up to the canonical request's hash.
    private let stringToSignHead: String
    /// The Authorization field up to the signature.
    private let authorizationHead: String
    private let key: HMACContext

    /// - Parameters:
    ///   - request: With its Host field, without the fields that signing adds.
    ///   - keys: Keys derived so far; the one in use is added.
    init(
        _ request: SignableRequest, credentials: Credentials, region: String, service: String,
        at time: SigningTime, keys: inout SigningKeys
    ) {
        var added = [(name: "X-Amz-Date", value: time.stamp)]
        if let token = credentials.sessionToken {
            let text = String(decoding: token.bytes, as: UTF8.self)
            added.append((name: "X-Amz-Security-Token", value: text))
        }
        var request = request
        request.fields += added
        self.added = added
        let scope = CredentialScope(date: time.date, region: region, service: service)
        // The hash is the last line of either text, so that without it they end where it belongs.
        let canonical = CanonicalRequest(request, contentHash: "")
        canonicalHead = canonical.text
        stringToSignHead = SigV4.stringToSign(hash: "", scope: scope, at: time)
        authorizationHead =
            "\(SigV4.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(canonical.signedNames), Signature="
        key = HMACContext(.sha256, key: keys.key(for: scope, of: credentials).bytes)
    }

    /// The Authorization field of the request with a content.
    /// - Parameter contentHash: The lower-case hexadecimal SHA-256 of the content.
    func authorization(contentHash: String) -> (name: String, value: String) {
        let canonicalHash = hexEncoded(sha256(canonicalHead + contentHash))
        var stringToSign = stringToSignHead + canonicalHash
        let signature = stringToSign.withUTF8 { key.authenticate(UnsafeRawBufferPointer($0)) }
        return (name: "Authorization", value: authorizationHead + hexEncoded(signature))
    }
}
