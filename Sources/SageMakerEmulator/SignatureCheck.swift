internal import HTTP1
internal import SageMakerAPI
internal import SageMakerClient

/// Decides who sent a request.
struct SignatureCheck {
    /// The region of requests without a signature.
    static let defaultRegion = "us-east-1"

    let keys: KeyTable
    let isOn: Bool

    /// Checks a request's signature.
    /// - Parameters:
    ///   - claim: What the request says of its signature.
    ///   - service: The service that it must be signed for.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The region that the request was signed for.
    /// - Throws: ``ServiceRefusal``, all 403 but for the region.
    func region(
        of head: RequestHead, _ content: UnsafeRawBufferPointer, claim: CredentialClaim?,
        service: String = "sagemaker", at now: Int64
    ) throws(ServiceRefusal) -> String {
        if isOn { try verify(head, content, service: service, at: now) }
        let region = claim?.region ?? Self.defaultRegion
        // It becomes a part of every ARN.
        guard region.isRegion else {
            throw .invalidSignature(reason: "Credential should be scoped to a valid region.")
        }
        return region
    }

    private func verify(
        _ head: RequestHead, _ content: UnsafeRawBufferPointer, service: String, at now: Int64
    ) throws(ServiceRefusal) {
        let query = head.query.map { String(decoding: $0, as: UTF8.self) }
        let request = SignableRequest(
            method: head.method, path: head.path, query: query ?? "", fields: head.fieldTexts)
        let signer: Credentials
        do throws(SignatureRefusal) {
            signer = try SigV4.verify(
                request, content: content, region: nil, service: service, at: now / 1000,
                credentials: { keys[$0]?.credentials })
        } catch {
            throw ServiceRefusal(error)
        }
        if let key = keys[signer.accessKeyID], key.hasExpired(at: now) { throw .expiredToken }
    }
}

extension ServiceRefusal {
    fileprivate init(_ refusal: SignatureRefusal) {
        switch refusal {
        case .missingAuthorization: self = .missingAuthentication
        case .malformedAuthorization(let expected):
            self = .incompleteSignature(
                reason: "Authorization header is malformed; expected \(expected).")
        case .missingDate:
            self = .incompleteSignature(reason: "Authorization header requires 'X-Amz-Date'.")
        case .malformedDate:
            self = .incompleteSignature(
                reason: "'X-Amz-Date' must be one date such as 20150830T123600Z.")
        case .unsignedField(let name):
            self = .invalidSignature(
                reason: "'\(quoted(name))' must be a 'SignedHeader' in the Authorization header.")
        case .wrongScope(let expected):
            self = .invalidSignature(
                reason: "Credential should be scoped to \(quoted(expected)).")
        case .expired(let age):
            self = .invalidSignature(
                reason: "Signature expired: the request is \(age) s old, "
                    + "more than \(SageMakerClientLimits.clockWindow) s.")
        case .notYetCurrent(let ahead):
            self = .invalidSignature(
                reason: "Signature not yet current: the request is \(ahead) s ahead, "
                    + "more than \(SageMakerClientLimits.clockWindow) s.")
        case .unknownKey, .wrongSessionToken: self = .unrecognizedClient
        case .badSignature:
            self = .invalidSignature(
                reason: "The request signature we calculated does not match the signature you "
                    + "provided. Check your AWS Secret Access Key and signing method.")
        }
    }
}

/// What a request says of its signature, before anything of it is checked.
struct CredentialClaim {
    let accessKeyID: String
    let region: String

    /// - Parameter authorization: The Authorization field, of which the first credential counts.
    init?(_ authorization: ArraySlice<UInt8>) {
        let separators = Array(", ".utf8)
        let marker = Array("Credential=".utf8)
        let parts = authorization.split(whereSeparator: separators.contains)
        guard let credential = parts.first(where: { $0.starts(with: marker) }) else { return nil }
        let steps = credential.dropFirst(marker.count)
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard steps.count == 5 else { return nil }
        accessKeyID = String(decoding: steps[0], as: UTF8.self)
        region = String(decoding: steps[2], as: UTF8.self)
    }
}

extension String {
    /// One label of a host name in lower case, as every region is.
    fileprivate var isRegion: Bool {
        (1...SageMakerAPILimits.regionMax).contains(utf8.count)
            && utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
    }
}

/// A foreign text as an error message may repeat it.
func quoted(_ text: String) -> String {
    let limit = EmulatorLimits.quotedMax
    return text.unicodeScalars.count > limit
        ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) + "…" : text
}
