import EventPoll
import Testing

@Suite struct IPNetworkTests {
    @Test(arguments: [
        ("192.30.252.0/22", "192.30.252.0/22"), ("10.0.0.1", "10.0.0.1/32"), ("::1", "::1/128"),
        ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"), ("10.0.0.1/32", "10.0.0.1/32"),
        ("2001:DB8:0::/48", "2001:db8::/48"), ("128.0.0.0/1", "128.0.0.0/1"),
        ("2001:db8::1/128", "2001:db8::1/128"), ("fe80::/10", "fe80::/10"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::ffff:10.0.0.1", "10.0.0.1/32"),
    ])
    func `parses an address with a prefix length`(text: String, canonical: String) {
        #expect(IPNetwork(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
        "10.0.0.0/8/8", "10.0.0.0/8 ", "10.0.0.0 /8", "10.0.0.0/a", "10.0.0.0/255.0.0.0", "::/129",
        "10/8", "10.0.0/8", "localhost/8", "::/00", "10.0.0.0/٨",
    ])
    func `refuses anything else`(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: ["10.1.0.0/8", "10.0.0.1/31", "128.0.0.0/0", "2001:db8::1/127", "::1/0"])
    func `refuses bits behind the prefix`(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: [
        ("192.30.252.0/22", "192.30.252.0", "192.30.255.255", "192.30.251.255", "192.31.0.0"),
        ("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
        ("10.0.0.5", "10.0.0.5", "10.0.0.5", "10.0.0.4", "10.0.0.6"),
        (
            "2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db7:ffff::", "2001:db9::"
        ),
        ("fe80::/10", "fe80::", "febf:ffff::1", "fe7f:ffff::1", "fec0::"),
    ])
    func `has its first and last address and no neighbour`(
        network: String, first: String, last: String, before: String, after: String
    ) throws {
        let network = try #require(IPNetwork(network))
        for inside in [first, last] { #expect(network.contains(try #require(IPAddress(inside)))) }
        for outside in [before, after] {
            #expect(!network.contains(try #require(IPAddress(outside))))
        }
    }

    @Test func `a mapped address counts as IPv4`() throws {
        let mapped = try #require(IPAddress("::ffff:10.1.2.3"))
        let plain = try #require(IPAddress("10.1.2.3"))
        for text in ["10.0.0.0/8", "::ffff:10.0.0.0/104", "0.0.0.0/0", "::ffff:10.1.2.3"] {
            let network = try #require(IPNetwork(text))
            #expect(network.contains(mapped))
            #expect(network.contains(plain))
        }
        let everyV6 = try #require(IPNetwork("::/0"))
        #expect(!everyV6.contains(mapped))
        #expect(!everyV6.contains(plain))
        let everyV4 = try #require(IPNetwork("0.0.0.0/0"))
        #expect(!everyV4.contains(try #require(IPAddress("::a01:203"))))
    }

    @Test func `a prefix length must fit the address`() throws {
        let zero = IPAddress.v4(0)
        #expect(IPNetwork(base: zero, prefixLength: 32) != nil)
        #expect(IPNetwork(base: zero, prefixLength: 33) == nil)
        #expect(IPNetwork(base: zero, prefixLength: -1) == nil)
        #expect(IPNetwork(base: .v6(0), prefixLength: 128) != nil)
        #expect(IPNetwork(base: .v6(0), prefixLength: 129) == nil)
    }
}
