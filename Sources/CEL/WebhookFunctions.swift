internal import JSON
internal import OpenSSLCrypto

/// Functions for what webhooks carry: JSON in strings, URLs, branch names and titles.
///
/// Those of one argument are called in either form: `parseJSON(text)` or `text.parseJSON()`.
enum WebhookFunctions {
    static let signatures = """
        parseJSON(string) -> dyn
        (string).parseJSON() -> dyn
        parseURL(string) -> map(string, dyn)
        (string).parseURL() -> map(string, dyn)
        jsonString(A) -> string
        (A).jsonString() -> string
        string bytes | sha256($) -> string
        string bytes | ($).sha256() -> string
        truncate(string, int) -> string
        (string).truncate(int) -> string
        slug(string) -> string
        (string).slug() -> string
        slug(string, int) -> string
        (string).slug(int) -> string
        """

    static let all: [Function] =
        bothForms("parseJSON", parseJSON) + bothForms("parseURL", parseURL)
        + bothForms("jsonString", jsonString) + bothForms("sha256", sha256)
        + bothForms("slug") { (text, evaluation) throws(CELError) in
            try slug(text, .int(Int64(Slug.charactersMax)), &evaluation)
        }
        + bothForms("slug", slug) + bothForms("truncate", truncate)

    private static func bothForms(
        _ name: String, _ body: @escaping Function.Unary
    ) -> [Function] {
        [.global(name, .unary(body)), .receiver(name, .unary(body))]
    }

    private static func bothForms(
        _ name: String, _ body: @escaping Function.Binary
    ) -> [Function] {
        [.global(name, .binary(body)), .receiver(name, .binary(body))]
    }

    /// The deepest nesting of JSON within a string.
    private static let depthMax = 100

    private static func parseJSON(
        _ text: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let bytes = text.withUTF8({ Array($0) }) else { throw .noOverload("parseJSON", text) }
        try evaluation.charge(newBytes: bytes.count)
        var limits = JSONLimits()
        limits.depthMax = depthMax
        do {
            return CELValue(json: try JSONDocument(parsing: bytes, limits: limits).root)
        } catch {
            throw .invalidArgument(function: "parseJSON", reason: "\(error)")
        }
    }

    private static func jsonString(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        var writer = JSONWriter()
        try value.write(to: &writer, bytesMax: evaluation.limits.stringBytesMax)
        try evaluation.charge(newBytes: writer.bytes.count)
        return .string(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Lower-case hexadecimal digits.
    private static func sha256(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        let bytes: [UInt8]?
        if case .bytes(let own) = value {
            bytes = own
        } else {
            bytes = value.withUTF8 { Array($0) }
        }
        guard let bytes else { throw .noOverload("sha256", value) }
        try evaluation.charge(bytes: bytes.count)
        var hash = SHA256Hash()
        bytes.withUnsafeBytes { hash.update($0) }
        return .string(hash.finishHex())
    }

    /// The first so many code points, which is what `size()` counts.
    private static func truncate(
        _ text: CELValue, _ count: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let own = text.stringValue, case .int(let count) = count else {
            throw .noOverload("truncate", text, count)
        }
        guard count >= 0 else {
            throw .invalidArgument(function: "truncate", reason: "\(count) is negative")
        }
        let kept = own.unicodeScalars.prefix(Int(clamping: count))
        try evaluation.charge(bytes: kept.utf8Count)
        return .string(String(kept))
    }

    private static func slug(
        _ text: CELValue, _ max: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let own = text.stringValue, case .int(let max) = max else {
            throw .noOverload("slug", text, max)
        }
        guard max >= 1 else {
            throw .invalidArgument(function: "slug", reason: "a length of \(max) leaves nothing")
        }
        try evaluation.charge(bytes: own.utf8.count)
        return .string(Slug.text(of: own, max: Int(clamping: max)))
    }

    private static func parseURL(
        _ text: CELValue, _ evaluation: inout Evaluation
    ) throws(CELError) -> CELValue {
        guard let own = text.stringValue else { throw .noOverload("parseURL", text) }
        try evaluation.charge(bytes: own.utf8.count)
        guard let url = ParsedURL(own) else {
            throw .invalidArgument(
                function: "parseURL", reason: "it is no URL such as https://example.com/path")
        }
        return url.value
    }
}

extension Substring.UnicodeScalarView {
    fileprivate var utf8Count: Int { Substring(self).utf8.count }
}

/// A text as a name: small letters, digits and single hyphens between them.
enum Slug {
    /// What a pipeline execution's display name may have (AWS API_StartPipelineExecution,
    /// PipelineExecutionDisplayName: `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}`).
    static let charactersMax = 82

    /// - Parameter max: The longest result; beyond ``charactersMax`` it is that.
    /// - Returns: At least one character; a text without letters and digits gives digits of its
    ///   hash, so that different texts stay different.
    static func text(of text: String, max: Int) -> String {
        let limit = min(max, charactersMax)
        var slug: [UInt8] = []
        var needsHyphen = false
        for byte in text.utf8 {
            guard byte.isDigit || byte.isLetter else {
                needsHyphen = !slug.isEmpty
                continue
            }
            if slug.count + (needsHyphen ? 2 : 1) > limit { break }
            if needsHyphen { slug.append(UInt8(ascii: "-")) }
            needsHyphen = false
            slug.append(byte.isDigit ? byte : byte | 0x20)
        }
        guard slug.isEmpty else { return String(decoding: slug, as: UTF8.self) }
        var hash = SHA256Hash()
        hash.update(text)
        return String(hash.finishHex().prefix(min(limit, 8)))
    }
}
