package import OpenSSLCrypto

/// A key pair of AWS, with the session token of temporary ones.
package struct Credentials: Sendable, Equatable {
    package let accessKeyID: String
    package let secretAccessKey: Secret
    package let sessionToken: Secret?

    /// Takes only what can be sent: visible ASCII, the key id without what separates it in the
    /// Authorization field.
    /// - Parameter source: Where the parts are from, for the error.
    /// - Throws: ``SageMakerClientError/invalidCredentials(source:part:)``.
    package init(
        accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil,
        from source: String
    ) throws(SageMakerClientError) {
        let separators = "/,= ".utf8
        guard isVisible(accessKeyID.utf8, max: SageMakerClientLimits.accessKeyIDMax),
            !accessKeyID.utf8.contains(where: separators.contains)
        else { throw .invalidCredentials(source: source, part: "access key id") }
        let secretMax = SageMakerClientLimits.secretAccessKeyBytesMax
        guard isVisible(secretAccessKey.bytes, max: secretMax) else {
            throw .invalidCredentials(source: source, part: "secret access key")
        }
        if let token = sessionToken,
            !isVisible(token.bytes, max: SageMakerClientLimits.sessionTokenBytesMax)
        {
            throw .invalidCredentials(source: source, part: "session token")
        }
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

private func isVisible(_ bytes: some Collection<UInt8>, max: Int) -> Bool {
    !bytes.isEmpty && bytes.count <= max && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
}
