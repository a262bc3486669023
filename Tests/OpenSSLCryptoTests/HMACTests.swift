import OpenSSLCrypto
import Testing

@Suite struct HMACTests {
    // RFC 4231 §4.2 and §4.3.
    @Test func `computes RFC 4231's codes`() {
        let first = hmac(.sha256, key: [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8))
        #expect(
            hexEncoded(first)
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        let second = hmac(
            .sha512, key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        #expect(
            hexEncoded(second)
                == "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")
    }

    @Test func `a context gives the same code for the same message again`() {
        let context = HMACContext(.sha256, key: Array("key".utf8))
        let message = Array("message".utf8)
        let first = message.withUnsafeBytes { context.authenticate($0) }
        _ = [UInt8](repeating: 1, count: 9).withUnsafeBytes { context.authenticate($0) }
        let again = message.withUnsafeBytes { context.authenticate($0) }
        #expect(first == again)
        #expect(first == hmac(.sha256, key: Array("key".utf8), message))
    }

    @Test func `an empty key is a key`() {
        // Computed with Python's hmac.
        #expect(
            hexEncoded(hmac(.sha256, key: [], []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `hashes in pieces as in one`() {
        // FIPS 180-4 example "abc".
        var hash = SHA256Hash()
        hash.update("a")
        hash.update(UInt8(ascii: "b"))
        hash.update("c")
        #expect(
            hash.finishHex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hexEncoded(sha256(""))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func `compares by content and by length`() {
        #expect(constantTimeEqual([1, 2], [1, 2]))
        #expect(!constantTimeEqual([1, 2], [1, 3]))
        #expect(!constantTimeEqual([1, 2], [1]))
        #expect(constantTimeEqual([], []))
    }

    @Test func `a secret does not print itself`() {
        let secret = Secret("hunter2")
        #expect("\(secret)" == "<redacted>")
        #expect(String(reflecting: secret) == "<redacted>")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("104"))
        #expect(secret == Secret("hunter2"))
        #expect(secret != Secret("hunter3"))
    }
}
