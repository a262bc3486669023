internal import Events
internal import HTTP1
internal import HTTPServer
internal import JSON
internal import Webhook

/// Why a verified request's payload could not be read.
enum PayloadFault: Error {
    case form(PayloadError)
    case json(JSONError)

    var description: String {
        switch self {
        case .form(let error): error.description
        case .json(let error): error.description
        }
    }
}

/// The payload of a verified request.
struct Payload {
    let document: JSONDocument
    /// The JSON where it is not the content itself.
    let unwrapped: [UInt8]?
}

/// Reads payloads in whatever form their sender wraps them; for one thread.
struct PayloadReader {
    private var parser = JSONParser()

    /// - Throws: ``PayloadFault``.
    mutating func read(
        _ request: Request, from sender: Sender
    ) throws(PayloadFault) -> Payload {
        if request.head.isMethod("GET") {
            return try unwrap(request) { () throws(PayloadError) in
                try sender.payload.json(ofQuery: request.head.query ?? [])
            }
        }
        let content = request.content
        if sender.payload.takesForm, request.head.hasFormContent,
            !PayloadForm.looksLikeJSON(content)
        {
            return try unwrap(request) { () throws(PayloadError) in
                try sender.payload.json(ofForm: content)
            }
        }
        let mark = PayloadForm.markBytes(content)
        do throws(JSONError) {
            let json = UnsafeRawBufferPointer(rebasing: content[mark...])
            return Payload(document: try parser.parse(padded: json), unwrapped: nil)
        } catch {
            throw .json(error)
        }
    }

    private func unwrap(
        _ request: Request, _ json: () throws(PayloadError) -> [UInt8]
    ) throws(PayloadFault) -> Payload {
        let text: [UInt8]
        do throws(PayloadError) {
            text = try json()
        } catch {
            throw .form(error)
        }
        do throws(JSONError) {
            return Payload(document: try JSONDocument(parsing: text), unwrapped: text)
        } catch {
            throw .json(error)
        }
    }
}
