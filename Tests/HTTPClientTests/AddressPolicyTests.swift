import EventPoll
import HTTPClient
import Testing

@Suite struct AddressPolicyTests {
    // First and last addresses of the blocks in IANA's "IPv4 Special-Purpose Address Registry",
    // https://www.iana.org/assignments/iana-ipv4-special-registry, and of class D and E.
    @Test(arguments: [
        ("0.0.0.0", "unspecified (RFC 1122)"), ("0.0.0.1", "this network (RFC 791)"),
        ("0.255.255.255", "this network (RFC 791)"), ("10.0.0.0", "private (RFC 1918)"),
        ("10.255.255.255", "private (RFC 1918)"), ("100.64.0.0", "carrier-grade NAT (RFC 6598)"),
        ("100.127.255.255", "carrier-grade NAT (RFC 6598)"), ("127.0.0.0", "loopback (RFC 1122)"),
        ("127.0.0.1", "loopback (RFC 1122)"), ("127.255.255.255", "loopback (RFC 1122)"),
        ("169.254.0.0", "link-local (RFC 3927)"), ("169.254.255.255", "link-local (RFC 3927)"),
        ("169.254.169.254", "cloud metadata (Amazon EC2 instance metadata service)"),
        ("169.254.170.2", "cloud metadata (Amazon ECS container credentials)"),
        ("169.254.170.23", "cloud metadata (Amazon EKS Pod Identity)"),
        ("168.63.129.16", "cloud metadata (Azure wire server)"),
        ("100.100.100.200", "cloud metadata (Alibaba Cloud ECS)"),
        ("172.16.0.0", "private (RFC 1918)"), ("172.31.255.255", "private (RFC 1918)"),
        ("192.0.0.0", "IETF protocol assignments (RFC 6890)"),
        ("192.0.0.255", "IETF protocol assignments (RFC 6890)"),
        ("192.0.2.0", "documentation (RFC 5737)"), ("192.0.2.255", "documentation (RFC 5737)"),
        ("192.88.99.0", "6to4 relay anycast (RFC 7526)"),
        ("192.88.99.255", "6to4 relay anycast (RFC 7526)"),
        ("192.168.0.0", "private (RFC 1918)"), ("192.168.255.255", "private (RFC 1918)"),
        ("198.18.0.0", "benchmarking (RFC 2544)"), ("198.19.255.255", "benchmarking (RFC 2544)"),
        ("198.51.100.0", "documentation (RFC 5737)"),
        ("198.51.100.255", "documentation (RFC 5737)"),
        ("203.0.113.0", "documentation (RFC 5737)"),
        ("203.0.113.255", "documentation (RFC 5737)"), ("224.0.0.0", "multicast (RFC 5771)"),
        ("239.255.255.255", "multicast (RFC 5771)"), ("240.0.0.0", "reserved (RFC 1112)"),
        ("255.255.255.254", "reserved (RFC 1112)"), ("255.255.255.255", "broadcast (RFC 919)"),
    ])
    func `refuses special IPv4 addresses in each of their forms`(
        text: String, purpose: String
    ) throws {
        let address = try #require(IPAddress(text))
        guard case .v4(let bits) = address else {
            Issue.record("\(text) is not IPv4")
            return
        }
        for form in [address, mapped(bits), nat64(bits), sixToFour(bits)] {
            #expect(AddressPolicy.purpose(of: form) == purpose, "\(form)")
            #expect(!AddressPolicy().permits(form), "\(form)")
        }
        #expect(!AddressPolicy().permits(.v6(UInt128(bits))), "IPv4-compatible")
    }

