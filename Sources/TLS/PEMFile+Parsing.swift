import COpenSSL

extension PEMFile {
    /// All certificates, in the file's order; other blocks are passed over.
    func certificates(limit: Int) throws(TLSError) -> [Certificate] {
        let source = try PEMSource(self, expected: "CERTIFICATE")
        var certificates: [Certificate] = []
        while let handle = PEM_read_bio_X509(source.bio, nil, refusePassphrase, nil) {
            certificates.append(Certificate(owning: handle))
            guard certificates.count <= limit else {
                throw .tooManyCertificates(path: path, limit: limit)
            }
        }
        // The end of the file is an error too, and only without a certificate is it ours.
        let failure = OpenSSLFailure.takeLast()
        guard failure.isError(PEM_R_NO_START_LINE, of: ERR_LIB_PEM) else {
            throw .pemInvalid(
                path: path, position: certificates.count + 1, reason: failure.reason)
        }
        guard !certificates.isEmpty else { throw .notPEM(path: path, expected: "CERTIFICATE") }
        return certificates
    }

    /// The first private key.
    func privateKey() throws(TLSError) -> PrivateKey {
        let source = try PEMSource(self, expected: "PRIVATE KEY")
        var askedForPassphrase = false
        let handle = withUnsafeMutablePointer(to: &askedForPassphrase) {
            PEM_read_bio_PrivateKey(source.bio, nil, refusePassphrase, $0)
        }
        let failure = OpenSSLFailure.takeLast()
        if let handle { return PrivateKey(owning: handle) }
        if askedForPassphrase { throw .keyEncrypted(path: path) }
        // OpenSSL says "unsupported" to a broken key as to none at all.
        guard !bytes.contains("PRIVATE KEY-----".utf8) else {
            throw .pemInvalid(path: path, position: 1, reason: failure.reason)
        }
        throw .notPEM(path: path, expected: "PRIVATE KEY")
    }
}

/// Never gives a passphrase (OpenSSL would ask at the terminal), and notes that one was asked for.
private func refusePassphrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _ asked: UnsafeMutableRawPointer?
) -> Int32 {
    asked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}

/// A BIO that reads a file's bytes in place.
private struct PEMSource: ~Copyable {
    let bio: OpaquePointer
    private let bytes: UnsafeMutableRawBufferPointer

    init(_ file: PEMFile, expected: String) throws(TLSError) {
        ERR_clear_error()
        guard !file.bytes.isEmpty else { throw .notPEM(path: file.path, expected: expected) }
        bytes = .allocate(byteCount: file.bytes.count, alignment: 1)
        bytes.copyBytes(from: file.bytes)
        guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
            preconditionFailure("OpenSSL could not allocate a BIO")
        }
        self.bio = bio
    }

    deinit {
        BIO_free(bio)
        // They may be a private key.
        OPENSSL_cleanse(bytes.baseAddress, bytes.count)
        bytes.deallocate()
    }
}
