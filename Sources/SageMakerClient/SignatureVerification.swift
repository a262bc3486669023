internal import OpenSSLCrypto

/// Why a signed request is not accepted.
///
/// An enum of its own beside ``SageMakerClientError``: here a peer is at fault, there our operator.
package enum SignatureRefusal: Error, Equatable {
    case missingAuthorization
    case malformedAuthorization(expected: String)
    case missingDate
    case malformedDate
    /// A field that must be signed is not; the name is in lower case.
    case unsignedField(name: String)
    case wrongScope(expected: String)
    /// The request is older than the window, by its date.
    case expired(age: Int64)
    /// The request's date is further ahead than the window.
    case notYetCurrent(ahead: Int64)
    case unknownKey
    case wrongSessionToken
    case badSignature
}

extension SigV4 {
    /// Checks a received request's signature, as the service does.
    /// - Parameters:
    ///   - request: With all the header fields that were received.
    ///   - region: The region the service is in, or nil to accept any.
    ///   - now: Seconds since 1970.
    ///   - credentials: The credentials of an access key id, or nil for one that is unknown.
    /// - Returns: The credentials that signed.
    /// - Throws: ``SignatureRefusal``.
    package static func verify(
        _ request: SignableRequest, content: UnsafeRawBufferPointer, region: String?,
        service: String, at now: Int64, credentials: (String) -> Credentials?
    ) throws(SignatureRefusal) -> Credentials {
        let authorization = try Authorization(request)
        let time = try signingTime(request)
        try check(authorization.scope, date: time.date, region: region, service: service)
        try checkSignedNames(authorization.signedNames, of: request)
        let age = now - time.epochSeconds
        if age > SageMakerClientLimits.clockWindow { throw .expired(age: age) }
        if age < -SageMakerClientLimits.clockWindow { throw .notYetCurrent(ahead: -age) }
        guard let known = credentials(authorization.accessKeyID) else { throw .unknownKey }
        let token = request.onlyValue(of: "x-amz-security-token").map(Secret.init(_:))
        guard token == known.sessionToken else { throw .wrongSessionToken }

        var signed = request
        signed.fields = request.fields.filter {
            authorization.signedNames.contains($0.name.lowercased())
        }
        let canonical = CanonicalRequest(signed, contentHash: hexEncoded(sha256(content)))
        let expected = signature(
            of: stringToSign(canonical, scope: authorization.scope, at: time),
            key: signingKey(known.secretAccessKey, scope: authorization.scope))
        guard constantTimeEqual(expected, authorization.signature) else { throw .badSignature }
        return known
    }

    private static func signingTime(
        _ request: SignableRequest
    ) throws(SignatureRefusal) -> SigningTime {
        let values = request.values(of: "x-amz-date")
        guard let stamp = values.first else { throw .missingDate }
        guard values.count == 1, let time = SigningTime(stamp) else { throw .malformedDate }
        return time
    }

    private static func check(
        _ scope: CredentialScope, date: String, region: String?, service: String
    ) throws(SignatureRefusal) {
        let expected = CredentialScope(
            date: date, region: region ?? scope.region, service: service)
        guard scope == expected else { throw .wrongScope(expected: expected.description) }
    }

    /// Host and every X-Amz field must be signed: they decide what the request does and where.
    private static func checkSignedNames(
        _ names: [String], of request: SignableRequest
    ) throws(SignatureRefusal) {
        guard names.contains("host") else { throw .unsignedField(name: "host") }
        for (name, _) in request.fields {
            let name = name.lowercased()
            if name.hasPrefix("x-amz-"), !names.contains(name) {
                throw .unsignedField(name: name)
            }
        }
        for name in names where request.values(of: name).isEmpty {
            throw .malformedAuthorization(expected: "SignedHeaders that the request has")
        }
    }
}

/// The parts of an Authorization field.
private struct Authorization {
    let accessKeyID: String
    let scope: CredentialScope
    let signedNames: [String]
    let signature: [UInt8]

    init(_ request: SignableRequest) throws(SignatureRefusal) {
        let values = request.values(of: "authorization")
        guard let value = values.first else { throw .missingAuthorization }
        guard values.count == 1 else { throw .malformedAuthorization(expected: "one field") }
        guard value.utf8.count <= SageMakerClientLimits.authorizationBytesMax else {
            let limit = SageMakerClientLimits.authorizationBytesMax
            throw .malformedAuthorization(expected: "at most \(limit) bytes")
        }
        guard value.hasPrefix("\(SigV4.algorithm) ") else {
            throw .malformedAuthorization(expected: SigV4.algorithm)
        }
        let parts = try Self.parts(value.dropFirst(SigV4.algorithm.count + 1))
        let credential = (parts["Credential"] ?? "")
            .split(separator: "/", omittingEmptySubsequences: false)
        guard credential.count == 5, !credential[0].isEmpty,
            credential[4] == CredentialScope.terminator
        else {
            throw .malformedAuthorization(
                expected: "Credential=KEY/DATE/REGION/SERVICE/\(CredentialScope.terminator)")
        }
        accessKeyID = String(credential[0])
        scope = CredentialScope(
            date: String(credential[1]), region: String(credential[2]),
            service: String(credential[3]))
        signedNames = (parts["SignedHeaders"] ?? "").split(separator: ";").map(String.init)
        guard signedNames.joined(separator: ";") == parts["SignedHeaders"] ?? "",
            zip(signedNames, signedNames.dropFirst()).allSatisfy({ $0 < $1 }),
            signedNames.allSatisfy({ $0 == $0.lowercased() })
        else {
            throw .malformedAuthorization(expected: "SignedHeaders in lower case, sorted, once")
        }
        guard let signature = hexDecoded((parts["Signature"] ?? "").utf8), signature.count == 32
        else { throw .malformedAuthorization(expected: "Signature of 64 hexadecimal digits") }
        self.signature = signature
    }

    /// `Credential=…, SignedHeaders=…, Signature=…`, in any order, each once.
    private static func parts(_ text: Substring) throws(SignatureRefusal) -> [String: String] {
        var parts: [String: String] = [:]
        for part in text.split(separator: ",") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = halves[0].drop { $0 == " " }
            guard halves.count == 2,
                parts.updateValue(String(halves[1]), forKey: String(name)) == nil
            else { throw .malformedAuthorization(expected: "NAME=VALUE parts, each once") }
        }
        guard parts.count == 3 else {
            throw .malformedAuthorization(expected: "Credential, SignedHeaders and Signature")
        }
        return parts
    }
}

extension SignableRequest {
    /// The values of all the fields of a name in lower case.
    fileprivate func values(of name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name }.map(\.value)
    }

    fileprivate func onlyValue(of name: String) -> String? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }
}
