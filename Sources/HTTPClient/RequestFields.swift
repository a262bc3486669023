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
            guard isSendable(name: name, value: value) else { throw .fieldRefused(name: name) }
            try list.append(name, value.isEmpty ? ";" : ": ", value)
        }
        if !request.names("User-Agent") { try list.append("User-Agent", ": ", userAgent) }
        for name in ["Accept", "Content-Type"] where !request.names(name) {
            try list.append(name, ":")
        }
        // libcurl would wait a second for a 100 (Continue) before it sends a large content.
        try list.append("Expect", ":")
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

private func isSendable(name: String, value: String) -> Bool {
    let isFraming = ["Content-Length", "Transfer-Encoding", "Expect"].contains {
        name.equalsIgnoringCase($0)
    }
    // RFC 9110 §5.5: a line break would begin another field; libcurl would stop at a NUL.
    return !isFraming && !name.isEmpty && name.utf8.allSatisfy(isTokenCharacter)
        && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
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
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

/// libcurl's list, which copies its lines.
private struct FieldList {
    private(set) var head: UnsafeMutablePointer<curl_slist>?
    private var line: [UInt8] = []

    mutating func append(_ parts: String...) throws(ClientError) {
        line.removeAll(keepingCapacity: true)
        for part in parts { line.append(contentsOf: part.utf8) }
        line.append(0)
        let longer = line.withUnsafeBytes { bytes in
            curl_slist_append(head, bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
        guard let longer else { throw .outOfMemory }
        head = longer
    }
}
