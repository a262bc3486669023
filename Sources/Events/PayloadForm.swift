package import JSON
internal import Webhook

/// How a sender wraps the JSON that rules see.
package struct PayloadForm: Sendable, Equatable {
    /// The form's field, or a GET request's query's, that holds JSON; nil where there is none.
    package var formField: String?
    /// Whether it is that field which is signed and not the content: then what is called a form is
    /// read as one even if it is JSON as well, for only what was signed may be read.
    package var isFieldSigned = false
    /// Whether a form's fields are the payload themselves: an object of texts.
    package var takesFields = false
    /// Whether a GET request's query is taken as a form.
    package var takesGET = false
    /// Whether any type ending in `+json` will do, with batches among them.
    package var takesAnyJSON = false

    init(
        formField: String? = nil, takesFields: Bool = false, takesGET: Bool = false,
        takesAnyJSON: Bool = false
    ) {
        self.formField = formField
        self.takesFields = takesFields
        self.takesGET = takesGET
        self.takesAnyJSON = takesAnyJSON
    }

    /// Whether form content can hold a payload.
    package var takesForm: Bool { formField != nil || takesFields }

    /// The JSON within form content.
    /// - Throws: ``PayloadError``.
    package func json(ofForm content: UnsafeRawBufferPointer) throws(PayloadError) -> [UInt8] {
        guard let form = FormFields(content) else { throw .tooManyFields }
        return try json(of: form)
    }

    /// The JSON within a query.
    /// - Throws: ``PayloadError``.
    package func json(ofQuery query: ArraySlice<UInt8>) throws(PayloadError) -> [UInt8] {
        guard let form = FormFields(query) else { throw .tooManyFields }
        return try json(of: form)
    }

    private func json(of form: FormFields) throws(PayloadError) -> [UInt8] {
        if let formField, let payload = form.first(formField) { return payload }
        guard takesFields, !form.fields.isEmpty else { throw .noPayload(field: formField) }
        var writer = JSONWriter()
        var seen: Set<[UInt8]> = []
        writer.beginObject()
        // Of repeated names the first counts, as it does where a token is among them.
        for (name, value) in form.fields where seen.insert(name).inserted {
            writer.name(String(decoding: name, as: UTF8.self))
            writer.string(String(decoding: value, as: UTF8.self))
        }
        writer.endObject()
        return writer.bytes
    }

    /// Form content without the values that a mask covers, whether they are fields of their own or
    /// within a field's JSON.
    /// - Returns: Nil where there are none.
    package func masked(form content: UnsafeRawBufferPointer, by mask: JSONMask) -> [UInt8]? {
        guard !mask.isEmpty else { return nil }
        return FormFields.replacing(content) { name, value in
            if let formField, name.elementsEqual(formField.utf8) { return mask.masked(value) }
            return takesFields && mask.covers(name) ? Array(JSONMask.replacement.utf8) : nil
        }
    }

    /// How many bytes in front of the JSON are a byte order mark, which some of Microsoft's have.
    package static func markBytes(_ content: UnsafeRawBufferPointer) -> Int {
        content.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Whether content is JSON for all that its type may say: a form never begins so.
    package static func looksLikeJSON(_ content: UnsafeRawBufferPointer) -> Bool {
        let first = content.dropFirst(markBytes(content)).first { $0 > 0x20 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }
}

/// Why form content holds no payload.
package enum PayloadError: Error, Equatable, CustomStringConvertible {
    case tooManyFields
    /// - Parameter field: The field that should hold it.
    case noPayload(field: String?)

    package var description: String {
        switch self {
        case .tooManyFields: "the form has more than \(WebhookLimits.formFieldsMax) fields"
        case .noPayload(let field?): "the form has no field \"\(field)\""
        case .noPayload(nil): "the form is empty"
        }
    }
}
