internal import OpenSSLCrypto

/// A request as Signature Version 4 looks at it.
package struct SignableRequest: Sendable {
    package var method: String
    /// The path as it goes over the wire, without the query.
    package var path: String
    /// The query as it goes over the wire, without its question mark.
    package var query: String
    /// The header fields to sign, in the order in which they are sent.
    package var fields: [(name: String, value: String)]
    /// Whether dot segments and doubled slashes are resolved, as for every service but S3.
    package var normalizesPath = true

    package init(
        method: String, path: String = "/", query: String = "",
        fields: [(name: String, value: String)]
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
    }
}

/// The form of a request that is hashed, and the names that went into it.
package struct CanonicalRequest: Sendable {
    /// The canonical request, UTF-8.
    package let text: String
    /// The names of the signed fields in lower case, sorted, separated by semicolons.
    package let signedNames: String

    /// - Parameter contentHash: The lower-case hexadecimal SHA-256 of the content.
    package init(_ request: SignableRequest, contentHash: String) {
        let fields = canonicalFields(request.fields)
        signedNames = fields.map(\.name).joined(separator: ";")
        var text = ""
        text.reserveCapacity(512)
        text.append(request.method)
        text.append("\n")
        let path = request.normalizesPath ? normalized(request.path) : request.path
        text.append(percentEncoded(path.isEmpty ? "/" : path, keepingSlashes: true))
        text.append("\n")
        text.append(canonicalQuery(request.query))
        text.append("\n")
        for (name, value) in fields {
            text.append(name)
            text.append(":")
            text.append(value)
            text.append("\n")
        }
        text.append("\n")
        text.append(signedNames)
        text.append("\n")
        text.append(contentHash)
        self.text = text
    }
}

/// Lower-case names in order, each once, with its values in the order of the request.
private func canonicalFields(
    _ fields: [(name: String, value: String)]
) -> [(name: String, value: String)] {
    let sorted = fields.enumerated().map { position, field in
        (name: field.name.lowercased(), value: collapsed(field.value), position: position)
    }.sorted { ($0.name, $0.position) < ($1.name, $1.position) }
    var canonical: [(name: String, value: String)] = []
    for field in sorted {
        if let last = canonical.indices.last, canonical[last].name == field.name {
            canonical[last].value += ",\(field.value)"
        } else {
            canonical.append((field.name, field.value))
        }
    }
    return canonical
}

/// The value without white space at its ends and with one space for each run within.
private func collapsed(_ value: String) -> String {
    let isPlain = value.utf8.allSatisfy { !$0.isWhiteSpace }
    if isPlain { return value }
    let words = value.utf8.split(whereSeparator: \.isWhiteSpace)
    return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
}

/// The path without empty and dot segments (RFC 3986 §5.2.4).
private func normalized(_ path: String) -> String {
    if path == "/" || path.isEmpty { return "/" }
    var segments: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
        if segment != ".." { segments.append(segment) } else { _ = segments.popLast() }
    }
    if segments.isEmpty { return "/" }
    return "/\(segments.joined(separator: "/"))\(path.utf8.last == UInt8(ascii: "/") ? "/" : "")"
}

/// The parameters, each encoded in the one canonical way, sorted by their bytes.
private func canonicalQuery(_ query: String) -> String {
    if query.isEmpty { return "" }
    let pairs = query.split(separator: "&").map { parameter in
        let halves = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = percentEncoded(percentDecoded(halves[0]), keepingSlashes: false)
        let value = halves.count > 1 ? percentDecoded(halves[1]) : []
        return (name, percentEncoded(value, keepingSlashes: false))
    }
    return pairs.sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
}

private func percentEncoded(_ text: String, keepingSlashes: Bool) -> String {
    if text == "/", keepingSlashes { return text }
    return percentEncoded(Array(text.utf8), keepingSlashes: keepingSlashes)
}

/// Everything but RFC 3986's unreserved characters as `%XX`.
package func percentEncoded(_ bytes: [UInt8], keepingSlashes: Bool) -> String {
    let digits: StaticString = "0123456789ABCDEF"
    var encoded: [UInt8] = []
    encoded.reserveCapacity(bytes.count)
    for byte in bytes {
        if byte.isUnreserved || keepingSlashes && byte == UInt8(ascii: "/") {
            encoded.append(byte)
        } else {
            encoded.append(UInt8(ascii: "%"))
            encoded.append(digits.utf8Start[Int(byte >> 4)])
            encoded.append(digits.utf8Start[Int(byte & 0x0F)])
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

/// `%XX` resolved; a percent sign that begins none stays as it is.
private func percentDecoded(_ text: Substring) -> [UInt8] {
    var rest = Array(text.utf8)[...]
    var decoded: [UInt8] = []
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), let value = hexDecoded(rest.prefix(2)), value.count == 1 {
            decoded.append(value[0])
            rest.removeFirst(2)
        } else {
            decoded.append(byte)
        }
    }
    return decoded
}

extension UInt8 {
    fileprivate var isWhiteSpace: Bool {
        self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D
    }

    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
