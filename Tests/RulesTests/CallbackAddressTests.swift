import Rules
import Testing

@Suite struct CallbackAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1", 0x7F00_0001), ("2130706433", 0x7F00_0001), ("0x7f000001", 0x7F00_0001),
            ("0X7F000001", 0x7F00_0001), ("127.1", 0x7F00_0001), ("127.0.1", 0x7F00_0001),
            ("0177.0.0.1", 0x7F00_0001), ("017700000001", 0x7F00_0001), ("127.0.0.1.", 0x7F00_0001),
            ("0x7f.1", 0x7F00_0001), ("0", 0), ("4294967295", 0xFFFF_FFFF),
            ("1.16777215", 0x01FF_FFFF), ("1.2.65535", 0x0102_FFFF), ("1.2.3.255", 0x0102_03FF),
            ("169.254.169.254", 0xA9FE_A9FE), ("\u{FF11}27.0.0.\u{FF11}", 0x7F00_0001),
            ("\u{2460}27.1", 0x7F00_0001),
        ] as [(String, UInt32)])
    func `every spelling of an IPv4 address is the address`(host: String, bits: UInt32) throws {
        #expect(try CallbackURL("https://\(host)/x").ipv4 == bits)
        #expect(try CallbackURL("http://\(host):8080").ipv4 == bits)
    }

    @Test(arguments: [
        "4294967296", "0x100000000", "256.1.1.1", "1.2.3.256", "1.16777216", "1.2.65536",
        "1.2.3.4.5",
        "08.0.0.1", "0x", "0x.1", "1..2", ".1", "...", ".", "127.0.0.1..",
        "99999999999999999999999999",
    ])
    func `a host of numbers that is no address is refused`(host: String) {
        #expect(throws: CallbackURLError.host) { try CallbackURL("https://\(host)/x") }
    }

    @Test(arguments: [
        "example.com", "example.com.", "1.example.com", "0x7g.1", "127.0.0.one", "a1", "0xy", "1a",
        "3com", "\u{4E00}", "[::1]", "[::ffff:127.0.0.1]", "1-2",
    ])
    func `any other host is no IPv4 address`(host: String) throws {
        #expect(try CallbackURL("https://\(host)/x").ipv4 == nil)
    }

    @Test(arguments: [
        "https://ci.example.com/*", "http://ci.example.com/hooks/*", "https://*.example.com/*",
        "https://ci.example.com:8443/a*", "https://127.0.0.1:9000/*", "https://[::1]/*",
        "HTTPS://CI.EXAMPLE.COM/*", "https://m\u{FC}nchen.example/*",
    ])
    func `an entry that allows callbacks is a scheme, a host, a port and a path`(
        text: String
    ) throws {
        #expect(try CallbackPattern(text).text == text)
    }

    @Test(
        arguments: [
            ("", .end), ("https://ci.example.com/", .end), ("*", .url(.scheme)),
            ("ci.example.com/*", .url(.scheme)), ("ftp://ci.example.com/*", .url(.scheme)),
            ("*://ci.example.com/*", .url(.scheme)), ("https://ci.example.com*", .path),
            ("https://*", .url(.host)), ("https:///*", .url(.host)), ("https://*/*", .wildcard),
            ("https://a.*.example.com/*", .wildcard), ("https://*example.com/*", .wildcard),
            ("https://*.*.example.com/*", .wildcard), ("https://ci.example.com:*/*", .wildcard),
            ("https://ci.example.com/*/x*", .wildcard), ("https://ci.example.com/**", .wildcard),
            ("https://ci.example.com/?a=*", .query), ("https://ci.example.com?/*", .query),
            ("https://ci.example.com/#*", .url(.fragment)),
            ("https://u@x/*", .url(.userInformation)),
            ("https://x:0/*", .url(.port)), ("https://x:65536/*", .url(.port)),
            ("https://*.127.0.0.1/*", .subdomains), ("https://*.[::1]/*", .subdomains),
            ("https://256.1.1.1/*", .url(.host)), ("https://a b/*", .url(.character)),
        ] as [(String, CallbackPatternError)])
    func `an entry of any other form is refused`(text: String, error: CallbackPatternError) {
        #expect(throws: error) { try CallbackPattern(text) }
    }
}
