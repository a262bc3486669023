internal import Glibc

/// An IP address without a port or a zone.
///
/// A v4-mapped address (`::ffff:192.0.2.1`) stays a v6 value, and so is unequal to its v4 form;
/// ``unmapped`` gives that form.
package enum IPAddress: Sendable, Hashable {
    /// The 32 bits of an IPv4 address, as a number: 127.0.0.1 is 0x7F00_0001.
    case v4(UInt32)
    /// The 128 bits of an IPv6 address, as a number: ::1 is 1.
    case v6(UInt128)

    /// Parses an address, or returns nil for anything that is not exactly one.
    ///
    /// IPv4 is four decimal numbers without leading zeros: octal, hexadecimal and shortened
    /// spellings (inet_aton(3)) are refused, for two readers of `010.0.0.1` may see two hosts.
    /// IPv6 is every form of RFC 4291 §2.2, in either case, without zone and brackets.
    package init?(_ text: String) {
        var text = text
        let parsed: IPAddress? = text.withUTF8 { bytes in
            // RFC 4291's longest form: eight groups, the last two as a dotted quad of 15 characters.
            guard bytes.count <= 45 else { return nil }
            if bytes.contains(UInt8(ascii: ":")) { return parseV6(bytes[...]).map(IPAddress.v6) }
            return parseV4(bytes[...]).map(IPAddress.v4)
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Reads the address out of a socket address (ip(7), ipv6(7)): `sockaddr_in`, `sockaddr_in6`
    /// or a longer storage that holds one. Nil for any other family, and when bytes are missing.
    package init?(socketAddress bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= MemoryLayout<sa_family_t>.size else { return nil }
        switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
            let address = bytes.loadUnaligned(as: sockaddr_in.self)
            self = .v4(UInt32(bigEndian: address.sin_addr.s_addr))
        case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
            let address = bytes.loadUnaligned(as: sockaddr_in6.self)
            let bits = withUnsafeBytes(of: address.sin6_addr) { $0.loadUnaligned(as: UInt128.self) }
            self = .v6(UInt128(bigEndian: bits))
        default: return nil
        }
    }

    /// The IPv4 address inside a v4-mapped one (RFC 4291 §2.5.5.2), any other address unchanged.
    ///
    /// A dual-stack socket names its IPv4 peers in the mapped form.
    package var unmapped: IPAddress {
        guard case .v6(let bits) = self, bits >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: bits))
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: a dotted quad, or the form of RFC 5952, §5 of which writes a v4-mapped
    /// address with a dotted quad at its end.
    package var description: String {
        switch self {
        case .v4(let bits): dottedQuad(bits)
        case .v6(let bits) where bits >> 32 == 0xFFFF:
            "::ffff:" + dottedQuad(UInt32(truncatingIfNeeded: bits))
        case .v6(let bits): colonGroups(bits)
        }
    }
}

private func parseV4(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> UInt32? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
        guard let number = decimalNumber(part, max: 255) else { return nil }
        bits = bits << 8 | UInt32(number)
    }
    return bits
}

private func parseV6(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> UInt128? {
    let colon = UInt8(ascii: ":")
    let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
    guard let gap else {
        guard let groups = parseGroups(text, endsAddress: true), groups.count == 8 else {
            return nil
        }
        return number(groups)
    }
    guard let head = parseGroups(text[..<gap], endsAddress: false),
        let tail = parseGroups(text[(gap + 2)...], endsAddress: true),
        // RFC 4291 §2.2: the gap stands for one or more groups.
        head.count + tail.count < 8
    else { return nil }
    return number(head) << (16 * (8 - head.count)) | number(tail)
}

/// The groups between single colons; a dotted quad counts as two and may only end the address.
private func parseGroups(
    _ text: Slice<UnsafeBufferPointer<UInt8>>, endsAddress: Bool
) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var groups: [UInt16] = []
    for (position, part) in parts.enumerated() {
        if endsAddress, position == parts.count - 1, part.contains(UInt8(ascii: ".")) {
            guard let quad = parseV4(part) else { return nil }
            groups.append(UInt16(quad >> 16))
            groups.append(UInt16(truncatingIfNeeded: quad))
        } else {
            guard let group = parseGroup(part) else { return nil }
            groups.append(group)
        }
    }
    return groups
}

private func parseGroup(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> UInt16? {
    guard (1...4).contains(text.count) else { return nil }
    var group: UInt16 = 0
    for character in text {
        guard let digit = Character(Unicode.Scalar(character)).hexDigitValue else { return nil }
        group = group << 4 | UInt16(digit)
    }
    return group
}

private func number(_ groups: [UInt16]) -> UInt128 {
    groups.reduce(0) { $0 << 16 | UInt128($1) }
}

/// A decimal number without sign or leading zeros.
func decimalNumber(_ digits: some Collection<UInt8>, max: Int) -> Int? {
    guard let first = digits.first, digits.count <= 3,
        first != UInt8(ascii: "0") || digits.count == 1
    else { return nil }
    var number = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        number = number * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return number <= max ? number : nil
}

private func dottedQuad(_ bits: UInt32) -> String {
    "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
}

/// RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups
/// replaced by `::`.
private func colonGroups(_ bits: UInt128) -> String {
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * $0)) }
    func text(_ range: Range<Int>) -> String {
        groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    let gap = longestZeroRun(groups)
    guard gap.count >= 2 else { return text(0..<8) }
    return text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<8)
}

private func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    for (position, group) in groups.enumerated() {
        guard group == 0 else {
            start = position + 1
            continue
        }
        if position + 1 - start > longest.count { longest = start..<(position + 1) }
    }
    return longest
}
