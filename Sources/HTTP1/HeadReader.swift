internal import Glibc

/// Checks the lines of a whole head and makes a ``RequestHead`` of them.
enum HeadReader {
    /// - Parameter bytes: Lines that each end in CR LF, without the empty one.
    static func read(
        _ bytes: UnsafeRawBufferPointer, limits: HTTP1Limits
    ) throws(HTTP1Error) -> RequestHead {
        guard let lineEnd = bytes.firstIndex(of: .lineFeed, from: 0) else {
            throw .requestLineMalformed
        }
        let requestLine = try requestLine(UnsafeRawBufferPointer(rebasing: bytes[..<(lineEnd - 1)]))
        var fields: [RequestHead.FieldLine] = []
        fields.reserveCapacity(16)
        var framing = FramingFields(minorVersion: requestLine.minorVersion)
        var start = lineEnd + 1
        while let end = bytes.firstIndex(of: .lineFeed, from: start) {
            guard fields.count < limits.fieldsMax else {
                throw .tooManyFields(limit: limits.fieldsMax)
            }
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<(end - 1)])
            let field = try fieldLine(line, offset: start)
            try framing.receive(
                name: UnsafeRawBufferPointer(rebasing: bytes[field.name]),
                value: UnsafeRawBufferPointer(rebasing: bytes[field.value]))
            fields.append(field)
            start = end + 1
        }
        return RequestHead(
            bytes: lowercasingNames(bytes, fields), methodRange: requestLine.method,
            targetRange: requestLine.target, fields: fields,
            minorVersion: requestLine.minorVersion, framing: try framing.framing(),
            keepsConnection: framing.keepsConnection, expectsContinue: framing.expectsContinue)
    }

    /// field-line = field-name ":" OWS field-value OWS (RFC 9112 §5).
    /// - Parameter offset: Where the line begins in the head; the ranges count from there.
    static func fieldLine(
        _ line: UnsafeRawBufferPointer, offset: Int
    ) throws(HTTP1Error) -> RequestHead.FieldLine {
        // RFC 9112 §5.2: a server must reject a folded line or unfold it; refusing is safer.
        guard let first = line.first, first != .space, first != .tab else { throw .lineFolding }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":"), from: 0), colon > 0 else {
            throw .fieldNameInvalid
        }
        // RFC 9112 §5.1: white space before the colon must be answered with 400.
        guard line.firstIndex(outside: .token, in: 0..<colon) == nil else {
            throw .fieldNameInvalid
        }
        var start = colon + 1
        var end = line.count
        while start < end, line[start] == .space || line[start] == .tab { start += 1 }
        while end > start, line[end - 1] == .space || line[end - 1] == .tab { end -= 1 }
        if let invalid = line.firstIndex(outside: .fieldValue, in: start..<end) {
            throw line[invalid] == .carriageReturn ? .bareCarriageReturn : .fieldValueInvalid
        }
        return RequestHead.FieldLine(
            name: offset..<(offset + colon), value: (offset + start)..<(offset + end))
    }

    private struct RequestLine {
        let method: Range<Int>
        let target: Range<Int>
        let minorVersion: Int
    }

    /// request-line = method SP request-target SP HTTP-version (RFC 9112 §3).
    private static func requestLine(
        _ line: UnsafeRawBufferPointer
    ) throws(HTTP1Error) -> RequestLine {
        guard let space = line.firstIndex(of: .space, from: 0),
            let second = line.firstIndex(of: .space, from: space + 1)
        else { throw .requestLineMalformed }
        guard space > 0, line.firstIndex(outside: .token, in: 0..<space) == nil else {
            throw .methodInvalid
        }
        let version = UnsafeRawBufferPointer(rebasing: line[(second + 1)...])
        let minorVersion = try minorVersion(version)
        try checkTarget(
            UnsafeRawBufferPointer(rebasing: line[(space + 1)..<second]),
            method: UnsafeRawBufferPointer(rebasing: line[..<space]))
        return RequestLine(
            method: 0..<space, target: (space + 1)..<second, minorVersion: minorVersion)
    }

    /// HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3).
    private static func minorVersion(
        _ version: UnsafeRawBufferPointer
    ) throws(HTTP1Error) -> Int {
        guard version.count == 8, version.hasPrefix("HTTP/"), version[6] == UInt8(ascii: "."),
            version[5].belongs(to: .digit), version[7].belongs(to: .digit)
        else { throw .requestLineMalformed }
        guard version[5] == UInt8(ascii: "1") else { throw .versionUnsupported }
        switch version[7] {
        case UInt8(ascii: "0"): return 0
        case UInt8(ascii: "1"): return 1
        default: throw .versionUnsupported
        }
    }

    /// origin-form, absolute-form with http or https, or asterisk-form (RFC 9112 §3.2).
    private static func checkTarget(
        _ target: UnsafeRawBufferPointer, method: UnsafeRawBufferPointer
    ) throws(HTTP1Error) {
        guard target.firstIndex(outside: .target, in: 0..<target.count) == nil else {
            throw .targetInvalid
        }
        if target.first == UInt8(ascii: "/") { return }
        if target.count == 1, target[0] == UInt8(ascii: "*") {
            // RFC 9112 §3.2.4: asterisk-form is for OPTIONS only.
            guard method.equals("OPTIONS") else { throw .targetInvalid }
            return
        }
        try checkAbsolute(target)
    }

    /// absolute-form (RFC 9112 §3.2.2). An http URI without a host is invalid (RFC 9110 §4.2.1), and
    /// one with user info is taken for an attempt to deceive (RFC 9110 §4.2.4).
    private static func checkAbsolute(_ target: UnsafeRawBufferPointer) throws(HTTP1Error) {
        // RFC 3986 §3.1: schemes ignore case.
        let schemes: [StaticString] = ["http://", "https://"]
        guard let scheme = schemes.first(where: { target.hasPrefixIgnoringCase($0) }) else {
            throw .targetInvalid
        }
        let behind = target[scheme.utf8CodeUnitCount...]
        let authority = behind.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard isHostAndPort(UnsafeRawBufferPointer(rebasing: authority)) else {
            throw .targetInvalid
        }
    }

    /// uri-host [ ":" port ] (RFC 9110 §7.2); an http URI has no empty host (RFC 9110 §4.2.1).
    fileprivate static func isHostAndPort(_ value: UnsafeRawBufferPointer) -> Bool {
        guard let first = value.first, first != UInt8(ascii: ":") else { return false }
        let port: Slice<UnsafeRawBufferPointer>
        if first == UInt8(ascii: "[") {
            guard let close = value.firstIndex(of: UInt8(ascii: "]"), from: 1), close > 1 else {
                return false
            }
            guard isIPLiteral(UnsafeRawBufferPointer(rebasing: value[1..<close])) else {
                return false
            }
            port = value[(close + 1)...]
        } else {
            port = value.drop { $0 != UInt8(ascii: ":") }
            let name = UnsafeRawBufferPointer(rebasing: value[..<port.startIndex])
            guard isRegisteredName(name) else { return false }
        }
        guard let separator = port.first else { return true }
        return separator == UInt8(ascii: ":") && port.count <= 6
            && port.dropFirst().allSatisfy { $0.belongs(to: .digit) }
    }

    /// reg-name, which an IPv4 address is too (RFC 3986 §3.2.2).
    private static func isRegisteredName(_ name: UnsafeRawBufferPointer) -> Bool {
        for (position, byte) in name.enumerated() {
            guard byte.belongs(to: .host) else { return false }
            guard byte == UInt8(ascii: "%") else { continue }
            guard position + 2 < name.count, name[position + 1].belongs(to: .hexDigit),
                name[position + 2].belongs(to: .hexDigit)
            else { return false }
        }
        return true
    }

    /// What stands between the brackets: IPv6address or IPvFuture (RFC 3986 §3.2.2).
    private static func isIPLiteral(_ text: UnsafeRawBufferPointer) -> Bool {
        if text.first == UInt8(ascii: "v") || text.first == UInt8(ascii: "V") {
            let rest = text.dropFirst().drop { $0.belongs(to: .hexDigit) }
            return rest.startIndex > 1 && rest.first == UInt8(ascii: ".") && rest.count > 1
                && rest.allSatisfy { $0.belongs(to: .host) && $0 != UInt8(ascii: "%") }
        }
        // Longer than any address; inet_pton(3) wants a terminated copy.
        guard text.count < Int(INET6_ADDRSTRLEN) else { return false }
        var address = in6_addr()
        return inet_pton(AF_INET6, String(decoding: text, as: UTF8.self), &address) == 1
    }

    private static func lowercasingNames(
        _ bytes: UnsafeRawBufferPointer, _ fields: [RequestHead.FieldLine]
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
            UnsafeMutableRawBufferPointer(output).copyMemory(from: bytes)
            for field in fields {
                for position in field.name { output[position] = output[position].asciiLowercased }
            }
            count = bytes.count
        }
    }
}