    // Each is the neighbour of a special block.
    @Test(arguments: [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0", "192.88.98.255", "192.88.100.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
        "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "168.63.129.15",
        "168.63.129.17",
    ])
    func `permits public IPv4 addresses in each of their forms`(text: String) throws {
        guard case .v4(let bits) = try #require(IPAddress(text)) else {
            Issue.record("\(text) is not IPv4")
            return
        }
        for form in [.v4(bits), mapped(bits), nat64(bits), sixToFour(bits)] {
            #expect(AddressPolicy.purpose(of: form) == nil, "\(form)")
            #expect(AddressPolicy().permits(form), "\(form)")
        }
        // RFC 4291 §2.5.5.1 gave these up, so no host can be meant.
        #expect(!AddressPolicy().permits(.v6(UInt128(bits))), "IPv4-compatible")
    }

    // "IPv6 Special-Purpose Address Registry",
    // https://www.iana.org/assignments/iana-ipv6-special-registry, and the IPv6 address space.
    @Test(arguments: [
        ("::", "unspecified (RFC 4291)"), ("::1", "loopback (RFC 4291)"),
        ("::2", "IPv4-compatible (RFC 4291)"), ("::ffff:ffff", "IPv4-compatible (RFC 4291)"),
        ("::1:0:0", "reserved (RFC 4291)"), ("::ffff:0:127.0.0.1", "reserved (RFC 4291)"),
        ("64:ff9a::1", "reserved (RFC 4291)"), ("64:ff9b:0:0:1::", "reserved (RFC 4291)"),
        ("64:ff9b:1::", "local-use translation (RFC 8215)"),
        ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "local-use translation (RFC 8215)"),
        ("100::", "discard-only (RFC 6666)"),
        ("100::ffff:ffff:ffff:ffff", "discard-only (RFC 6666)"),
        ("100:0:0:1::", "reserved (RFC 4291)"),
        ("1fff:ffff::", "reserved (RFC 4291)"), ("2001::1", "Teredo (RFC 4380)"),
        ("2001:0:ffff::", "Teredo (RFC 4380)"),
        ("2001:2::1", "benchmarking (RFC 5180)"),
        ("2001:10::1", "IETF protocol assignments (RFC 2928)"),
        ("2001:1ff:ffff::", "IETF protocol assignments (RFC 2928)"),
        ("2001:db8::", "documentation (RFC 3849)"),
        ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "documentation (RFC 3849)"),
        ("3fff::", "documentation (RFC 9637)"), ("3fff:fff:ffff::", "documentation (RFC 9637)"),
        ("4000::", "reserved (RFC 4291)"), ("5f00::1", "segment routing (RFC 9602)"),
        ("fc00::", "unique-local (RFC 4193)"),
        ("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "unique-local (RFC 4193)"),
        ("fd00:ec2::254", "cloud metadata (Amazon EC2 instance metadata service)"),
        ("fd00:ec2::23", "cloud metadata (Amazon EKS Pod Identity)"),
        ("fd20:ce::254", "cloud metadata (Google Compute Engine)"),
        ("fe00::", "reserved (RFC 4291)"), ("fe80::", "link-local (RFC 4291)"),
        ("febf:ffff::", "link-local (RFC 4291)"), ("fec0::", "site-local (RFC 3879)"),
        ("feff:ffff::", "site-local (RFC 3879)"), ("ff00::", "multicast (RFC 4291)"),
        ("ff02::1", "multicast (RFC 4291)"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast (RFC 4291)"),
    ])
    func `refuses special IPv6 addresses`(text: String, purpose: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.purpose(of: address) == purpose)
        #expect(!AddressPolicy().permits(address))
    }

    @Test(arguments: [
        "2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2600:1f18::1", "2a00:1450:4001::",
        "2003::", "3ffe:ffff::", "3fff:1000::", "2620:4f:8000::",
    ])
    func `permits global unicast IPv6 addresses`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.purpose(of: address) == nil)
        #expect(AddressPolicy().permits(address))
    }

    @Test func `permits what an entry allows and nothing beside it`() throws {
        let policy = AddressPolicy(
            allowed: try ["127.0.0.0/8", "fd00:1::/32"].map { try #require(IPNetwork($0)) })
        for text in ["127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1", "fd00:1::7", "1.1.1.1"] {
            #expect(policy.permits(try #require(IPAddress(text))), "\(text)")
        }
        // Loopback behind a translator is some other machine's, so the entry does not speak of it.
        for text in ["10.0.0.1", "::1", "fd00:2::7", "64:ff9b::127.0.0.1", "2002:7f00:1::"] {
            #expect(!policy.permits(try #require(IPAddress(text))), "\(text)")
        }
    }

    private func mapped(_ bits: UInt32) -> IPAddress { .v6(0xFFFF << 32 | UInt128(bits)) }

    private func nat64(_ bits: UInt32) -> IPAddress {
        .v6(0x0064_FF9B << 96 | UInt128(bits))
    }

    private func sixToFour(_ bits: UInt32) -> IPAddress {
        .v6(0x2002 << 112 | UInt128(bits) << 80 | 1)
    }
}
