/// A range of IP addresses that share a prefix, as in `192.30.252.0/22` (RFC 4632, RFC 4291 §2.3).
package struct IPNetwork: Sendable, Hashable {
    /// The first address of the range.
    package let base: IPAddress
    /// How many leading bits are shared: 0...32 for IPv4, 0...128 for IPv6.
    package let prefixLength: Int

    /// Parses `address/length`; an address alone is a network of one.
    ///
    /// Nil for anything else, and when a bit behind the prefix is set: whoever wrote `10.1.2.3/8`
    /// meant either `10.0.0.0/8` or `10.1.2.3`, and an access list is no place to guess.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        guard parts.count == 2 else {
            self.init(base: address, prefixLength: address.bitCount)
            return
        }
        guard let length = decimalNumber(parts[1].utf8, max: address.bitCount) else { return nil }
        self.init(base: address, prefixLength: length)
    }

    /// Nil when `prefixLength` is too large for the address, or a bit of `base` behind it is set.
    ///
    /// A network of v4-mapped addresses becomes the IPv4 network that it stands for.
    package init?(base: IPAddress, prefixLength: Int) {
        guard (0...base.bitCount).contains(prefixLength),
            base.masked(to: prefixLength) == base
        else { return nil }
        let unmapped = base.unmapped
        self.base = unmapped
        self.prefixLength = prefixLength - (base.bitCount - unmapped.bitCount)
    }

    /// Whether the address is in the range.
    ///
    /// A v4-mapped address counts as the IPv4 address that it stands for, and as nothing else:
    /// `::/0` has every IPv6 address and no IPv4 one.
    package func contains(_ address: IPAddress) -> Bool {
        address.unmapped.masked(to: prefixLength) == base
    }
}

extension IPNetwork: CustomStringConvertible {
    /// The canonical text, always with the length: `10.0.0.0/8`.
    package var description: String { "\(base)/\(prefixLength)" }
}

extension IPAddress {
    fileprivate var bitCount: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    fileprivate func masked(to prefixLength: Int) -> IPAddress {
        switch self {
        case .v4(let bits): .v4(bits & (.max << max(0, 32 - prefixLength)))
        case .v6(let bits): .v6(bits & (.max << max(0, 128 - prefixLength)))
        }
    }
}
