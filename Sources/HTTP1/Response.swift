/// A response before it is written: status, fields and the whole content.
///
/// `Date`, `Content-Length` and `Connection` are written by ``ResponseWriter`` and never given here.
package struct Response: Sendable {
    package var status: HTTPStatus
    package var fields: [(name: String, value: String)]
    package var content: [UInt8]

    package init(
        _ status: HTTPStatus, fields: [(name: String, value: String)] = [], content: [UInt8] = []
    ) {
        self.status = status
        self.fields = fields
        self.content = content
    }

    /// A response with JSON content.
    package static func json(_ status: HTTPStatus, _ content: [UInt8]) -> Response {
        Response(status, fields: [("Content-Type", "application/json")], content: content)
    }

    /// A response with plain text.
    package static func text(_ status: HTTPStatus, _ text: String) -> Response {
        Response(
            status, fields: [("Content-Type", "text/plain; charset=utf-8")],
            content: Array(text.utf8))
    }
}

/// Writes responses as HTTP/1.1 (RFC 9112 §4).
package enum ResponseWriter {
    /// Appends a whole response.
    /// - Parameters:
    ///   - date: The `Date` field's value, as ``HTTPDate`` gives it.
    ///   - closes: Whether the connection ends behind this response.
    ///   - omitsContent: For an answer to HEAD: the length is told and the content left out.
    package static func append(
        _ response: Response, date: [UInt8], closes: Bool, omitsContent: Bool,
        to output: inout [UInt8]
    ) {
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        output.append(decimal: response.status.rawValue)
        output.append(.space)
        output.append(contentsOf: response.status.reasonPhrase.utf8)
        output.append(contentsOf: "\r\nDate: ".utf8)
        output.append(contentsOf: date)
        for (name, value) in response.fields {
            // Names and values are ours, but a value may quote a sender: a line break in it would
            // begin another field.
            precondition(!value.utf8.contains { $0 == 0x0D || $0 == 0x0A }, "line break in a field")
            output.append(contentsOf: "\r\n".utf8)
            output.append(contentsOf: name.utf8)
            output.append(contentsOf: ": ".utf8)
            output.append(contentsOf: value.utf8)
        }
        // RFC 9110 §8.6: a 204 has no Content-Length.
        if response.status != .noContent {
            output.append(contentsOf: "\r\nContent-Length: ".utf8)
            output.append(decimal: response.content.count)
        }
        if closes { output.append(contentsOf: "\r\nConnection: close".utf8) }
        output.append(contentsOf: "\r\n\r\n".utf8)
        if !omitsContent { output.append(contentsOf: response.content) }
    }

    /// The interim response that asks for the content (RFC 9110 §15.2.1).
    package static let `continue` = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}

extension [UInt8] {
    fileprivate mutating func append(decimal number: Int) {
        append(contentsOf: String(number).utf8)
    }
}
