extension RequestHead {
    /// The path of the request target after its one normalisation: percent-encoded unreserved
    /// characters are decoded (RFC 3986 §6.2.2.2) and nothing else is touched.
    ///
    /// So `%2F`, `%00` and dot segments stay what they are and match no configured path.
    package var path: String {
        String(decoding: decodingUnreserved(pathAndQuery.path), as: UTF8.self)
    }

    /// The query of the request target, undecoded, without its question mark; nil without one.
    package var query: ArraySlice<UInt8>? { pathAndQuery.query }

    /// Whether the path is exactly this one, without making a String when it is so literally.
    package func isPath(_ path: String) -> Bool {
        let raw = pathAndQuery.path
        if raw.elementsEqual(path.utf8) { return true }
        guard raw.contains(UInt8(ascii: "%")) else { return false }
        return decodingUnreserved(raw).elementsEqual(path.utf8)
    }

    private var pathAndQuery: (path: ArraySlice<UInt8>, query: ArraySlice<UInt8>?) {
        let target = pathTarget
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return (target, nil) }
        return (target[..<mark], target[(mark + 1)...])
    }

    /// The target without scheme and authority: RFC 9112 §3.2.2 has servers accept absolute-form.
    private var pathTarget: ArraySlice<UInt8> {
        let target = bytes[targetRange]
        guard target.first != UInt8(ascii: "/"), target.first != UInt8(ascii: "*") else {
            return target
        }
        // The parser let only http:// and https:// with an authority pass.
        let authority = target.drop { $0 != UInt8(ascii: "/") }.dropFirst(2)
        let path = authority.drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        return path.isEmpty ? [UInt8(ascii: "/")] : path
    }
}

private func decodingUnreserved(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(raw.count)
    var position = raw.startIndex
    while position < raw.endIndex {
        if raw[position] == UInt8(ascii: "%"), position + 2 < raw.endIndex,
            let high = raw[position + 1].hexDigitValue, let low = raw[position + 2].hexDigitValue,
            UInt8(high << 4 | low).belongs(to: .unreserved)
        {
            output.append(UInt8(high << 4 | low))
            position += 3
        } else {
            output.append(raw[position])
            position += 1
        }
    }
    return output
}
