internal import CCurl

/// The fields of a request as libcurl takes them, for `curl_slist_free_all` to free.
///
/// In libcurl's notation, `Name: value` sends a field, `Name;` sends one with an empty value, and
/// `Name:` keeps libcurl from adding one by itself.
func requestFieldList(
    _ request: ClientRequest, userAgent: String
) throws(ClientError) -> UnsafeMutablePointer<curl_slist>? {
    var list = FieldList()
    do throws(ClientError) {
        for (name, value) in request.fields {
            guard !isFraming(name), list.write(name, value) else {
                throw .fieldRefused(name: name)
            }
            try list.append()
        }
        if !request.names("User-Agent"), list.write("User-Agent", userAgent) { try list.append() }
        for name in ["Accept", "Content-Type"] where !request.names(name) {
            try list.append(none: name)
        }
        // libcurl would wait a second for a 100 (Continue) before it sends a large content.
        try list.append(none: "Expect")
    } catch {
        curl_slist_free_all(list.head)
        throw error
    }
    return list.head
}

extension ClientRequest {
    fileprivate func names(_ name: String) -> Bool {
        fields.contains { $0.name.equalsIgnoringCase(name) }
    }
}

private func isFraming(_ name: String) -> Bool {
    name.equalsIgnoringCase("Content-Length") || name.equalsIgnoringCase("Transfer-Encoding")
        || name.equalsIgnoringCase("Expect")
}

extension String {
    /// Field names are ASCII (RFC 9110 §5.1).
    fileprivate func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { $0 == $1 || $0.lowercased == $1.lowercased }
    }
}

extension UInt8 {
    fileprivate var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}

/// RFC 9110 §5.6.2.
private func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
    // What names have beside letters.
    case UInt8(ascii: "-"): true
    default: "!#$%&'*+.^_`|~".utf8.contains(byte)
    }
}

/// RFC 9110 §5.5: a line break would begin another field; libcurl would stop at a NUL.
private func isValueCharacter(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
}

/// libcurl's list, which copies its lines.
private struct FieldList {
    private(set) var head: UnsafeMutablePointer<curl_slist>?
    private var line: [UInt8] = []

    /// Writes the line of a field.
    /// - Returns: False for a name or a value that HTTP does not have.
    mutating func write(_ name: String, _ value: String) -> Bool {
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: name.utf8)
        // The bytes are looked at here and not in the texts, where it takes several times as long.
        guard !line.isEmpty, line.allSatisfy(isTokenCharacter) else { return false }
        line.append(contentsOf: (value.isEmpty ? ";" : ": ").utf8)
        let start = line.count
        line.append(contentsOf: value.utf8)
        return line[start...].allSatisfy(isValueCharacter)
    }

    /// Appends the line that keeps libcurl from adding a field by itself.
    mutating func append(none name: String) throws(ClientError) {
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: name.utf8)
        line.append(UInt8(ascii: ":"))
        try append()
    }

    /// Appends the line that was written.
    mutating func append() throws(ClientError) {
        line.append(0)
        let longer = line.withUnsafeBytes { bytes in
            curl_slist_append(head, bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
        guard let longer else { throw .outOfMemory }
        head = longer
    }
}
