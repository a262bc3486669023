package import OpenSSLCrypto

/// AWS Signature Version 4 in the Authorization field.
///
/// Source: "Create a signed AWS API request", IAM user guide.
package enum SigV4 {
    /// The algorithm, as the Authorization field and the string to sign name it.
    package static let algorithm = "AWS4-HMAC-SHA256"

    /// Signs a request.
    ///
    /// All the fields of `request` are signed, and so are the date and the session token.
    /// - Parameters:
    ///   - request: With its Host field, without the fields that signing adds.
    ///   - contentHash: The lower-case hexadecimal SHA-256 of the content.
    ///   - keys: Keys derived so far; the one in use is added.
    /// - Returns: The fields to add: X-Amz-Date, X-Amz-Security-Token where the credentials have
    ///   one, Authorization.
    package static func sign(
        _ request: SignableRequest, contentHash: String, credentials: Credentials, region: String,
        service: String, at time: SigningTime, keys: inout SigningKeys
    ) -> [(name: String, value: String)] {
        let form = SigningForm(
            request, credentials: credentials, region: region, service: service, at: time,
            keys: &keys)
        return form.added + [form.authorization(contentHash: contentHash)]
    }

    /// What the signing key authenticates: the algorithm, the time, the scope and the canonical
    /// request's hash.
    package static func stringToSign(
        _ canonical: CanonicalRequest, scope: CredentialScope, at time: SigningTime
    ) -> String {
        stringToSign(hash: hexEncoded(sha256(canonical.text)), scope: scope, at: time)
    }

    /// - Parameter hash: The canonical request's, in lower-case hexadecimal digits.
    static func stringToSign(hash: String, scope: CredentialScope, at time: SigningTime) -> String {
        "\(algorithm)\n\(time.stamp)\n\(scope)\n\(hash)"
    }

    /// The key for one day, region and service: 32 bytes.
    package static func signingKey(_ secret: Secret, scope: CredentialScope) -> Secret {
        var key = Array("AWS4".utf8) + secret.bytes
        for part in [scope.date, scope.region, scope.service, CredentialScope.terminator] {
            key = hmac(.sha256, key: key, Array(part.utf8))
        }
        return Secret(key)
    }

    /// The signature itself: 32 bytes, sent as hexadecimal digits.
    package static func signature(of stringToSign: String, key: Secret) -> [UInt8] {
        hmac(.sha256, key: key.bytes, Array(stringToSign.utf8))
    }
}

/// What a signature is good for: `20150830/us-east-1/service/aws4_request`.
package struct CredentialScope: Sendable, Hashable, CustomStringConvertible {
    /// The last part of every scope.
    package static let terminator = "aws4_request"

    /// Year, month and day, in UTC: `20150830`.
    package let date: String
    package let region: String
    /// The service's signing name.
    package let service: String

    package init(date: String, region: String, service: String) {
        self.date = date
        self.region = region
        self.service = service
    }

    package var description: String { "\(date)/\(region)/\(service)/\(Self.terminator)" }
}

/// Signing keys that were derived already: four HMACs less for each signature of a day.
package struct SigningKeys: Sendable {
    private var owner: Secret?
    private var keys: [CredentialScope: Secret] = [:]

    package init() {}

    /// How many keys are kept, at most ``SageMakerClientLimits/signingKeysMax``.
    package var count: Int { keys.count }

    /// The key for a scope, derived unless it is known.
    package mutating func key(for scope: CredentialScope, of credentials: Credentials) -> Secret {
        if owner != credentials.secretAccessKey {
            owner = credentials.secretAccessKey
            keys = [:]
        }
        if let known = keys[scope] { return known }
        // Yesterday's keys are of no more use.
        if keys.count >= SageMakerClientLimits.signingKeysMax { keys = [:] }
        let key = SigV4.signingKey(credentials.secretAccessKey, scope: scope)
        keys[scope] = key
        return key
    }
}
