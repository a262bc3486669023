import OpenSSLCrypto
import Testing

@Suite struct EncodingTests {
    // RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `base64 has RFC 4648's vectors`(plain: String, encoded: String) {
        #expect(base64Encoded(Array(plain.utf8)) == encoded)
        #expect(base64Decoded(encoded.utf8) == Array(plain.utf8))
        let bare = encoded.filter { $0 != "=" }
        #expect(base64Decoded(bare.utf8) == Array(plain.utf8))
    }

    @Test(arguments: [
        "Z", "Zg=", "Zh==", "Zg===", "Zm9v=", "Zm 9", "Zm9v\n", "Zm-_", "====", "=Zg=",
    ])
    func `base64 refuses every other spelling`(text: String) {
        #expect(base64Decoded(text.utf8) == nil)
    }

    @Test func `hexadecimal goes both ways in either case`() {
        #expect(hexEncoded([0x00, 0xFF, 0x1a]) == "00ff1a")
        #expect(hexDecoded("00Ff1A".utf8) == [0x00, 0xFF, 0x1a])
        for bad in ["0", "0g", "0x00", "00 ", "ｆｆ"] { #expect(hexDecoded(bad.utf8) == nil) }
    }
}
