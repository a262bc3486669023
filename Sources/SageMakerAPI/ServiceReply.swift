internal import JSON

/// The service's reply to one request, as it came from the network.
package struct ServiceReply: Sendable {
    package var status: Int
    /// Header fields; their names are compared without regard to case.
    package var fields: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, fields: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The value of the first header field of this name, or nil.
    package func field(_ name: String) -> String? {
        fields.first { isSameName($0.name, name) }?.value
    }

    /// AWS's own name for the exchange, for a support case, or nil.
    package var requestID: String? { field("x-amzn-RequestId") }

    /// The pause that the service asks for before the next request, or nil.
    ///
    /// Source: AWS SDKs' standard retry mode of 2026-11-10, `x-amz-retry-after` in milliseconds.
    package var retryAfter: Duration? {
        guard let text = field("x-amz-retry-after"), text.utf8.count <= 10,
            let milliseconds = UInt32(text)
        else { return nil }
        return .milliseconds(Int64(milliseconds))
    }
}

/// Whether two names of fields are the same but for case; they are ASCII (RFC 9110 §5.1).
private func isSameName(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return left == right || left.lowercased() == right.lowercased()
}

/// What an error reply says of itself.
///
/// The code is `__type` behind its last `#`, else `x-amzn-ErrorType` before its `:` (the order of
/// AWS's JSON protocol), else the `<Code>` of an XML error, which gateways in front of a service
/// and test services send.
package struct ServiceError: Sendable {
    /// At most ``SageMakerAPILimits/errorCodeBytesMax``.
    package let code: String?
    /// At most ``SageMakerAPILimits/errorMessageBytesMax``.
    package let message: String?
    /// Whether anything shows that the service wrote this and not something on the way to it.
    package let isFromService: Bool

    package init(_ reply: ServiceReply) {
        var code: String?
        var message: String?
        var isObject = false
        if let document = try? JSONDocument(parsing: reply.body) {
            let root = document.root
            isObject = root.kind == .object
            code = root["__type"]?.string.flatMap(codeBehindNamespace)
            message = root["message"]?.string ?? root["Message"]?.string
        }
        code = code ?? reply.field("x-amzn-ErrorType").flatMap(codeBeforeColon)
        if !isObject {
            code = code ?? xmlText("Code", in: reply.body)
            message = xmlText("Message", in: reply.body)
        }
        self.code = code.map { shortened($0, to: SageMakerAPILimits.errorCodeBytesMax) }
        self.message = message.map { shortened($0, to: SageMakerAPILimits.errorMessageBytesMax) }
        // A JSON object alone is no sign: gateways on the way write those too.
        isFromService = code != nil || reply.requestID != nil
    }
}

private func codeBehindNamespace(_ type: String) -> String? {
    codeBeforeColon(String(type.split(separator: "#").last ?? ""))
}

/// The code without the address that some services append: `Name:http://…`.
private func codeBeforeColon(_ type: String) -> String? {
    let code = type.prefix { $0 != ":" }
    return code.isEmpty ? nil : String(code)
}

/// The text of the first XML element of a name, without a parser's care for anything else: enough for
/// the replies of AWS's query protocol, which come over TLS from AWS.
/// - Returns: Nil where there is none, or an empty one, within ``SageMakerAPILimits/xmlBytesMax``.
package func xmlText(_ name: String, in body: [UInt8]) -> String? {
    let text = String(decoding: body.prefix(SageMakerAPILimits.xmlBytesMax), as: UTF8.self)
    guard let start = text.firstRange(of: "<\(name)>"),
        let end = text[start.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    var content = String(text[start.upperBound..<end.lowerBound])
    // The ampersand comes last, so that no entity appears that was not there.
    for (entity, character) in [
        ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
    ] {
        content = content.replacing(entity, with: character)
    }
    return content.isEmpty ? nil : content
}

/// The front of a text within a number of UTF-8 bytes, without a broken character at its end.
private func shortened(_ text: String, to bytesMax: Int) -> String {
    guard text.utf8.count > bytesMax else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: bytesMax)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
}
