internal import Events
internal import HTTP1
internal import HTTPServer
internal import Webhook

extension Source {
    /// What is to be done with a request to this source whose head has arrived.
    func admit(_ head: RequestHead) -> Admission {
        if head.isMethod("OPTIONS"), !allowedOrigins.isEmpty {
            return .refuse(originAnswer(head))
        }
        if head.isMethod("GET"), sender.payload.takesGET {
            return .receive(contentBytesMax: 0)
        }
        guard head.isMethod("POST") else {
            return .refuse(.methodNotAllowed(sender.payload.takesGET ? "GET, POST" : "POST"))
        }
        let limit = contentLimit(head)
        // Limits first: the server answers a declared length above this with 413, whatever its type.
        if case .length(let length) = head.framing, length > limit {
            return .receive(contentBytesMax: limit)
        }
        guard head.hasPlainContent else {
            return .refuse(.problem(.unsupportedMediaType, "the content must not be encoded"))
        }
        if sender.payload.takesForm, head.hasFormContent {
            return .receive(contentBytesMax: limit)
        }
        if sender.payload.takesAnyJSON, head.isBinaryEvent, head.announcesNoContent {
            return .receive(contentBytesMax: 0)
        }
        guard head.isTakenForJSON else {
            let forms = sender.payload.takesForm ? " or application/x-www-form-urlencoded" : ""
            return .refuse(
                .problem(
                    .unsupportedMediaType, "the content type must be application/json" + forms))
        }
        return .receive(contentBytesMax: limit)
    }

    /// The most content of its type; of a type that is not taken, the most of any.
    private func contentLimit(_ head: RequestHead) -> Int {
        guard sender.payload.takesForm, !head.isTakenForJSON else { return contentBytesMax }
        return head.hasFormContent ? formBytesMax : max(contentBytesMax, formBytesMax)
    }

    /// The handshake of CloudEvents' web hooks, for origins that are configured only. The callback
    /// that a request may name is never called: it would let anybody send us anywhere.
    /// Source: CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery", validation.
    private func originAnswer(_ head: RequestHead) -> Response {
        let origins = head.allFields("webhook-request-origin")
        guard let origin = origins.first, origins.count == 1 else {
            return .problem(.badRequest, "expected one WebHook-Request-Origin")
        }
        let text = String(decoding: origin, as: UTF8.self)
        guard
            allowedOrigins.contains(where: { $0 == "*" || $0.lowercased() == text.lowercased() })
        else { return .problem(.forbidden, "this origin may not send here") }
        return Response(
            .ok,
            fields: [
                ("Allow", "POST"), ("WebHook-Allowed-Origin", text),
                ("WebHook-Allowed-Rate", "*"),
            ])
    }
}

extension RequestHead {
    /// Whether the content is JSON, or has no type: such content may be looked at (RFC 9110 §8.3).
    fileprivate var isTakenForJSON: Bool { hasJSONContent || field("content-type") == nil }

    /// Whether neither a type nor a length speaks of content.
    fileprivate var announcesNoContent: Bool {
        field("content-type") == nil && field("transfer-encoding") == nil
            && (field("content-length")?.allSatisfy { $0 == UInt8(ascii: "0") } ?? true)
    }

    /// Whether the content is as it is, without a content coding (RFC 9110 §8.4).
    fileprivate var hasPlainContent: Bool {
        guard field("content-encoding") != nil else { return true }
        guard let coding = onlyField("content-encoding") else { return false }
        return String(decoding: coding, as: UTF8.self).lowercased() == "identity"
    }
}

extension Response {
    static func methodNotAllowed(_ allowed: String) -> Response {
        var response = problem(.methodNotAllowed, "the method here is \(allowed)")
        response.fields.append(("Allow", allowed))
        return response
    }
}