/// What the fields that frame a message say together (RFC 9112 §6 and §9).
private struct FramingFields {
    let minorVersion: Int
    private var hostSeen = false
    private var contentLength: Int?
    private var isChunked = false
    private var transferEncodingSeen = false
    private var saysClose = false
    private var saysKeepAlive = false
    private(set) var expectsContinue = false

    init(minorVersion: Int) { self.minorVersion = minorVersion }

    /// RFC 9112 §9.3; a request of version 1.0 is answered and closed.
    var keepsConnection: Bool { minorVersion == 1 && !saysClose }

    mutating func receive(
        name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) throws(HTTP1Error) {
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"): try receiveHost(value)
        case 6 where name.equalsIgnoringCase("expect"): try receiveExpect(value)
        case 10 where name.equalsIgnoringCase("connection"): receiveConnection(value)
        case 14 where name.equalsIgnoringCase("content-length"): try receiveContentLength(value)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            try receiveTransferEncoding(value)
        default: break
        }
    }

    func framing() throws(HTTP1Error) -> RequestHead.Framing {
        // RFC 9112 §3.2: a 1.1 request without Host is answered with 400.
        guard hostSeen || minorVersion == 0 else { throw .hostMissing }
        if transferEncodingSeen {
            // RFC 9112 §6.1: both present is a smuggling attempt, so refuse.
            guard contentLength == nil else { throw .contentLengthWithTransferEncoding }
            guard minorVersion == 1 else { throw .transferEncodingInOldVersion }
            guard isChunked else { throw .transferEncodingInvalid }
            return .chunked
        }
        return contentLength.map { .length($0) } ?? .none
    }

    private mutating func receiveHost(_ value: UnsafeRawBufferPointer) throws(HTTP1Error) {
        guard !hostSeen else { throw .hostRepeated }
        hostSeen = true
        guard HeadReader.isHostAndPort(value) else { throw .hostInvalid }
    }

    private mutating func receiveExpect(_ value: UnsafeRawBufferPointer) throws(HTTP1Error) {
        // RFC 9110 §10.1.1: an expectation in a 1.0 request is ignored.
        guard minorVersion == 1 else { return }
        guard value.equalsIgnoringCase("100-continue") else { throw .expectationUnknown }
        expectsContinue = true
    }

    private mutating func receiveConnection(_ value: UnsafeRawBufferPointer) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            let trimmed = option.drop { $0 == .space || $0 == .tab }
            let length = trimmed.lastIndex { $0 != .space && $0 != .tab }
            guard let length else { continue }
            let token = UnsafeRawBufferPointer(rebasing: trimmed[...length])
            if token.equalsIgnoringCase("close") { saysClose = true }
        }
    }

    private mutating func receiveContentLength(
        _ value: UnsafeRawBufferPointer
    ) throws(HTTP1Error) {
        // RFC 9112 §6.3 allows equal repetitions; refusing them closes the door to disagreement.
        guard contentLength == nil else { throw .contentLengthRepeated }
        guard !value.isEmpty else { throw .contentLengthInvalid }
        var length = 0
        for byte in value {
            guard byte.belongs(to: .digit) else { throw .contentLengthInvalid }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            // No content has that length; the limit on content refuses it.
            length = overflow || carry || length == .max ? .max : sum
        }
        contentLength = length
    }

    private mutating func receiveTransferEncoding(
        _ value: UnsafeRawBufferPointer
    ) throws(HTTP1Error) {
        // RFC 9112 §6.1: chunked must not be applied more than once.
        guard !transferEncodingSeen else { throw .transferEncodingInvalid }
        transferEncodingSeen = true
        isChunked = value.equalsIgnoringCase("chunked")
        guard !isChunked else { return }
        var isList = false
        for byte in value where byte == UInt8(ascii: ",") { isList = true }
        let codings = value.split(separator: UInt8(ascii: ","))
        let onlyChunked = codings.allSatisfy { coding in
            let coding = coding.drop { $0 == .space || $0 == .tab }
            return UnsafeRawBufferPointer(rebasing: coding).trimmedEnd.equalsIgnoringCase("chunked")
        }
        guard !value.isEmpty, !(isList && onlyChunked) else { throw .transferEncodingInvalid }
        throw .transferCodingUnknown
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func hasPrefix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for offset in 0..<text.utf8CodeUnitCount where self[offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    fileprivate func hasPrefixIgnoringCase(_ lowercase: StaticString) -> Bool {
        let length = lowercase.utf8CodeUnitCount
        guard count >= length else { return false }
        for offset in 0..<length where self[offset].asciiLowercased != lowercase.utf8Start[offset] {
            return false
        }
        return true
    }

    fileprivate func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        count == lowercase.utf8CodeUnitCount && hasPrefixIgnoringCase(lowercase)
    }

    fileprivate func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    fileprivate var trimmedEnd: UnsafeRawBufferPointer {
        var end = count
        while end > 0, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: self[..<end])
    }
}
