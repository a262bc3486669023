import EventPoll
import Glibc
import Testing

@Suite struct IPAddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("127.0.0.1", 0x7F00_0001), ("192.0.2.33", 0xC000_0221),
            ("255.255.255.255", 0xFFFF_FFFF),
        ] as [(String, UInt32)])
    func `IPv4 is a dotted quad`(text: String, bits: UInt32) {
        #expect(IPAddress(text) == .v4(bits))
        #expect(IPAddress.v4(bits).description == text)
    }

    @Test(arguments: [
        "", "1", "127.1", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3.4", "1..3.4", "256.0.0.1",
        "1.2.3.256", "1.2.3.1000", "01.2.3.4", "0177.0.0.1", "1.2.3.00", "0x7f.0.0.1",
        "2130706433", "+1.2.3.4", "-1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "1.2.3.4\0",
        "1.2.3.4:80", "1.2.3.4/8", "１.2.3.4", "1。2。3。4", "a.b.c.d", "localhost",
    ])
    func `refuses every other spelling of IPv4`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    // The first eight pairs are RFC 4291 §2.2, the others RFC 5952 §2 and §4.
    @Test(arguments: [
        ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"),
        ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"),
        ("2001:DB8::8:800:200C:417A", "2001:db8::8:800:200c:417a"),
        ("FF01:0:0:0:0:0:0:101", "ff01::101"), ("0:0:0:0:0:0:0:1", "::1"),
        ("0:0:0:0:0:0:0:0", "::"), ("0:0:0:0:0:0:13.1.68.3", "::d01:4403"),
        ("::FFFF:129.144.52.38", "::ffff:129.144.52.38"),
        ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("1::", "1::"), ("::ffff:7f00:1", "::ffff:127.0.0.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("0:0:0:0:0:ffff:255.255.255.255", "::ffff:255.255.255.255"),
        ("0000:0000:0000:0000:0000:ffff:255.255.255.255", "::ffff:255.255.255.255"),
    ])
    func `IPv6 is written as RFC 5952 says`(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test func `IPv6 bits are those of the text`() {
        #expect(
            IPAddress("2001:db8:1:2:3:4:5:6") == .v6(0x2001_0DB8_0001_0002_0003_0004_0005_0006))
        #expect(IPAddress("fe80::1") == .v6(0xFE80 << 112 | 1))
        #expect(IPAddress("1:2::") == .v6(0x0001_0002 << 96))
    }

    @Test(arguments: [
        ":", ":::", "::1::", "1::2::3", ":1", "1:", ":1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "12345::", "g::", "::1%eth0", "fe80::1%25lo",
        "[::1]",
        "::1/128", "::1.2.3", "::1.2.3.4.5", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::ffff:256.1.1.1", ":: 1", "::1 ", "::１",
        "00000::", "-1::", "+1::", "0x1::", "0000:0000:0000:0000:0000:0000:255.255.255.2555",
    ])
    func `refuses every other spelling of IPv6`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `reads an IPv4 socket address`() {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(443).bigEndian
        address.sin_addr.s_addr = UInt32(0xC000_0201).bigEndian
        withUnsafeBytes(of: address) { bytes in
            #expect(IPAddress(socketAddress: bytes) == IPAddress("192.0.2.1"))
            let cut = UnsafeRawBufferPointer(rebasing: bytes.dropLast())
            #expect(IPAddress(socketAddress: cut) == nil)
        }
    }

    @Test func `reads an IPv6 socket address`() {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_scope_id = 7
        #expect(inet_pton(AF_INET6, "2001:db8::7f", &address.sin6_addr) == 1)
        withUnsafeBytes(of: address) { bytes in
            #expect(IPAddress(socketAddress: bytes) == IPAddress("2001:db8::7f"))
            let cut = UnsafeRawBufferPointer(rebasing: bytes.dropLast())
            #expect(IPAddress(socketAddress: cut) == nil)
        }
    }

    @Test func `has no address for other socket families`() {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeBytes(of: address) { #expect(IPAddress(socketAddress: $0) == nil) }
        #expect(IPAddress(socketAddress: UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
    }

    @Test func `only a mapped address has another form`() throws {
        let mapped = try #require(IPAddress("::ffff:10.1.2.3"))
        #expect(mapped.unmapped == IPAddress("10.1.2.3"))
        #expect(mapped != mapped.unmapped)
        for text in ["10.1.2.3", "::10.1.2.3", "::1:ffff:a01:203", "64:ff9b::10.1.2.3"] {
            let address = try #require(IPAddress(text))
            #expect(address.unmapped == address)
        }
    }

    @Test func `agrees with inet_pton on random addresses`() throws {
        var random = SplitMix(state: 1)
        for _ in 0..<2000 {
            // Few distinct groups, so that runs of zeros are frequent.
            let groups = (0..<8).map { _ in [0, 0, 1, 0xFFFF, 0x0A0].randomElement(using: &random) }
            let text = groups.map { String($0 ?? 0, radix: 16) }.joined(separator: ":")
            var binary = in6_addr()
            #expect(inet_pton(AF_INET6, text, &binary) == 1)
            let bits = withUnsafeBytes(of: binary) { $0.loadUnaligned(as: UInt128.self) }
            let address = IPAddress.v6(UInt128(bigEndian: bits))
            #expect(IPAddress(text) == address)
            #expect(IPAddress(address.description) == address)
            #expect(inet_pton(AF_INET6, address.description, &binary) == 1)
            let again = withUnsafeBytes(of: binary) { $0.loadUnaligned(as: UInt128.self) }
            #expect(again == bits)
        }
    }
}

/// A small seeded generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
