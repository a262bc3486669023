internal import CCurl

/// The fields of a request as libcurl takes them, for `curl_slist_free_all` to free.
///
/// In libcurl's notation, `Name: value` sends a field, `Name;` sends one with an empty value, and
/// `Name:` keeps libcurl from adding one by itself.
func requestFieldList(
    _ request: ClientRequest, userAgent: String
) throws(ClientError) -> UnsafeMutablePointer<curl_slist>? {
    var lines: [String] = []
    var names: Set<String> = []
    for (name, value) in request.fields {
        let key = name.lowercased()
        guard isSendable(name: key, value: value) else { throw .fieldRefused(name: name) }
        names.insert(key)
        lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    if !names.contains("user-agent") { lines.append("User-Agent: \(userAgent)") }
    for name in ["Accept", "Content-Type"] where !names.contains(name.lowercased()) {
        lines.append("\(name):")
    }
    // libcurl would wait a second for a 100 (Continue) before it sends a large content.
    lines.append("Expect:")
    return try list(lines)
}

private func isSendable(name: String, value: String) -> Bool {
    switch name {
    case "content-length", "transfer-encoding", "expect": false
    default:
        // RFC 9110 §5.5: a line break would begin another field; libcurl would stop at a NUL.
        !name.isEmpty && name.utf8.allSatisfy(isTokenCharacter)
            && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
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

private func list(_ lines: [String]) throws(ClientError) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines {
        guard let longer = curl_slist_append(list, line) else {
            curl_slist_free_all(list)
            throw .outOfMemory
        }
        list = longer
    }
    return list
}
