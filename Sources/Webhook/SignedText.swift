/// What a scheme signs: the content, with parts of the request and fixed text around it.
package struct SignedText: Sendable, Equatable {
    package enum Part: Sendable, Equatable {
        case literal([UInt8])
        case content
        /// The message id, as its field has it.
        case id
        /// The time, as its field has it.
        case timestamp
        case method
        /// The path of the request target, without its query.
        case path
    }

    /// In front of the content.
    let before: [Part]
    /// Behind the content.
    let after: [Part]

    /// Signs the content and nothing else.
    package static let content = SignedText(before: [], after: [])

    private init(before: [Part], after: [Part]) {
        self.before = before
        self.after = after
    }

    /// Reads a template such as `v0:{ts}:{body}`.
    /// - Throws: ``SignedTextError``.
    package init(_ template: String) throws(SignedTextError) {
        var parts: [Part] = []
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { throw .unclosed }
            if open > rest.startIndex { parts.append(.literal(Array(rest[..<open].utf8))) }
            parts.append(try Self.part(String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(Array(rest.utf8))) }
        let contents = parts.indices.filter { parts[$0] == .content }
        guard let content = contents.first else { throw .noContent }
        guard contents.count == 1 else { throw .repeatedContent }
        before = Array(parts[..<content])
        after = Array(parts[(content + 1)...])
    }

    private static func part(_ name: String) throws(SignedTextError) -> Part {
        switch name {
        case "body": .content
        case "id": .id
        case "ts", "timestamp": .timestamp
        case "method": .method
        case "path": .path
        default: throw .unknown(name)
        }
    }

    package var usesID: Bool { (before + after).contains(.id) }
    package var usesTimestamp: Bool { (before + after).contains(.timestamp) }

    /// Whether an id that holds this byte could be taken for an id and more: `a.1.` and body
    /// against `a` and `1.` with the body.
    func isIDAmbiguous(with byte: UInt8) -> Bool {
        let parts = before + after
        guard let position = parts.firstIndex(of: .id), position + 1 < parts.count,
            case .literal(let text) = parts[position + 1]
        else { return false }
        return text.first == byte
    }
}

/// Why a text is no template of what is signed.
package enum SignedTextError: Error, Equatable, CustomStringConvertible {
    case unclosed
    case unknown(String)
    case noContent
    case repeatedContent

    package var description: String {
        switch self {
        case .unclosed: "\"{\" without \"}\""
        case .unknown: "expected {id}, {ts}, {body}, {method} or {path}"
        case .noContent: "{body} is missing, so the content would not be signed"
        case .repeatedContent: "{body} is there twice"
        }
    }
}
