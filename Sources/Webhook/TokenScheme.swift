internal import HTTP1
internal import OpenSSLCrypto

/// A shared text that the request carries as it is: who knows it is the sender.
package struct TokenScheme: Sendable, Equatable {
    package enum Form: Sendable, Equatable {
        /// The whole field.
        case plain
        /// Behind one of these words and a space; words in any case (RFC 9110 §11.1).
        case after([String])
        /// Behind this text, compared byte for byte.
        case prefixed(String)
        /// `Basic` and the base64 of `user:password` (RFC 7617).
        case basic
    }

    /// The header field, lower-case.
    package var field: String
    package var form: Form
    /// The query's field that may carry the token instead.
    package var queryField: String?
    /// The field of the form, of the JSON object, or of a GET request's query that may carry the
    /// token instead.
    package var contentField: String?

    package init(
        field: String, form: Form = .plain, queryField: String? = nil, contentField: String? = nil
    ) {
        self.field = field
        self.form = form
        self.queryField = queryField
        self.contentField = contentField
    }

    var name: String { form == .basic ? "basic" : "token" }

    /// The token in the header field or the query; nil when neither has one.
    /// - Throws: ``SignatureError``.
    func token(_ head: RequestHead) throws(SignatureError) -> [UInt8]? {
        let values = head.allFields(field)
        guard values.count <= 1 else { throw .repeated }
        var token: [UInt8]?
        if let value = values.first {
            token = try read(value)
        }
        if let queryField, let query = head.query {
            guard let fields = FormFields(query) else { throw .malformed }
            let found = fields.fields.filter { $0.name.elementsEqual(queryField.utf8) }
            // RFC 6750 §2: a client uses one way of sending its token.
            guard found.count + (token == nil ? 0 : 1) <= 1 else { throw .repeated }
            token = token ?? found.first?.value
        }
        return token
    }

    private func read(_ value: ArraySlice<UInt8>) throws(SignatureError) -> [UInt8] {
        switch form {
        case .plain: return Array(value)
        case .prefixed(let prefix):
            guard value.starts(with: prefix.utf8) else { throw .malformed }
            return Array(value.dropFirst(prefix.utf8.count))
        case .after(let words):
            for word in words {
                if let rest = Self.behind(word, value) { return Array(rest) }
            }
            throw .malformed
        case .basic:
            guard let encoded = Self.behind("basic", value), encoded.count % 4 == 0,
                let pair = base64Decoded(encoded)
            else { throw .malformed }
            return pair
        }
    }

    private static func behind(_ word: String, _ value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let count = word.utf8.count
        guard value.count > count, value[value.startIndex + count] == UInt8(ascii: " "),
            String(decoding: value.prefix(count), as: UTF8.self).lowercased() == word
        else { return nil }
        return value.dropFirst(count).drop { $0 == UInt8(ascii: " ") }
    }
}

/// The check of a shared text.
final class TokenVerification: Verification {
    private let scheme: TokenScheme
    private let secrets: [(position: Int, secret: SigningSecret)]
    private let head: RequestHead
    private let claim: Result<[UInt8]?, SignatureError>
    private let now: Int64

    init(
        _ scheme: TokenScheme, _ secrets: [(position: Int, secret: SigningSecret)],
        _ head: RequestHead, atMilliseconds now: Int64
    ) {
        self.scheme = scheme
        self.secrets = secrets
        self.head = head
        self.now = now
        do throws(SignatureError) {
            claim = .success(try scheme.token(head))
        } catch {
            claim = .failure(error)
        }
    }

    func update(_ bytes: UnsafeRawBufferPointer) {}

    func finish(_ content: UnsafeRawBufferPointer) throws(SignatureError) -> Verified {
        let inHead = (try? claim.get()) ?? nil
        let inContent = isContentLooked ? contentTokens(content) : []
        let token = inHead ?? inContent.first
        let matched = match(token ?? [])
        _ = try claim.get()
        guard let token else { throw .missing }
        guard inContent.count <= 1 else { throw .repeated }
        guard !token.isEmpty else { throw .malformed }
        guard secrets.contains(where: { $0.secret.isLive(atMilliseconds: now) }) else {
            throw .noLiveSecret
        }
        guard let matched else { throw .mismatched }
        return Verified(by: "\(scheme.name):\(matched)", secret: matched)
    }

    /// A field of the head that is wrong is not made good by one of the content.
    private var isContentLooked: Bool {
        guard scheme.contentField != nil, case .success(nil) = claim else { return false }
        return true
    }

    /// Every token in the content: whoever reads it may take one or the other.
    private func contentTokens(_ content: UnsafeRawBufferPointer) -> [[UInt8]] {
        guard let name = scheme.contentField else { return [] }
        if head.isMethod("GET") { return FormFields(head.query ?? [])?.all(name) ?? [] }
        if head.hasFormContent { return FormFields(content)?.all(name) ?? [] }
        return JSONText.members(name, of: content)
    }

    private func match(_ token: [UInt8]) -> Int? {
        var matched: Int?
        for (position, secret) in secrets {
            let isEqual = constantTimeEqual(token, secret.key.bytes)
            if isEqual, secret.isLive(atMilliseconds: now), matched == nil { matched = position }
        }
        return matched
    }
}
