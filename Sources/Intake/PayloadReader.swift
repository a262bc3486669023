internal import Events
internal import HTTP1
internal import HTTPServer
internal import JSON
internal import Webhook

/// Why a verified request's payload could not be read.
enum PayloadFault: Error {
    case form(PayloadError)
    case json(JSONError)
    case noBatch

    var description: String {
        switch self {
        case .form(let error): error.description
        case .json(let error): error.description
        case .noBatch: "a batch of CloudEvents is an array"
        }
    }
}

/// The payload of a verified request, for everybody without the sender's tokens.
struct Payload {
    let document: JSONDocument
    /// What a GET request's query carries, which is its content then: as it came.
    var ofQuery: [UInt8]?
    /// The content without its tokens, where it had any.
    var masked: [UInt8]?
    /// Where the chat takes a later message.
    let handle: ChatHandle?
}

/// Reads payloads in whatever form their sender wraps them; for one thread.
struct PayloadReader {
    private var parser = JSONParser()

    /// - Throws: ``PayloadFault``.
    mutating func read(
        _ request: Request, from sender: Sender
    ) throws(PayloadFault) -> Payload {
        if request.head.isMethod("GET") {
            let json = try unwrap { () throws(PayloadError) in
                try sender.payload.json(ofQuery: request.head.query ?? [])
            }
            return try payload(json, of: sender, ofQuery: json)
        }
        let content = request.content
        if sender.payload.takesForm, request.head.hasFormContent,
            sender.payload.isFieldSigned || !PayloadForm.looksLikeJSON(content)
        {
            let json = try unwrap { () throws(PayloadError) in
                try sender.payload.json(ofForm: content)
            }
            let masked = sender.payload.masked(form: content, by: sender.mask)
            return try payload(json, of: sender, masked: masked)
        }
        if content.isEmpty, sender.payload.takesAnyJSON, request.head.isBinaryEvent {
            // CloudEvents §3: an event may have no data. Kept is what rules see of it.
            let null = Array("null".utf8)
            return Payload(document: try parse(null), masked: null, handle: nil)
        }
        let mark = PayloadForm.markBytes(content)
        let json = UnsafeRawBufferPointer(rebasing: content[mark...])
        let document: JSONDocument
        do throws(JSONError) {
            document = try parser.parse(padded: json)
        } catch {
            throw .json(error)
        }
        if sender.payload.takesAnyJSON, document.root.kind != .array, request.head.isEventBatch {
            throw .noBatch
        }
        guard !sender.mask.isEmpty, sender.mask.concerns(document.root),
            let masked = sender.mask.masked(json)
        else { return Payload(document: document, handle: nil) }
        return Payload(
            document: try parse(masked), masked: content[..<mark] + masked,
            handle: ChatHandle(sender.reply, document.root))
    }

    /// The payload that a text within a form or a query is.
    private func payload(
        _ json: [UInt8], of sender: Sender, ofQuery query: [UInt8]? = nil, masked: [UInt8]? = nil
    ) throws(PayloadFault) -> Payload {
        let document = try parse(json)
        guard sender.mask.concerns(document.root), let text = sender.mask.masked(json) else {
            return Payload(document: document, ofQuery: query, masked: masked, handle: nil)
        }
        return Payload(
            document: try parse(text), ofQuery: query, masked: query == nil ? masked : text,
            handle: ChatHandle(sender.reply, document.root))
    }

    private func parse(_ json: [UInt8]) throws(PayloadFault) -> JSONDocument {
        do throws(JSONError) {
            return try JSONDocument(parsing: json)
        } catch {
            throw .json(error)
        }
    }

    private func unwrap(
        _ json: () throws(PayloadError) -> [UInt8]
    ) throws(PayloadFault) -> [UInt8] {
        do throws(PayloadError) {
            return try json()
        } catch {
            throw .form(error)
        }
    }
}

extension RequestHead {
    /// Whether it is a CloudEvent whose attributes are fields (HTTP binding §3.1).
    var isBinaryEvent: Bool {
        guard field("ce-specversion") != nil else { return false }
        guard let type = field("content-type") else { return true }
        return !String(decoding: type, as: UTF8.self).lowercased()
            .hasPrefix("application/cloudevents")
    }

    /// Whether the content is to be several CloudEvents (HTTP binding §3.3).
    fileprivate var isEventBatch: Bool {
        guard let type = field("content-type") else { return false }
        return String(decoding: type, as: UTF8.self).lowercased()
            .hasPrefix("application/cloudevents-batch")
    }
}
