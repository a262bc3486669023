internal import HTTP1
internal import OpenSSLCrypto

/// The check of a signature over the content.
///
/// Every live secret is computed whatever the fields say, so that the time taken tells a caller
/// neither whether the form was right nor which secret was near.
final class SignatureVerification: Verification {
    private let scheme: SignatureScheme
    private let keys: SignatureKeys
    private let head: RequestHead
    private let claims: Result<SignatureClaims, SignatureError>
    private let now: Int64
    private let toleranceMilliseconds: Int64
    private let contexts: [HMACContext?]
    /// For Ed25519, which OpenSSL gives the whole message at once.
    private var message: [UInt8] = []
    private let needsMessage: Bool
    /// Whether the signed bytes are only known when all of the content is.
    private let isDerived: Bool
    private var received = 0

    init(
        _ scheme: SignatureScheme, _ keys: SignatureKeys, _ head: RequestHead,
        atMilliseconds now: Int64, toleranceMilliseconds: Int64
    ) {
        self.scheme = scheme
        self.keys = keys
        self.head = head
        self.now = now
        self.toleranceMilliseconds = toleranceMilliseconds
        do throws(SignatureError) {
            claims = .success(try SignatureClaims(head, scheme))
        } catch {
            claims = .failure(error)
        }
        contexts = keys.takeContexts()
        needsMessage = keys.keys.contains { $0.publicKey != nil }
        isDerived =
            scheme.signsPayloadField && (head.hasFormContent || head.isMethod("GET"))
        for context in contexts { context?.begin() }
        feed(scheme.signed.before)
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        received += bytes.count
        if !isDerived { feed(bytes) }
    }

    func finish(_ content: UnsafeRawBufferPointer) throws(SignatureError) -> Verified {
        precondition(received <= content.count, "more was handed over than there is")
        update(UnsafeRawBufferPointer(rebasing: content[received...]))
        var isPayloadMissing = false
        if isDerived {
            let payload = payloadField(content)
            isPayloadMissing = payload == nil
            (payload ?? []).withUnsafeBytes { feed($0) }
        }
        feed(scheme.signed.after)
        let matched = match()
        keys.giveBack(contexts)
        let claims = try claims.get()
        if let time = claims.timestampMilliseconds,
            abs(time - now) > toleranceMilliseconds
        {
            throw .stale
        }
        guard !isPayloadMissing, scheme.allowsEmptyContent || !content.isEmpty else {
            throw .malformed
        }
        guard keys.keys.contains(where: { $0.secret.isLive(atMilliseconds: now) }) else {
            throw .noLiveSecret
        }
        guard let matched else { throw .mismatched }
        return matched
    }

    /// The signed field. A form has no other: what stood beside it would be signed by nobody. A query
    /// may have what the hook's own address has.
    private func payloadField(_ content: UnsafeRawBufferPointer) -> [UInt8]? {
        if head.isMethod("GET") { return FormFields(head.query ?? [])?.first("payload") }
        guard let form = FormFields(content), form.fields.count == 1 else { return nil }
        return form.first("payload")
    }

    private func feed(_ bytes: UnsafeRawBufferPointer) {
        for context in contexts { context?.update(bytes) }
        if needsMessage { message.append(contentsOf: bytes) }
    }

    private func feed(_ parts: [SignedText.Part]) {
        for part in parts {
            switch part {
            case .literal(let text): text.withUnsafeBytes { feed($0) }
            case .id: feed(try? claims.get().id)
            case .timestamp: feed(try? claims.get().timestamp)
            case .method: feed(Array(head.method.utf8)[...])
            case .path: feed(Array(head.path.utf8)[...])
            case .content: preconditionFailure("the content is no part around itself")
            }
        }
    }

    private func feed(_ bytes: ArraySlice<UInt8>?) { bytes?.withUnsafeBytes { feed($0) } }

    /// The first live secret that one of the claimed signatures is by.
    private func match() -> Verified? {
        let signatures = (try? claims.get().signatures) ?? []
        var matched: Verified?
        for (key, context) in zip(keys.keys, contexts) {
            let isLive = key.secret.isLive(atMilliseconds: now)
            let algorithm = scheme.versions[key.version].algorithm
            let claimed = signatures.filter {
                scheme.versions[$0.version].algorithm == algorithm
            }
            if isMatch(key, context, claimed.map(\.bytes), algorithm), isLive, matched == nil {
                matched = key.verified
            }
        }
        return matched
    }

    private func isMatch(
        _ key: SignatureKeys.Key, _ context: HMACContext?, _ claimed: [[UInt8]],
        _ algorithm: SignatureScheme.Algorithm
    ) -> Bool {
        // Compared with something in any case, for the time's sake.
        let claimed =
            claimed.isEmpty
            ? [[UInt8](repeating: 0, count: algorithm.byteCount)] : claimed
        var found = false
        if let publicKey = key.publicKey {
            for signature in claimed where publicKey.verify(signature, over: message) {
                found = true
            }
        } else if let context {
            withUnsafeTemporaryAllocation(byteCount: algorithm.byteCount, alignment: 1) { output in
                context.finish(into: output)
                for signature in claimed {
                    let isEqual = signature.withUnsafeBytes {
                        constantTimeEqual(UnsafeRawBufferPointer(output), $0)
                    }
                    if isEqual { found = true }
                }
            }
        }
        return found
    }
}
