internal import OpenSSLCrypto

/// The secrets of a source, prepared for one thread's requests.
final class SignatureKeys {
    struct Key {
        let secret: SigningSecret
        /// The position in the configuration.
        let position: Int
        /// The position of the scheme's version that it signs.
        let version: Int
        /// For Ed25519.
        let publicKey: Ed25519PublicKey?
        let verified: Verified
    }

    let keys: [Key]
    private let scheme: SignatureScheme
    /// Contexts of finished requests, one a key; a request that is broken off takes its own away.
    private var idle: [[HMACContext?]] = []

    init(_ scheme: SignatureScheme, _ secrets: [SigningSecret]) {
        self.scheme = scheme
        keys = secrets.enumerated().compactMap { position, secret in
            guard let version = scheme.version(for: secret) else { return nil }
            let algorithm = scheme.versions[version].algorithm
            return Key(
                secret: secret, position: position, version: version,
                publicKey: Self.publicKey(secret),
                verified: Verified(
                    by: "\(SignatureScheme.name(algorithm)):\(position)", secret: position))
        }
    }

    private static func publicKey(_ secret: SigningSecret) -> Ed25519PublicKey? {
        switch secret.kind {
        case .symmetric, .token, .rsaPrivate: nil
        case .ed25519Public: Ed25519PublicKey(secret.key.bytes)
        case .ed25519Seed:
            Ed25519PrivateKey(seed: secret.key.bytes).flatMap { Ed25519PublicKey($0.publicKey) }
        }
    }

    /// Contexts with the keys in them: those of an earlier request, or new ones.
    func takeContexts() -> [HMACContext?] {
        idle.popLast()
            ?? keys.map { key in
                guard case .hmac(let function) = scheme.versions[key.version].algorithm else {
                    return nil
                }
                return HMACContext(function, key: key.secret.key.bytes)
            }
    }

    func giveBack(_ contexts: [HMACContext?]) {
        // As many as are ever in use at a time, which the server's connections bound.
        idle.append(contexts)
    }
}
