package import EventPoll

/// Which addresses a request may connect to.
///
/// A URL that came from outside may name, or resolve to, a host that only this machine can reach.
/// So every address is refused that IANA's special-purpose registries (RFC 6890) do not call
/// globally reachable, unless ``allowed`` has it.
package struct AddressPolicy: Sendable, Equatable {
    /// Networks that may be connected to whatever they are.
    package let allowed: [IPNetwork]

    package init(allowed: [IPNetwork] = []) { self.allowed = allowed }

    /// Whether the address may be connected to.
    package func permits(_ address: IPAddress) -> Bool {
        allowed.contains { $0.contains(address) } || AddressPolicy.purpose(of: address) == nil
    }

    /// What a special address is for, with the source that says so; nil for a public one.
    ///
    /// An IPv6 address that carries an IPv4 one is what that one is.
    package static func purpose(of address: IPAddress) -> String? {
        let address = address.unmapped
        if let block = specialBlocks.first(where: { $0.network.contains(address) }) {
            return block.purpose
        }
        guard case .v6(let bits) = address else { return nil }
        if let carried = carriedV4(bits) { return purpose(of: carried) }
        // What IANA has not given out yet belongs to nobody that could be meant.
        return globalUnicast.contains(address) ? nil : "reserved (RFC 4291)"
    }

    /// The IPv4 address that a translator or a relay would send to.
    private static func carriedV4(_ bits: UInt128) -> IPAddress? {
        if nat64.contains(.v6(bits)) { return .v4(UInt32(truncatingIfNeeded: bits)) }
        if sixToFour.contains(.v6(bits)) { return .v4(UInt32(truncatingIfNeeded: bits >> 80)) }
        return nil
    }
}

private let globalUnicast = network("2000::/3")  // RFC 4291 §2.4, IANA's IPv6 address space
private let nat64 = network("64:ff9b::/96")  // RFC 6052 §2.1
private let sixToFour = network("2002::/16")  // RFC 3056 §2

private struct SpecialBlock: Sendable {
    let network: IPNetwork
    let purpose: String

    init(_ text: String, _ purpose: String) {
        network = HTTPClient.network(text)
        self.purpose = purpose
    }
}

/// The rows of IANA's IPv4 and IPv6 special-purpose address registries that are not globally
/// reachable, the multicast blocks, and the hosts where clouds serve credentials; narrow blocks
/// come first, for their purpose says more.
///
/// 192.0.0.0/24 and 2001::/23 have a few reachable addresses inside (anycast for PCP, TURN, AMT,
/// AS112); none is a web server, so the whole blocks are refused.
private let specialBlocks = [
    SpecialBlock("169.254.169.254", "cloud metadata (Amazon EC2 instance metadata service)"),
    SpecialBlock("169.254.170.2", "cloud metadata (Amazon ECS container credentials)"),
    SpecialBlock("169.254.170.23", "cloud metadata (Amazon EKS Pod Identity)"),
    SpecialBlock("168.63.129.16", "cloud metadata (Azure wire server)"),
    SpecialBlock("100.100.100.200", "cloud metadata (Alibaba Cloud ECS)"),
    SpecialBlock("0.0.0.0", "unspecified (RFC 1122)"),
    SpecialBlock("0.0.0.0/8", "this network (RFC 791)"),
    SpecialBlock("10.0.0.0/8", "private (RFC 1918)"),
    SpecialBlock("100.64.0.0/10", "carrier-grade NAT (RFC 6598)"),
    SpecialBlock("127.0.0.0/8", "loopback (RFC 1122)"),
    SpecialBlock("169.254.0.0/16", "link-local (RFC 3927)"),
    SpecialBlock("172.16.0.0/12", "private (RFC 1918)"),
    SpecialBlock("192.0.0.0/24", "IETF protocol assignments (RFC 6890)"),
    SpecialBlock("192.0.2.0/24", "documentation (RFC 5737)"),
    SpecialBlock("192.88.99.0/24", "6to4 relay anycast (RFC 7526)"),
    SpecialBlock("192.168.0.0/16", "private (RFC 1918)"),
    SpecialBlock("198.18.0.0/15", "benchmarking (RFC 2544)"),
    SpecialBlock("198.51.100.0/24", "documentation (RFC 5737)"),
    SpecialBlock("203.0.113.0/24", "documentation (RFC 5737)"),
    SpecialBlock("224.0.0.0/4", "multicast (RFC 5771)"),
    SpecialBlock("255.255.255.255", "broadcast (RFC 919)"),
    SpecialBlock("240.0.0.0/4", "reserved (RFC 1112)"),

    SpecialBlock("fd00:ec2::254", "cloud metadata (Amazon EC2 instance metadata service)"),
    SpecialBlock("fd00:ec2::23", "cloud metadata (Amazon EKS Pod Identity)"),
    SpecialBlock("fd20:ce::254", "cloud metadata (Google Compute Engine)"),
    SpecialBlock("::", "unspecified (RFC 4291)"),
    SpecialBlock("::1", "loopback (RFC 4291)"),
    SpecialBlock("::/96", "IPv4-compatible (RFC 4291)"),
    SpecialBlock("64:ff9b:1::/48", "local-use translation (RFC 8215)"),
    SpecialBlock("100::/64", "discard-only (RFC 6666)"),
    SpecialBlock("2001::/32", "Teredo (RFC 4380)"),
    SpecialBlock("2001:2::/48", "benchmarking (RFC 5180)"),
    SpecialBlock("2001::/23", "IETF protocol assignments (RFC 2928)"),
    SpecialBlock("2001:db8::/32", "documentation (RFC 3849)"),
    SpecialBlock("3fff::/20", "documentation (RFC 9637)"),
    SpecialBlock("5f00::/16", "segment routing (RFC 9602)"),
    SpecialBlock("fc00::/7", "unique-local (RFC 4193)"),
    SpecialBlock("fe80::/10", "link-local (RFC 4291)"),
    SpecialBlock("fec0::/10", "site-local (RFC 3879)"),
    SpecialBlock("ff00::/8", "multicast (RFC 4291)"),
]

private func network(_ text: String) -> IPNetwork {
    guard let network = IPNetwork(text) else { preconditionFailure("\(text) is no network") }
    return network
}
